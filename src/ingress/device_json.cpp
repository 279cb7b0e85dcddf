#include "ingress/device_json.hpp"

namespace openclaw::ingress {

namespace {

json claim_json(const auth::device_claim& c) {
    json out{{"deviceId", c.id},
             {"publicKey", c.public_key},
             {"role", c.role},
             {"roles", json::array({c.role})},
             {"scopes", c.scopes.names()},
             {"clientId", c.client_id},
             {"clientMode", c.client_mode},
             {"platform", c.platform}};
    if (!c.device_family.empty()) out["deviceFamily"] = c.device_family;
    if (!c.display_name.empty()) out["displayName"] = c.display_name;
    if (!c.remote_ip.empty()) out["remoteIp"] = c.remote_ip;
    return out;
}

}  // namespace

json device_json(const auth::device& d) {
    auto out = claim_json(d.as);
    out["createdAtMs"] = d.created_ms;
    out["approvedAtMs"] = d.approved_ms;
    if (d.seen_ms != 0) out["lastSeenAtMs"] = d.seen_ms;
    if (!d.label.empty()) out["label"] = d.label;
    json token{{"role", d.as.role}, {"scopes", d.as.scopes.names()}, {"createdAtMs", d.created_ms}};
    if (d.rotated_ms != 0) token["rotatedAtMs"] = d.rotated_ms;
    if (d.revoked_ms != 0) token["revokedAtMs"] = d.revoked_ms;
    out["tokens"] = json::array({std::move(token)});
    return out;
}

json request_json(const auth::pairing_request& r) {
    auto out = claim_json(r.as);
    out["requestId"] = r.id;
    out["silent"] = false;
    out["isRepair"] = r.reason != "not-paired";
    out["ts"] = r.at_ms;
    return out;
}

}  // namespace openclaw::ingress
