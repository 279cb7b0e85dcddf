#pragma once

#include "cli/command_tree.hpp"

#include <string>
#include <vector>

namespace openclaw::cli {

struct manual_page {
    std::string name;   // "openclaw-gateway"; its file is openclaw-gateway.1
    std::string text;   // for man(1), in the macros of man(7)
};

// A page for the program and one for each command at the top of the tree, with its members.
std::vector<manual_page> manual_pages(const command_tree& tree);

}  // namespace openclaw::cli
