#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::app {

// What a reload hands a changed setting to.
enum class part { logging, clients, routing, agents, jobs };

// Who takes up the setting at a path, as a file has it; nothing: nobody does while the gateway runs.
std::set<part> parts_of(std::string_view path);
std::set<part> parts_of(const std::vector<std::string>& paths);

}  // namespace openclaw::app
