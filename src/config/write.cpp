#include "config/write.hpp"

#include "config/files.hpp"
#include "config/json5_parser.hpp"

#include "openclaw/config/editor.hpp"

#include <unistd.h>

#include <algorithm>

// write_file and change_file: how a configuration file is replaced.
namespace openclaw::config {

namespace {

namespace fs = std::filesystem;

result<void> keep_backup(const fs::path& file, const text_file& old) {
    return replace_file(file.string() + ".bak", old.text, old.mode, durability::visible);
}

error refused(const std::vector<issue>& errors, const fs::path& file) {
    std::string text;
    for (const auto& i : errors)
        text += (text.empty() ? "" : "\n") + to_string(i, file.string());
    return error(errc::config, text, "The file is as it was.");
}

result<std::string> apply(std::string text, std::span<const change> changes) {
    for (const auto& c : changes) {
        auto next = c.value ? set_in_text(text, c.path, *c.value) : unset_in_text(text, c.path);
        if (!next) return next.error();
        text = std::move(*next);
    }
    return text;
}

} // namespace

error about(const fs::path& file, error e) {
    e.message = file.string() + ": " + e.message;
    return e;
}

fs::path behind_links(const fs::path& file) {
    std::error_code ec;
    const auto real = fs::canonical(file, ec);
    return ec ? file : real;
}

std::vector<issue> new_errors(const load_outcome& before, const load_outcome& after) {
    std::vector<issue> added;
    for (const auto& i : after.issues) {
        const bool known =
            std::any_of(before.issues.begin(), before.issues.end(), [&](const issue& b) {
                return b.severity == severity::error && b.path == i.path && b.message == i.message;
            });
        if (i.severity == severity::error && !known) added.push_back(i);
    }
    return added;
}

result<void> write_file(const fs::path& file, std::string_view text) {
    const auto target = behind_links(file);
    const auto old = read_file(target, max_text_bytes);
    if (!old && old.error().code != errc::not_found) return old.error();
    if (!old) {
        if (auto made = make_private_folder(target.parent_path()); !made) return made;
        return replace_file(target, text, 0600, durability::durable);
    }
    if (auto kept = keep_backup(target, *old); !kept) return kept;
    return replace_file(target, text, old->mode, durability::durable);
}

result<load_outcome> change_file(const fs::path& file, std::span<const change> changes,
                                 const environment& env, std::string_view base_hash) {
    const folder_lock others_wait(behind_links(file).parent_path());
    auto old = read_text_file(file, max_text_bytes);
    if (!old && old.error().code != errc::not_found) return old.error();
    const auto before = load_text(old ? *old : "{}", env);
    if (!base_hash.empty() && before.hash != base_hash) {
        return error(errc::conflict, "the configuration was changed by somebody else meanwhile",
                     "Read it again and repeat the change.");
    }
    auto text = apply(old ? *old : "", changes);
    if (!text) return about(file, text.error());
    auto after = load_text(*text, env);
    if (const auto errors = new_errors(before, after); !errors.empty()) return refused(errors, file);
    if (auto written = write_file(file, *text); !written) return written.error();
    return after;
}

} // namespace openclaw::config
