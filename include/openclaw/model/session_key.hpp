#pragma once

#include "openclaw/core/error.hpp"

#include <string>
#include <string_view>

namespace openclaw {

// The name of a conversation: "agent:<agent>:<rest>" (protocol.md §6.1). `agent` is an agent id;
// `rest` is not empty and may itself hold colons. At most 512 bytes in all.
class session_key {
public:
    session_key() = default;
    session_key(std::string agent, std::string rest)
        : agent_(std::move(agent)), rest_(std::move(rest)) {}

    // "main" and anything without the "agent:" prefix belong to `default_agent`.
    static result<session_key> parse(std::string_view text, std::string_view default_agent);

    const std::string& agent() const noexcept { return agent_; }
    const std::string& rest() const noexcept { return rest_; }
    // invalid_input for a name of those that the gateway makes for itself (protocol.md §7): no caller may
    // choose one.
    result<void> check_choosable() const;
    std::string str() const { return "agent:" + agent_ + ":" + rest_; }

    bool operator==(const session_key&) const = default;

private:
    std::string agent_;
    std::string rest_;
};

// Letters, digits, '-', '_' and '.', at most 64 bytes: what agents and accounts are called.
bool is_valid_id(std::string_view text);

}  // namespace openclaw
