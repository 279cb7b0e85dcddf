#pragma once

#include "openclaw/auth/devices.hpp"
#include "openclaw/core/json.hpp"
#include "ingress/connected_nodes.hpp"

namespace openclaw::ingress {

// `here` is the node's connection, or null.

// What the node may be asked for now: what was approved, and is declared if it is here.
auth::node_surface surface_in_effect(const auth::device& d, const connected_node* here);
// A row of `node.list`; its wish is for those who may pair (protocol.md §8).
json node_json(const auth::device& d, const connected_node* here, bool with_wish);
// A node's wish as `node.pair.list` and `node.pair.requested` show it (§8, §9).
json wish_json(const auth::device& d, const connected_node* here);

}  // namespace openclaw::ingress
