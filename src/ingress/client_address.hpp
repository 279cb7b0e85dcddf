#pragma once

#include "openclaw/auth/login_limiter.hpp"
#include "openclaw/net/cidr.hpp"
#include "openclaw/net/http.hpp"
#include "ingress/transport.hpp"

namespace openclaw::ingress {

// Whether a proxy says that it passes this request on.
bool is_forwarded(const net::http_request& head);

// Who stands behind a request: the peer, unless it is in `trusted`; then the nearest address that such
// proxies were asked from. X-Forwarded-For is read from its end, for its beginning is the client's own
// word; X-Real-IP and Forwarded count only without it. What is malformed is not believed: the
// address of the proxy that passed it on stands for it. Pure.
asio::ip::address client_address(const net::http_request& head, const peer_info& peer,
                                 const net::cidr_set& trusted);

// The same as the login limiter has it. The owner's socket is exempt, and so is a client on this machine that
// no proxy passed on and no page in a browser sent: it could read the token from the disk.
auth::login_caller login_caller_of(const net::http_request& head, const peer_info& peer,
                                   const net::cidr_set& trusted);

}  // namespace openclaw::ingress
