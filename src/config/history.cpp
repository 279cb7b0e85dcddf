#include "openclaw/config/history.hpp"

#include "config/files.hpp"
#include "config/json5_parser.hpp"

#include "openclaw/config/editor.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace openclaw::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_stored = 2 * max_text_bytes + 65'536;   // a text as JSON, and what is said of it

fs::path folder_in(const fs::path& state_dir) { return state_dir / "config-history"; }
fs::path trial_in(const fs::path& state_dir) { return state_dir / "config-trial.json"; }

fs::path file_of(const fs::path& state_dir, int number) {
    auto digits = std::to_string(number);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    return folder_in(state_dir) / (digits + ".json");
}

// The number in the name of a version's file; 0: it is none.
int number_of(const fs::path& file) {
    const auto name = file.stem().string();
    int number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == name.data() + name.size();
    return whole && file.extension() == ".json" ? number : 0;
}

// The newest first.
std::vector<int> numbers_in(const fs::path& state_dir) {
    std::vector<int> found;
    std::error_code ec;
    for (auto i = fs::directory_iterator(folder_in(state_dir), ec); !ec && i != fs::directory_iterator();
         i.increment(ec)) {
        if (const int number = number_of(i->path()); number > 0) found.push_back(number);
    }
    std::sort(found.rbegin(), found.rend());
    return found;
}

std::optional<kept_version> read_version(const fs::path& state_dir, int number) {
    const auto stored = read_text_file(file_of(state_dir, number), max_stored);
    if (!stored) return std::nullopt;
    const auto body = parse_json(*stored);
    if (!body || !find_string(*body, "text")) return std::nullopt;
    kept_version v;
    v.number = number;
    v.time_ms = find_int(*body, "timeMs").value_or(0);
    v.who = string_or(*body, "who");
    v.text = string_or(*body, "text");
    v.hash = to_hex(sha256(v.text));
    if (const auto* list = find(*body, "changed"); list != nullptr && list->is_array()) {
        for (const auto& path : *list) {
            if (path.is_string()) v.changed.push_back(path.get<std::string>());
        }
    }
    return v;
}

// By what is written: which variables there were then is not known any more.
std::vector<std::string> changes_between(const std::string& before, const std::string& after) {
    const auto unknown = [](const std::string& name) { return std::optional("${" + name + "}"); };
    std::vector<std::string> paths;
    for (auto& c : diff(load_text(before, unknown), load_text(after, unknown))) {
        paths.push_back(std::move(c.path));
    }
    return paths;
}

result<void> remove_file(const fs::path& file) {
    std::error_code ec;
    if (fs::remove(file, ec)) return {};
    if (!ec) return error(errc::not_found, "no change of the configuration waits to be confirmed");
    return error(errc::io, "cannot remove " + file.string() + ": " + ec.message());
}

}  // namespace

result<std::vector<kept_version>> read_versions(const fs::path& state_dir) {
    std::vector<kept_version> all;
    for (const int number : numbers_in(state_dir)) {
        if (auto v = read_version(state_dir, number)) all.push_back(std::move(*v));
    }
    return all;
}

result<kept_version> find_version(const fs::path& state_dir, int number) {
    if (auto v = read_version(state_dir, number)) return std::move(*v);
    return error(errc::not_found, "version " + std::to_string(number) + " of the configuration is not kept",
                 "`openclaw config history` shows those that are.");
}

result<void> keep_version(const fs::path& state_dir, kept_version v) {
    const auto folder = folder_in(state_dir);
    if (auto made = make_private_folder(folder); !made) return made;
    const folder_lock others_wait(folder);
    const auto numbers = numbers_in(state_dir);
    const auto newest = numbers.empty() ? std::nullopt : read_version(state_dir, numbers.front());
    if (newest && newest->text == v.text) return {};
    if (newest && v.changed.empty()) v.changed = changes_between(newest->text, v.text);
    const json body{{"timeMs", v.time_ms}, {"who", v.who}, {"changed", v.changed}, {"text", v.text}};
    const int number = numbers.empty() ? 1 : numbers.front() + 1;
    auto kept = replace_file(file_of(state_dir, number), dump(body), 0600, durability::visible);
    if (!kept) return kept;
    std::error_code ignored;
    for (std::size_t i = most_versions - 1; i < numbers.size(); ++i) {
        fs::remove(file_of(state_dir, numbers[i]), ignored);
    }
    return {};
}

result<void> begin_trial(const fs::path& state_dir, const trial& t) {
    if (auto made = make_private_folder(state_dir); !made) return made;
    const json body{{"untilMs", t.until_ms}, {"hash", t.hash}, {"before", t.before}};
    return replace_file(trial_in(state_dir), dump(body), 0600, durability::durable);
}

result<std::optional<trial>> read_trial(const fs::path& state_dir) {
    const auto stored = read_text_file(trial_in(state_dir), max_stored);
    if (!stored && stored.error().code == errc::not_found) return std::optional<trial>();
    if (!stored) return stored.error();
    const auto body = parse_json(*stored);
    if (!body || !find_string(*body, "before")) {
        return error(errc::io, trial_in(state_dir).string() + " cannot be read",
                     "Remove it; the configuration file stays as it is.");
    }
    return std::optional(trial{find_int(*body, "untilMs").value_or(0), string_or(*body, "hash"),
                               string_or(*body, "before")});
}

result<void> end_trial(const fs::path& state_dir) {
    return remove_file(trial_in(state_dir));
}

result<trial_verdict> settle_trial(const locations& where, std::int64_t now_ms) {
    const auto read = read_trial(where.state_dir);
    if (!read) return read.error();
    if (!*read) return trial_verdict{};
    const auto& t = **read;
    auto now = read_text_file(where.config_file, max_text_bytes);
    if (!now && now.error().code != errc::not_found) return now.error();
    const bool on_trial = now && to_hex(sha256(*now)) == t.hash;
    // Not written yet: whoever began it is about to.
    const bool before_it = now && *now == t.before;
    if ((on_trial || before_it) && now_ms < t.until_ms) return trial_verdict{trial_state::waits, t.until_ms};
    if (on_trial) {
        if (auto written = write_file(where.config_file, t.before); !written) return written.error();
        (void)keep_version(where.state_dir,
                           {0, now_ms, "rolled back: nobody confirmed it in time", {}, {}, t.before});
    }
    if (auto ended = end_trial(where.state_dir); !ended) return ended.error();
    return trial_verdict{on_trial ? trial_state::rolled_back : trial_state::overtaken, 0};
}

}  // namespace openclaw::config
