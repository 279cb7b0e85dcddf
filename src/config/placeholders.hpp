#pragma once

#include "config/findings.hpp"

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

} // namespace openclaw::config
