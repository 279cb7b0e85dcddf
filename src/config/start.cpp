#include "config/files.hpp"
#include "config/json5_parser.hpp"

#include "openclaw/config/reload.hpp"
#include "openclaw/core/random.hpp"

#include <algorithm>

// load_for_start: the first file, and the last good one.
namespace openclaw::config {

namespace {

std::string first_text() {
    system_random random;
    return R"(// The configuration of the openclaw gateway (JSON5: comments and trailing commas are fine).
// Every setting: docs/configuration.md. After a change: openclaw config validate
{
  gateway: {
    network: {
      host: "127.0.0.1",   // "lan" lets other machines in
      port: 18789,
    },
    auth: {
      // What clients present. `openssl rand -hex 32` makes another one.
      token: ")" +
           make_hex_token(random, 32) + R"(",
    },
  },
}
)";
}

result<void> write_first(const std::filesystem::path& file) {
    if (auto made = make_private_folder(file.parent_path()); !made) return made;
    return create_file(file, first_text(), 0600);
}

std::vector<issue> errors_of(const load_outcome& outcome) {
    std::vector<issue> errors;
    std::copy_if(outcome.issues.begin(), outcome.issues.end(), std::back_inserter(errors),
                 [](const issue& i) { return i.severity == severity::error; });
    return errors;
}

error refused(const std::filesystem::path& file, const std::vector<issue>& errors) {
    std::string text = "the configuration does not pass, and there is no earlier one that does";
    for (const auto& i : errors)
        text += "\n  " + to_string(i, file.string());
    return error(errc::config, text, "Correct the file; `openclaw config validate` checks it.");
}

} // namespace

void keep_last_good(const locations& where, const std::string& text) {
    const auto kept = read_text_file(where.last_good(), max_text_bytes);
    if (kept && *kept == text) return;
    if (!make_private_folder(where.state_dir)) return;
    (void)replace_file(where.last_good(), text, 0600, durability::visible);
}

result<startup_config> load_for_start(const locations& where, const environment& env) {
    startup_config start;
    auto loaded = load_file(where.config_file, env);
    if (!loaded && loaded.error().code == errc::not_found) {
        const auto written = write_first(where.config_file);
        if (!written && written.error().code != errc::conflict) return written.error();
        start.created = written.has_value();
        loaded = load_file(where.config_file, env);
    }
    if (loaded && loaded->ok()) {
        keep_last_good(where, loaded->raw);
        start.outcome = std::move(*loaded);
        return start;
    }
    start.degraded = true;
    start.rejected = loaded ? errors_of(*loaded)
                            : std::vector{issue{severity::error, "", 0, 0, loaded.error().message,
                                                loaded.error().hint}};
    auto last = load_file(where.last_good(), env);
    if (!last || !last->ok()) return refused(where.config_file, start.rejected);
    start.outcome = std::move(*last);
    return start;
}

} // namespace openclaw::config
