#pragma once

#include "ingress/gateway_context.hpp"
#include "ingress/handshake.hpp"

namespace openclaw::ingress {

// What a node that is let in declares: those who may pair hear of it when it is something new.
task<result<void>> declare_surface(gateway_context& gateway, const connect_grant& grant);

connected_node node_of(const connect_grant& grant, std::int64_t now_ms);

}  // namespace openclaw::ingress
