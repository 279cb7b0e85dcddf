#include "ingress/node_json.hpp"

namespace openclaw::ingress {

namespace {

// Who it is; what it says now comes before what it said when it was paired.
json identity_json(const auth::device& d, const connected_node* here) {
    json out{{"nodeId", d.as.id},
             {"clientId", here != nullptr ? here->client_id : d.as.client_id},
             {"clientMode", here != nullptr ? here->client_mode : d.as.client_mode},
             {"platform", here != nullptr ? here->platform : d.as.platform}};
    const bool speaks = here != nullptr && !here->display_name.empty();
    const auto& said = speaks ? here->display_name : d.as.display_name;
    const auto& name = d.label.empty() ? said : d.label;
    const auto& family = here != nullptr ? here->device_family : d.as.device_family;
    if (!name.empty()) out["displayName"] = name;
    if (!family.empty()) out["deviceFamily"] = family;
    if (!d.as.remote_ip.empty()) out["remoteIp"] = d.as.remote_ip;
    if (here != nullptr) out["version"] = here->version;
    return out;
}

std::string_view state_of(const auth::device& d) {
    if (d.wish) return d.approved ? "pending-reapproval" : "pending-approval";
    return d.approved ? "approved" : "unapproved";
}

}  // namespace

auth::node_surface surface_in_effect(const auth::device& d, const connected_node* here) {
    if (!d.approved || d.revoked_ms != 0) return {};
    return here != nullptr ? auth::common(here->declared, *d.approved) : *d.approved;
}

json node_json(const auth::device& d, const connected_node* here, bool with_wish) {
    auto out = identity_json(d, here);
    const auto surface = surface_in_effect(d, here);
    out["caps"] = surface.caps;
    out["commands"] = surface.commands;
    out["permissions"] = surface.permissions;
    out["paired"] = d.revoked_ms == 0;
    out["connected"] = here != nullptr;
    out["approvalState"] = state_of(d);
    if (here != nullptr) out["connectedAtMs"] = here->connected_ms;
    if (d.seen_ms != 0) out["lastSeenAtMs"] = d.seen_ms;
    if (!with_wish || !d.wish) return out;
    out["pendingRequestId"] = d.wish->id;
    out["pendingDeclaredCaps"] = d.wish->surface.caps;
    out["pendingDeclaredCommands"] = d.wish->surface.commands;
    out["pendingDeclaredPermissions"] = d.wish->surface.permissions;
    return out;
}

json wish_json(const auth::device& d, const connected_node* here) {
    auto out = identity_json(d, here);
    json scopes = json::array();
    for (const auto s : auth::scopes_to_approve(d.wish->surface)) scopes.push_back(name_of(s));
    out["requestId"] = d.wish->id;
    out["caps"] = d.wish->surface.caps;
    out["commands"] = d.wish->surface.commands;
    out["permissions"] = d.wish->surface.permissions;
    out["requiredApproveScopes"] = std::move(scopes);
    out["silent"] = false;
    out["ts"] = d.wish->at_ms;
    return out;
}

}  // namespace openclaw::ingress
