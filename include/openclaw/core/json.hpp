#pragma once

#include "openclaw/core/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace openclaw {

using json = nlohmann::json;

// quality.md "Overload": deeper documents are refused.
inline constexpr std::size_t max_json_depth = 32;

// Strict RFC 8259 with a bound on depth. Never throws; invalid_input with the byte offset.
result<json> parse_json(std::string_view text, std::size_t max_depth = max_json_depth);
// One line; bytes that are not UTF-8 become U+FFFD.
std::string dump(const json& value);

// The member `key` when `object` is an object that has it, else null.
const json* find(const json& object, std::string_view key);
// The member if it has the type, else nothing.
std::optional<std::string> find_string(const json& object, std::string_view key);
std::optional<std::int64_t> find_int(const json& object, std::string_view key);
std::optional<bool> find_bool(const json& object, std::string_view key);
std::string string_or(const json& object, std::string_view key, std::string_view fallback = {});

// Appends `text` as a quoted JSON string; what dump() would write, without a DOM.
void append_quoted(std::string& out, std::string_view text);

}  // namespace openclaw
