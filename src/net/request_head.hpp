#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/net/http.hpp"
#include "openclaw/net/url.hpp"

#include <string>
#include <string_view>

namespace openclaw::net {

// What the client adds to a request on its way.
struct request_frame {
    std::string_view user_agent;
    std::string_view proxy_authorization;
    bool absolute_form = false;  // the proxy reads the whole URL in the request line
};

// A line break or NUL in a field would let its author write further fields or requests.
// invalid_input for one, for a name or method that is no token, and for Transfer-Encoding.
result<void> check_request(const http_request& request);
result<void> check_fields(const header_list& fields);

// The request as it goes on the wire, body included. `request` has passed check_request.
std::string to_wire(const http_request& request, const url& to, const request_frame& frame);

}  // namespace openclaw::net
