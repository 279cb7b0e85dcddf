#pragma once

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/auth/devices.hpp"
#include "openclaw/auth/login_limiter.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/model/principal.hpp"

#include <functional>
#include <optional>
#include <string>

namespace openclaw::ingress {

// What is known of the connection before `connect`.
struct connect_context {
    bool local_socket = false;     // the Unix socket; `local` is its principal
    principal local;
    bool direct_loopback = false;  // a loopback peer that no proxy stands in front of
    bool has_origin = false;       // a browser
    std::string remote_ip;
    auth::login_caller caller;     // as whom it is locked out
    // How long credentials of this kind are not looked at; without the function they always are.
    std::function<std::optional<milliseconds>(auth::credential)> locked_out = {};
};

// A client that has been let in.
struct connect_grant {
    principal who;
    std::string role = "operator";
    std::string auth_method;       // token | device-token | local | none
    std::string client_id, client_mode, client_version, platform;
    std::vector<std::string> caps;
    std::string device_id;         // empty: none was proven
    std::string device_token;
    std::string display_name, device_family;
    std::string instance_id;       // how the client names itself; may be empty
    // Of a node: what it declares, as far as its platform may offer it.
    std::optional<auth::node_surface> surface;
};

// Why a client was not let in: an error for its response, and how the socket closes.
struct connect_refusal {
    json error;
    std::uint16_t close_code = 1008;
    std::string close_reason;      // at most 123 bytes
};

// What has to be done about a device before the verdict holds.
struct pairing_step {
    auth::device_claim claim;
    std::string reason;            // empty: let it in without asking; else why somebody must be asked
};

struct connect_verdict {
    std::optional<connect_grant> grant;
    connect_refusal refusal;       // without a grant
    std::optional<pairing_step> pairing;
    std::vector<auth::credential> failed;   // those that were tried and wrong, let in or not
};

// Decides on the params of `connect` (protocol.md §2.2–2.8). Scopes are what the credential
// grants and the client asks for, never more. `challenge` is the nonce that this connection was
// given. Reads `devices`, which have been loaded, and changes nothing.
connect_verdict decide_connect(const json& params, const connect_context& context,
                               const auth::authenticator& authenticator,
                               const auth::device_registry& devices, std::string_view challenge,
                               std::int64_t now_ms);

// The refusal of a device that waits for approval as `request`, and of one that cannot wait.
connect_refusal refuse_unpaired(const auth::pairing_request& request, const auth::device_registry& devices);
connect_refusal refuse_for_now(const error& why);

}  // namespace openclaw::ingress
