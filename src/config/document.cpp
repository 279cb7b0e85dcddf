#include "openclaw/config/document.hpp"

#include "config/aliases.hpp"
#include "config/files.hpp"
#include "config/json5_parser.hpp"
#include "config/moved_secrets.hpp"
#include "config/path.hpp"
#include "config/placeholders.hpp"
#include "config/secrets.hpp"
#include "config/write.hpp"

#include "openclaw/config/editor.hpp"
#include "openclaw/config/foreseen.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <optional>

// read_document, edit_file and rewrite_file
namespace openclaw::config {

namespace {

// The values as they are written; an empty object when the text is no JSON5 object.
json5_value written_values(std::string_view text, bool with_aliases) {
    auto parsed = parse_json5(text);
    auto* root = std::get_if<json5_value>(&parsed);
    if (root == nullptr || root->kind != json5_kind::object) {
        json5_value empty;
        empty.kind = json5_kind::object;
        return empty;
    }
    findings ignored;
    if (with_aliases) apply_aliases(*root, ignored);
    return std::move(*root);
}

document describe(load_outcome loaded, bool exists) {
    document d;
    d.exists = exists;
    d.valid = loaded.ok();
    d.raw = exists ? loaded.raw : "";
    d.hash = to_hex(sha256(d.raw));
    const auto coming = exists ? foreseen(loaded) : std::vector<issue>();
    d.issues = std::move(loaded.issues);
    d.issues.insert(d.issues.end(), coming.begin(), coming.end());
    load_outcome shown;
    shown.tree = std::make_shared<json5_value>(written_values(d.raw, true));
    d.parsed = masked_json(*shown.tree, &field_table(), "");
    auto complete = get_value(shown, "", false);
    if (complete) d.complete = std::move(*complete);
    d.hides = dump(d.parsed).find(redacted) != std::string::npos;
    return d;
}

// The text of the file; nothing when there is none.
result<std::optional<std::string>> stored_text(const std::filesystem::path& file) {
    auto text = read_text_file(file, max_text_bytes);
    if (text) return std::optional(std::move(*text));
    if (text.error().code == errc::not_found) return std::optional<std::string>();
    return error(errc::io, text.error().message, text.error().hint);
}

load_outcome load_stored(const std::optional<std::string>& stored, const environment& env) {
    auto now = load_text(stored.value_or("{}"), env);
    if (!stored) now.raw.clear();
    return now;
}

result<void> check_base(const std::filesystem::path& file, const std::optional<std::string>& stored,
                        const std::string& base_hash) {
    if (base_hash.empty() && !stored) return {};
    if (base_hash.empty()) {
        return error(errc::conflict, "config base hash required for " + file.string() +
                                         "; re-run config.get and retry with baseHash");
    }
    if (base_hash == to_hex(sha256(stored.value_or("")))) return {};
    return error(errc::conflict,
                 "config changed since last load; re-run config.get and retry");
}

// Where a value stands under the name that the file gives it, which may be one of older versions.
std::string path_in_file(const json5_value& from, const json5_value& wanted,
                         const std::string& path) {
    for (const auto& m : from.members) {
        const auto below = join_path(path, m.key);
        if (m.value.begin == wanted.begin && m.value.end == wanted.end) return below;
        if (m.value.begin > wanted.begin || m.value.end < wanted.end) continue;
        return path_in_file(m.value, wanted, below);
    }
    return "";
}

// Without the members that are null, at any depth of objects: they remove what is not there.
json without_nulls(const json& value) {
    if (!value.is_object()) return value;
    json out = json::object();
    for (const auto& [key, member] : value.items()) {
        if (!member.is_null()) out[key] = without_nulls(member);
    }
    return out;
}

// Turns a merge patch into changes of single values, so that the layout of the file stays.
class merge_planner {
public:
    explicit merge_planner(std::string_view stored)
        : spelled_(written_values(stored, false))
        , named_(written_values(stored, true)) {}

    std::vector<change> plan(const json5_value& patch) {
        walk(patch, named_, "");
        return std::move(changes_);
    }

private:
    void walk(const json5_value& patch, const json5_value& old, const std::string& path) {
        for (const auto& m : patch.members) {
            const auto below = join_path(path, m.key);
            const auto* at = old.find(m.key);
            const bool object = m.value.kind == json5_kind::object;
            if (object && at != nullptr && at->kind == json5_kind::object) {
                walk(m.value, *at, below);
            } else if (m.value.kind == json5_kind::null) {
                if (at != nullptr) changes_.push_back({place_of(*at, below), std::nullopt});
            } else if (at == nullptr) {
                changes_.push_back({below, without_nulls(to_json(m.value))});
            } else if (to_json(*at) != to_json(m.value)) {
                changes_.push_back({place_of(*at, below), without_nulls(to_json(m.value))});
            }
        }
    }

