#pragma once

#include "openclaw/auth/device_signature.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::ingress {

// The params of `connect` that matter here (protocol.md §2.2), checked for their types.
struct connect_params {
    std::int64_t min_protocol = 0, max_protocol = 0;
    std::string client_id, client_mode, client_version, platform, device_family, display_name;
    std::string instance_id;
    std::string role = "operator";
    std::vector<std::string> scopes, caps;
    std::vector<std::string> commands;            // of a node, as the next
    std::map<std::string, bool> permissions;
    std::string token, password, device_token, bootstrap_token;
    std::string signed_token;                     // the one that a device's signature covers
    std::optional<auth::device_proof> device;

    // What a device's signature covers.
    auth::signed_connect signed_part() const;
};

// invalid_input with the text behind "invalid connect params: ". Pure.
result<connect_params> read_connect_params(const json& params);

}  // namespace openclaw::ingress
