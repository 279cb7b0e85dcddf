#pragma once

#include "openclaw/core/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace openclaw::net {

// An absolute http, https, ws or wss URL (RFC 3986 §3), or unix:/path/to/socket.
struct url {
    std::string scheme;
    std::string host;          // without brackets; for unix: the socket's path
    std::uint16_t port = 0;
    std::string target = "/";  // path and query

    bool is_tls() const { return scheme == "https" || scheme == "wss"; }
    bool is_unix() const { return scheme == "unix"; }
    // "host:port", the host in brackets where it needs them; the port left out when it is usual.
    std::string authority() const;
    std::string str() const;
};

// invalid_input for user info, a missing host, an unknown scheme, or a port that is none.
result<url> parse_url(std::string_view text);

}  // namespace openclaw::net
