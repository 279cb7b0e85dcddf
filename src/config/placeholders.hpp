#pragma once

#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include "openclaw/config/editor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::config {

struct restored_text {
    std::string text;
    std::vector<issue> problems; // masks that stand for nothing
};

// Puts back what the mask stands for in a text that somebody wrote who was not shown the secrets:
// the value that `stored` has at the same place, as it is spelled there (a variable, a file). A mask
// where `stored` shows none is a problem. Within lists a place is an index; a list that became
// shorter has lost its places, and an element with an `id` stays with that id.
// A text that is no JSON5 comes back as it is: the loader says so.
restored_text restore_secrets(std::string_view text, std::string_view stored);

// The values of a text under today's names; nothing in it when it is no JSON5.
json5_value tree_of(std::string_view text);

// What was at the place of element `i` of a list: the element with its `id`, else the one with its
// index in a list that did not become shorter. Null: nothing.
const json5_value* counterpart(const json5_value& list, std::size_t i, const json5_value* old);

} // namespace openclaw::config
