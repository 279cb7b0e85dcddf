#pragma once

#include "cli/context.hpp"
#include "openclaw/core/secret.hpp"
#include "openclaw/net/url.hpp"

#include <string>

namespace openclaw::cli {

// Where the gateway is asked, and with which credential.
struct endpoint {
    net::url http, ws;    // the same place twice
    secret token;         // empty over the Unix socket: the peer's user is the credential
    std::string shown;    // for messages
    bool local = true;    // never through a proxy
};

// --url or OPENCLAW_GATEWAY_URL, else the Unix socket of the state folder, else the address that
// the configuration names. Opens no connection.
result<endpoint> find_endpoint(const context& x);

// The same place for HTTP and WebSocket; invalid_input says what a URL looks like.
result<endpoint> endpoint_of(const std::string& url);

}  // namespace openclaw::cli
