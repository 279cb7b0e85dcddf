#pragma once

#include "openclaw/net/http.hpp"

namespace openclaw::ingress {

// What a request's head means beyond its grammar. Pure.

// "GET http://host/path" asks what "GET /path" with that Host asks (RFC 9112 §3.2.2): rewrites the
// one into the other. A request without exactly one Host stays as it is, to be refused.
void take_absolute_form(net::http_request& head);

// The status to refuse the request with before its body is looked at: 501 for a transfer coding that
// is not understood, which leaves the end of the body unknown (RFC 9112 §6.3), 417 for an
// expectation that cannot be met, 400 for HTTP/1.1 without a Host but over the `local` socket. 0: none.
int refusal_of(const net::http_request& head, bool is_http_1_1, bool local);

// The first subprotocol that a WebSocket's upgrade offers; empty when it is no token (RFC 9110 §5.6.2).
std::string first_subprotocol(const net::header_list& headers);

// What is wrong, by the status that a request is refused with before its route is known or has it all.
std::string_view head_problem(int status);
std::string_view body_problem(int status);

}  // namespace openclaw::ingress
