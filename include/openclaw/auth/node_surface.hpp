#pragma once

#include "openclaw/model/principal.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::auth {

// What a node offers, or wants to (protocol.md §8, node role).
struct node_surface {
    std::vector<std::string> caps, commands;   // sorted, each once
    std::map<std::string, bool> permissions;   // what its system has granted it

    bool operator==(const node_surface&) const = default;
    bool offers(std::string_view command) const;
};

// Whether a node on `platform` (as it names itself) may offer `command`. A platform that is not
// known gets nothing that runs anything on it. Pure, as the rest.
bool is_on_platform(std::string_view command, std::string_view platform);
// Whether both are names of one platform, in whatever version.
bool is_same_platform(std::string_view a, std::string_view b);
// Of what a node declares, what its platform may offer; in order and without repetitions.
node_surface on_platform(const node_surface& declared, std::string_view platform);

// Whether `approved` has all of `wanted`, permissions that are denied left aside.
bool covers(const node_surface& approved, const node_surface& wanted);
// What stands in both.
node_surface common(const node_surface& declared, const node_surface& approved);

// What somebody must be allowed to do who approves such a surface.
std::vector<scope> scopes_to_approve(const node_surface& s);

}  // namespace openclaw::auth
