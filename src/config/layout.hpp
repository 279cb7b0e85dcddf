#pragma once

#include "config/json5_value.hpp"

#include "openclaw/core/json.hpp"

#include <string>
#include <string_view>

// Changes of a JSON5 text that keep its layout: indentation, inline or one per line, comma after
// the last or none. The values come from a parse of the same text.
namespace openclaw::config {

std::string replace_value(std::string_view text, const json5_value& old, const json& value);
std::string insert_member(std::string_view text, const json5_value& object, std::string_view key,
                          const json& value);
std::string insert_item(std::string_view text, const json5_value& list, const json& value);
// `value` is a member's value or an item of `parent`.
std::string remove_element(std::string_view text, const json5_value& parent,
                           const json5_value& value);

// `value` as JSON5 with keys unquoted where they can be; lines after the first begin with `indent`,
// `unit` is one step further. With `strict` it is JSON.
std::string format_json5(const json& value, std::string_view indent, std::string_view unit,
                         bool strict);

} // namespace openclaw::config
