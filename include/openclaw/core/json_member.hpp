#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace openclaw {

// Finds the value of the member `name` of a document, which must be an object, and returns its bytes:
// a part of `text`. Reads the whole document as strictly as parse_json(), which takes what this one
// takes but for numbers too large for it, in one pass that keeps nothing, so that large bodies can be
// handed on as they are. Errors: invalid_input for no JSON, none of UTF-8, no object, deeper than
// `max_depth`, two members of that name.
result<std::optional<std::string_view>> find_member(std::string_view text, std::string_view name,
                                                    std::size_t max_depth = max_json_depth);

}  // namespace openclaw
