#pragma once

#include "openclaw/config/loader.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace openclaw::config {

// Changes one value in a JSON5 text and leaves every other byte: comments, order, indentation.
// `path` is dotted, with [n] for array elements; missing objects on the way are made.
// invalid_input when the path runs through something that is no object.
result<std::string> set_in_text(std::string_view text, std::string_view path, const json& value);
// Removes the member; not_found when it is not there.
result<std::string> unset_in_text(std::string_view text, std::string_view path);

// Replaces the file atomically (temporary file, fsync, rename, fsync of the folder), keeps the
// mode, and keeps what was there as `<file>.bak`.
result<void> write_file(const std::filesystem::path& file, std::string_view text);

// What `config set` and `config unset` do to one path; no value: unset.
struct change {
    std::string path;
    std::optional<json> value;
};
// Changes the file, but only when the result has no error that was not there before; comments stay,
// `<file>.bak` is what was there. A missing file is made. `base_hash`: conflict unless the file
// still has that hash. Error `config` with all new problems when the result does not pass.
result<load_outcome> change_file(const std::filesystem::path& file, std::span<const change> changes,
                                 const environment& env, std::string_view base_hash = {});

// What a masked secret shows as. A file that holds it in a secret's place does not pass.
inline constexpr std::string_view redacted = "__OPENCLAW_REDACTED__";

// The value at `path` of the file as JSON with secrets masked, unless `reveal`. An unset field of
// the table gives its default, an object what is set and the defaults of the rest; an empty path is
// the whole configuration. not_found: no such setting.
result<json> get_value(const load_outcome& loaded, std::string_view path, bool reveal);

// What is written at `path` of a text, as it is written there: with its variables and the names of its
// files. Null: nothing.
json written_value(std::string_view text, std::string_view path);

// Generated from the field table.
std::string manual_markdown();   // docs/configuration.md
json json_schema();
// A field's type as `config set` needs it: parses "true", "5m", "[…]" or a bare string.
result<json> parse_value(std::string_view path, std::string_view text);

}  // namespace openclaw::config
