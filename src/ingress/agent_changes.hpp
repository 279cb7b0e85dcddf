#pragma once

#include "openclaw/config/document.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What agents.create, agents.update and agents.delete make of the configuration file's text. Pure. `now`
// is the file as it was loaded, and passes; `now.raw` is empty when there is none.
namespace openclaw::ingress {

// The id of an agent of this name: in lower case, each run of anything but letters of ASCII, digits and
// `_` as one `-`, and none of these at its ends. invalid_input for a name that leaves nothing, more than
// 64 characters, or a word with a meaning of its own.
result<std::string> agent_id_of(std::string_view name);

// Those that a gateway would start with: without a list there is one, called main.
std::vector<config::agent_settings> agents_in(const config::settings& settings);
// not_found when there is none of this id.
result<config::agent_settings> find_agent(const config::settings& settings, std::string_view id);

struct agent_change {
    // Empty: the agent's own goes.
    std::optional<std::string> workspace, model;
};

// conflict when there is one of this id, whatever its case.
result<std::string> with_new_agent(const config::load_outcome& now, const std::string& id,
                                   const agent_change& settings);
// Fallbacks stay. not_found.
result<std::string> with_changed_agent(const config::load_outcome& now, const std::string& id,
                                       const agent_change& change);

struct without_agent {
    std::string text;
    std::size_t removed_bindings = 0;
};
// With the bindings that name it. not_found; conflict for the default agent, which the last one is too.
result<without_agent> with_agent_removed(const config::load_outcome& now, const std::string& id);

}  // namespace openclaw::ingress
