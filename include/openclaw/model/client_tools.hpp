#pragma once

#include "openclaw/model/tool.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw {

// What a model may do with the tools that it is told of.
struct tool_choice {
    enum class kind : std::uint8_t {
        automatic,   // call some, or answer
        none,        // answer
        any,         // call at least one
        named,       // call `name`
    };

    kind what = kind::automatic;
    std::string name;
    bool one_at_a_time = false;   // at most one call in an answer
};

// Tools that a client brings along with its message. The model is told of them beside the agent's
// own; its calls of them end the turn, and the client comes back with their results.
//
// The choice speaks of these tools alone: with `none` the model is not told of them, with `any`
// and `named` it is told of no others, so that it calls what the client waits for.
struct client_tools {
    std::vector<tool_definition> offered;
    tool_choice choice;

    bool has(std::string_view name) const {
        return choice.what != tool_choice::kind::none &&
               std::ranges::any_of(offered, [&](const auto& t) { return t.name == name; });
    }
};

}  // namespace openclaw
