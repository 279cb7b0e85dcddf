#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/model/inbound.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::routing {

// Where a message belongs.
struct route {
    std::string agent;
    std::string session_rest;   // the key without "agent:<agent>:"
    openclaw::priority priority = openclaw::priority::normal;
};

// Chooses among `bindings` the one that says most about where the message comes from: a thread
// counts more than a peer, a peer more than a group, then peer kind, account, channel; of two that
// say equally much the first wins. With none the default agent takes it. A name or a session that
// the message itself asks for goes before. Pure.
route choose_route(const std::vector<config::binding_settings>& bindings,
                   std::string_view default_agent, const inbound_message& message);

}  // namespace openclaw::routing
