#pragma once

#include "cli/command_tree.hpp"

#include <string>
#include <vector>

namespace openclaw::cli {

// What may follow one command on the line.
struct completion_entry {
    std::string command;                 // "gateway run"; empty: the program itself
    std::vector<std::pair<std::string, std::string>> commands;   // name, what it does
    std::vector<std::pair<std::string, std::string>> options;    // "--port", what it means
};

// Every command of the tree, groups before their members.
std::vector<completion_entry> completion_entries(const command_tree& tree);

// The script for bash, zsh or fish; invalid_input for another shell.
result<std::string> completion_script(const std::string& shell,
                                      const std::vector<completion_entry>& entries);

}  // namespace openclaw::cli
