// device.pair.*, device.token.* (protocol.md §8, tier 2).

#include "ingress/device_json.hpp"
#include "ingress/methods.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_role = 32;
constexpr std::size_t max_device_label = 128;

void tell_resolved(const gateway_context& g, const std::string& request, const std::string& device,
                   std::string_view decision) {
    g.d.hub->devices_changed("device.pair.resolved",
                  {{"requestId", request},
                   {"deviceId", device},
                   {"decision", decision},
                   {"ts", g.d.time.unix_ms()}});
}

void note(const method_call& c, std::string_view what, const std::string& device) {
    log::info("ingress", what, {{"device", device}, {"by", c.who.subject()}});
}

// Of an optional list of names; nothing when there is none.
result<std::optional<scope_set>> optional_scopes(const method_call& c) {
    const auto* list = find(c.params, "scopes");
    if (list == nullptr || list->is_null()) return std::optional<scope_set>();
    std::vector<std::string> names;
    if (!list->is_array()) return bad_params(c, "at /scopes: must be array");
    for (const auto& name : *list) {
        if (!name.is_string()) return bad_params(c, "at /scopes: must be an array of strings");
        names.push_back(name.get<std::string>());
    }
    return std::optional(scope_set::parse(names));
}

}  // namespace

task<result<json>> call_device_pair_list(method_call c) {
    auto& devices = c.gateway.devices;
    if (auto loaded = co_await devices.load(); !loaded) co_return loaded.error();
    json pending = json::array(), paired = json::array();
    for (const auto& r : devices.requests()) pending.push_back(request_json(r));
    for (const auto& d : devices.devices()) paired.push_back(device_json(d));
    co_return json{{"pending", std::move(pending)}, {"paired", std::move(paired)}};
}

task<result<json>> call_device_pair_approve(method_call c) {
    auto request = required_text(c, "requestId", max_device_id);
    if (!request) co_return request.error();
    auto approved = co_await c.gateway.devices.approve(*request, c.who);
    if (!approved) co_return approved.error();
    note(c, "a device was approved", approved->as.id);
    tell_resolved(c.gateway, *request, approved->as.id, "approved");
    co_return json{{"requestId", *request}, {"device", device_json(*approved)}};
}

task<result<json>> call_device_pair_reject(method_call c) {
    auto request = required_text(c, "requestId", max_device_id);
    if (!request) co_return request.error();
    auto rejected = co_await c.gateway.devices.reject(*request);
    if (!rejected) co_return rejected.error();
    note(c, "a device was rejected", rejected->as.id);
    tell_resolved(c.gateway, *request, rejected->as.id, "rejected");
    co_return json{{"requestId", *request}, {"deviceId", rejected->as.id}};
}

task<result<json>> call_device_pair_remove(method_call c) {
    auto id = required_text(c, "deviceId", max_device_id);
    if (!id) co_return id.error();
    auto removed = co_await c.gateway.devices.remove(*id, c.who);
    if (!removed) co_return removed.error();
    note(c, "a device was removed", *id);
    c.gateway.d.hub->expel({*id, ""}, "client invalidated: device removed");
    co_return json{{"deviceId", *id}};
}

task<result<json>> call_device_pair_rename(method_call c) {
    auto id = required_text(c, "deviceId", max_device_id);
    if (!id) co_return id.error();
    auto label = required_text(c, "label", max_device_label);
    if (!label) co_return label.error();
    auto renamed = co_await c.gateway.devices.rename(*id, *label, c.who);
    if (!renamed) co_return renamed.error();
    co_return json{{"deviceId", *id}, {"label", *label}};
}

task<result<json>> call_device_token_rotate(method_call c) {
    auto id = required_text(c, "deviceId", max_device_id);
    if (!id) co_return id.error();
    auto role = required_text(c, "role", max_role);
    if (!role) co_return role.error();
    auto scopes = optional_scopes(c);
    if (!scopes) co_return scopes.error();
    auto d = co_await c.gateway.devices.rotate(*id, *role, *scopes, c.who);
    if (!d) co_return d.error();
    note(c, "a device's token was rotated", *id);
    json out{{"deviceId", *id},
             {"role", *role},
             {"scopes", d->as.scopes.names()},
             {"rotatedAtMs", d->rotated_ms}};
    // Only the device itself gets its token into its hands.
    const bool own = c.device == *id;
    out["tokenDelivery"] = own ? "in-band" : "withheld-cross-device";
    if (own) out["token"] = c.gateway.devices.token_of(*d);
    // Whoever got in with the old token goes. So does the caller, behind its answer, when it may do more
    // than the new one.
    const auto held = c.who.scopes();
    const bool stays = d->as.scopes.granted(held) == held;
    c.gateway.d.hub->expel({*id, *role}, "client invalidated: device token rotated",
                           stays ? c.connection : "");
    co_return out;
}

task<result<json>> call_device_token_revoke(method_call c) {
    auto id = required_text(c, "deviceId", max_device_id);
    if (!id) co_return id.error();
    auto role = required_text(c, "role", max_role);
    if (!role) co_return role.error();
    auto d = co_await c.gateway.devices.revoke(*id, *role, c.who);
    if (!d) co_return d.error();
    note(c, "a device's token was revoked", *id);
    c.gateway.d.hub->expel({*id, *role}, "client invalidated: device token revoked");
    co_return json{{"deviceId", *id}, {"role", *role}, {"revokedAtMs", d->revoked_ms}};
}

}  // namespace openclaw::ingress
