// node.* for operators: which nodes there are and what they may offer (protocol.md §8, tier 2).

#include "ingress/methods.hpp"

#include "ingress/errors.hpp"
#include "ingress/node_json.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_name = 128;

// Its connection, if it is here.
const connected_node* pointer(const std::optional<connected_node>& here) {
    return here ? &*here : nullptr;
}

// One's own wish is no secret: an app tells its user what to approve.
json row_of(const method_call& c, const auth::device& d) {
    const auto here = c.gateway.nodes.find(d.as.id);
    const bool with_wish = c.who.allows(scope::pairing) || c.device == d.as.id;
    return node_json(d, pointer(here), with_wish);
}

void tell_resolved(const method_call& c, const std::string& request, const std::string& node,
                   std::string_view decision) {
    c.gateway.d.hub->devices_changed("node.pair.resolved", {{"requestId", request},
                                                            {"nodeId", node},
                                                            {"decision", decision},
                                                            {"ts", c.gateway.d.time.unix_ms()}});
}

}  // namespace

task<result<json>> call_node_list(method_call c) {
    if (auto loaded = co_await c.gateway.devices.load(); !loaded) co_return loaded.error();
    json nodes = json::array();
    for (const auto& d : c.gateway.devices.devices()) {
        if (d.as.role == "node") nodes.push_back(row_of(c, d));
    }
    co_return json{{"ts", c.gateway.d.time.unix_ms()}, {"nodes", std::move(nodes)}};
}

task<result<json>> call_node_describe(method_call c) {
    auto id = required_text(c, "nodeId", max_device_id);
    if (!id) co_return id.error();
    if (auto loaded = co_await c.gateway.devices.load(); !loaded) co_return loaded.error();
    const auto d = c.gateway.devices.find(*id, "node");
    if (!d) co_return unknown_node();
    auto row = row_of(c, *d);
    row["ts"] = c.gateway.d.time.unix_ms();
    co_return row;
}

task<result<json>> call_node_rename(method_call c) {
    auto id = required_text(c, "nodeId", max_device_id);
    if (!id) co_return id.error();
    auto name = required_text(c, "displayName", max_name);
    if (!name) co_return name.error();
    if (name->find_first_not_of(" \t\r\n") == std::string::npos) {
        co_return bad_params(c, "at /displayName: must be a non-empty string");
    }
    if (auto loaded = co_await c.gateway.devices.load(); !loaded) co_return loaded.error();
    if (!c.gateway.devices.find(*id, "node")) co_return unknown_node();
    auto renamed = co_await c.gateway.devices.rename(*id, *name, c.who);
    if (!renamed) co_return renamed.error();
    co_return json{{"nodeId", *id}, {"displayName", *name}};
}

task<result<json>> call_node_pair_list(method_call c) {
    if (auto loaded = co_await c.gateway.devices.load(); !loaded) co_return loaded.error();
    json pending = json::array(), paired = json::array();
    for (const auto& d : c.gateway.devices.devices()) {
        if (d.as.role != "node") continue;
        const auto here = c.gateway.nodes.find(d.as.id);
        if (d.wish) pending.push_back(wish_json(d, pointer(here)));
        if (d.approved) paired.push_back(node_json(d, pointer(here), true));
    }
    co_return json{{"pending", std::move(pending)}, {"paired", std::move(paired)}};
}

task<result<json>> call_node_pair_approve(method_call c) {
    auto request = required_text(c, "requestId", max_device_id);
    if (!request) co_return request.error();
    auto& devices = c.gateway.devices;
    if (auto loaded = co_await devices.load(); !loaded) co_return loaded.error();
    if (const auto asks = devices.wisher(*request)) {
        for (const auto needed : auth::scopes_to_approve(asks->wish->surface)) {
            if (!c.who.allows(needed)) c.refusal = missing_scope(needed);
        }
    }
    auto approved = co_await devices.approve_surface(*request, c.who);
    if (!approved) co_return approved.error();
    tell_resolved(c, *request, approved->as.id, "approved");
    co_return json{{"requestId", *request}, {"node", row_of(c, *approved)}};
}

task<result<json>> call_node_pair_reject(method_call c) {
    auto request = required_text(c, "requestId", max_device_id);
    if (!request) co_return request.error();
    auto rejected = co_await c.gateway.devices.reject_surface(*request);
    if (!rejected) co_return rejected.error();
    tell_resolved(c, *request, rejected->as.id, "rejected");
    co_return json{{"requestId", *request}, {"nodeId", rejected->as.id}};
}

// The device may no longer come in as a node; its other roles stay.
task<result<json>> call_node_pair_remove(method_call c) {
    auto id = required_text(c, "nodeId", max_device_id);
    if (!id) co_return id.error();
    auto removed = co_await c.gateway.devices.remove(*id, c.who, "node");
    if (!removed && removed.error().code == errc::not_found) co_return unknown_node();
    if (!removed) co_return removed.error();
    c.gateway.nodes.dismiss(*id, "client invalidated: node removed");
    tell_resolved(c, "", *id, "removed");
    co_return json{{"nodeId", *id}};
}

}  // namespace openclaw::ingress
