#pragma once

#include "config/json5_scanner.hpp"

#include "openclaw/core/json.hpp"

#include <string_view>
#include <variant>

namespace openclaw::config {

// Larger texts are refused before they are looked at.
inline constexpr std::size_t max_text_bytes = 4 << 20;

// The whole grammar of json5.org; at most `max_depth` nested objects and arrays. The failure is the
// first one: after it nothing is sure.
std::variant<json5_value, json5_failure> parse_json5(std::string_view text,
                                                     std::size_t max_depth = max_json_depth);

} // namespace openclaw::config
