#pragma once

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/model/principal.hpp"

#include <optional>
#include <string>

namespace openclaw::ingress {

// What is known of the connection before `connect`.
struct connect_context {
    bool local_socket = false;     // the Unix socket; `local` is its principal
    principal local;
    bool direct_loopback = false;  // a loopback peer that no proxy stands in front of
    bool has_origin = false;       // a browser
};

// A client that has been let in.
struct connect_grant {
    principal who;
    std::string role = "operator";
    std::string auth_method;       // token | local | none
    std::string client_id, client_mode, client_version, platform;
    std::vector<std::string> caps;
};

// Why a client was not let in: an error for its response, and how the socket closes.
struct connect_refusal {
    json error;
    std::uint16_t close_code = 1008;
    std::string close_reason;      // at most 123 bytes
};

struct connect_verdict {
    std::optional<connect_grant> grant;
    connect_refusal refusal;       // without a grant
};

// Decides on the params of `connect` (protocol.md §2.2–2.7). Scopes are what the credential
// grants and the client asks for, never more. Pure.
connect_verdict decide_connect(const json& params, const connect_context& context,
                               const auth::authenticator& authenticator);

}  // namespace openclaw::ingress
