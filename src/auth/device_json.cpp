#include "auth/device_json.hpp"

namespace openclaw::auth {

namespace {

json claim_json(const device_claim& c) {
    return {{"id", c.id},
            {"publicKey", c.public_key},
            {"role", c.role},
            {"scopes", c.scopes.names()},
            {"clientId", c.client_id},
            {"clientMode", c.client_mode},
            {"platform", c.platform},
            {"deviceFamily", c.device_family},
            {"displayName", c.display_name},
            {"remoteIp", c.remote_ip}};
}

std::vector<std::string> texts_from(const json& in, const char* key) {
    std::vector<std::string> out;
    const auto* list = find(in, key);
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& v : *list) {
        if (v.is_string()) out.push_back(v.get<std::string>());
    }
    return out;
}

std::optional<device_claim> claim_from(const json& in) {
    device_claim c;
    c.id = string_or(in, "id");
    c.public_key = string_or(in, "publicKey");
    c.role = string_or(in, "role");
    if (c.id.empty() || c.role.empty()) return std::nullopt;
    c.scopes = scope_set::parse(texts_from(in, "scopes"));
    c.client_id = string_or(in, "clientId");
    c.client_mode = string_or(in, "clientMode");
    c.platform = string_or(in, "platform");
    c.device_family = string_or(in, "deviceFamily");
    c.display_name = string_or(in, "displayName");
    c.remote_ip = string_or(in, "remoteIp");
    return c;
}

json surface_json(const node_surface& s) {
    return {{"caps", s.caps}, {"commands", s.commands}, {"permissions", s.permissions}};
}

node_surface surface_from(const json& in) {
    node_surface s;
    s.caps = texts_from(in, "caps");
    s.commands = texts_from(in, "commands");
    const auto* permissions = find(in, "permissions");
    if (permissions == nullptr || !permissions->is_object()) return s;
    for (const auto& [name, granted] : permissions->items()) {
        if (granted.is_boolean()) s.permissions[name] = granted.get<bool>();
    }
    return s;
}

}  // namespace

std::string to_stored(const device& d) {
    auto out = claim_json(d.as);
    out["label"] = d.label;
    out["createdAt"] = d.created_ms;
    out["approvedAt"] = d.approved_ms;
    out["generation"] = d.token_generation;
    out["rotatedAt"] = d.rotated_ms;
    out["revokedAt"] = d.revoked_ms;
    if (d.approved) out["approved"] = surface_json(*d.approved);
    if (d.wish) {
        out["wish"] = {{"requestId", d.wish->id},
                       {"at", d.wish->at_ms},
                       {"surface", surface_json(d.wish->surface)}};
    }
    return dump(out);
}

std::optional<device> device_from_stored(std::string_view body) {
    const auto in = parse_json(body);
    if (!in) return std::nullopt;
    auto claim = claim_from(*in);
    if (!claim) return std::nullopt;
    device d;
    d.as = std::move(*claim);
    d.label = string_or(*in, "label");
    d.created_ms = find_int(*in, "createdAt").value_or(0);
    d.approved_ms = find_int(*in, "approvedAt").value_or(0);
    d.token_generation = find_int(*in, "generation").value_or(1);
    d.rotated_ms = find_int(*in, "rotatedAt").value_or(0);
    d.revoked_ms = find_int(*in, "revokedAt").value_or(0);
    if (const auto* approved = find(*in, "approved")) d.approved = surface_from(*approved);
    if (const auto* wish = find(*in, "wish"); wish != nullptr && find(*wish, "surface") != nullptr) {
        d.wish = surface_request{string_or(*wish, "requestId"), surface_from((*wish)["surface"]),
                                 find_int(*wish, "at").value_or(0)};
    }
    return d;
}

std::string to_stored(const pairing_request& r) {
    auto out = claim_json(r.as);
    out["requestId"] = r.id;
    out["reason"] = r.reason;
    out["at"] = r.at_ms;
    return dump(out);
}

std::optional<pairing_request> request_from_stored(std::string_view body) {
    const auto in = parse_json(body);
    if (!in) return std::nullopt;
    auto claim = claim_from(*in);
    if (!claim) return std::nullopt;
    return pairing_request{string_or(*in, "requestId"), string_or(*in, "reason"), std::move(*claim),
                           find_int(*in, "at").value_or(0)};
}

}  // namespace openclaw::auth