    std::string place_of(const json5_value& old, const std::string& named) const {
        auto spelled = path_in_file(spelled_, old, "");
        return spelled.empty() ? named : spelled;
    }

    json5_value spelled_;   // under the names of the file
    json5_value named_;     // under today's names
    std::vector<change> changes_;
};

struct new_text {
    std::string text;
    std::vector<issue> problems;
};

issue whole_file(std::string message, int line = 0, int column = 0) {
    return {severity::error, "", line, column, std::move(message), ""};
}

result<new_text> merged(const std::string& stored, const std::string& raw) {
    const auto parsed = parse_json5(raw);
    if (const auto* failure = std::get_if<json5_failure>(&parsed)) {
        const auto at = position_of(raw, failure->offset);
        return new_text{"", {whole_file(failure->message, at.line, at.column)}};
    }
    const auto& patch = std::get<json5_value>(parsed);
    if (patch.kind != json5_kind::object) {
        return new_text{"", {whole_file("a patch is an object { … } of what changes")}};
    }
    std::string text = stored;
    for (const auto& c : merge_planner(stored).plan(patch)) {
        auto next = c.value ? set_in_text(text, c.path, *c.value) : unset_in_text(text, c.path);
        if (!next) return next.error();
        text = std::move(*next);
    }
    return new_text{std::move(text), {}};
}

result<new_text> make_text(const std::string& stored, const edit& e) {
    if (e.raw.size() > max_text_bytes) {
        return error(errc::too_large, "the configuration may have " +
                                          std::to_string(max_text_bytes) + " bytes at most");
    }
    new_text made{e.raw, {}};
    if (e.what == edit_kind::merge) {
        auto text = merged(stored, e.raw);
        if (!text || !text->problems.empty()) return text;
        made = std::move(*text);
    }
    auto whole = restore_secrets(made.text, stored);
    if (whole.problems.empty()) whole.problems = moved_secrets(whole.text, stored, e.raw);
    return new_text{std::move(whole.text), std::move(whole.problems)};
}

// What comes of `text` in the place of `stored`, which was loaded as `before`.
result<edited> write_over(const std::filesystem::path& file, const std::optional<std::string>& stored,
                          const load_outcome& before, const std::string& text,
                          const environment& env) {
    edited out;
    auto after = load_text(text, env);
    // What is no JSON5 is never written, even over something that is none.
    out.refused = after.tree == nullptr ? after.issues : new_errors(before, after);
    if (!out.refused.empty()) return out;
    if (!stored || *stored != text) {
        if (auto written = write_file(file, text); !written) return written.error();
        out.changes = diff(before, after);
    }
    out.after = describe(std::move(after), true);
    return out;
}

} // namespace

result<document> read_document(const std::filesystem::path& file, const environment& env) {
    auto loaded = load_file(file, env);
    if (loaded) return describe(std::move(*loaded), true);
    if (loaded.error().code != errc::not_found) return loaded.error();
    return describe(load_text("{}", env), false);
}

result<load_outcome> read_loaded(const std::filesystem::path& file, const environment& env) {
    const auto stored = stored_text(file);
    if (!stored) return stored.error();
    return load_stored(*stored, env);
}

result<edited> edit_file(const std::filesystem::path& file, const edit& e, const environment& env) {
    const folder_lock others_wait(behind_links(file).parent_path());
    const auto stored = stored_text(file);
    if (!stored) return stored.error();
    if (auto base = check_base(file, *stored, e.base_hash); !base) return base.error();
    const auto before = load_stored(*stored, env);
    auto made = make_text(stored->value_or("{}"), e);
    if (!made) return about(file, made.error());
    if (!made->problems.empty()) return edited{std::move(made->problems), {}, {}};
    return write_over(file, *stored, before, made->text, env);
}

result<edited> rewrite_file(const std::filesystem::path& file, const text_maker& make,
                            const environment& env) {
    const folder_lock others_wait(behind_links(file).parent_path());
    const auto stored = stored_text(file);
    if (!stored) return stored.error();
    const auto now = load_stored(*stored, env);
    if (!now.ok()) return edited{now.issues, {}, {}};
    const auto text = make(now);
    if (!text) return text.error();
    if (*text == now.raw) return edited{};
    return write_over(file, *stored, now, *text, env);
}

} // namespace openclaw::config
