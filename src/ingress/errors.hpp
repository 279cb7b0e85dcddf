#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/public_message.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/net/http.hpp"

namespace openclaw::ingress {

// The boundaries of the gateway: how an error looks on the wire.

// The HTTP status of an error (RFC 9110, RFC 6585; 507 of RFC 4918 for a full disk).
int http_status(errc code);

// The one error shape of the HTTP surface, which OpenAI's libraries read too:
// {"error":{"message","type","code","param","requestId","details"?}}. A 5xx tells its class, not its
// detail. `details` is what the WebSocket's error object has under this name; null: nothing.
net::http_response error_response(const error& e, const std::string& request_id,
                                  const json& details = nullptr);
net::http_response error_response(int status, std::string_view code, std::string_view message,
                                  const std::string& request_id);

// The answer to a caller without the scope for what it asks; `details` as on the WebSocket.
net::http_response missing_scope_response(scope needed, const std::string& request_id);
json missing_scope_details(scope needed);

// In whose words an error is told.
enum class error_shape : std::uint8_t {
    common,      // the above
    anthropic,   // {"type":"error","error":{"type","message"},"request_id"}
};
// Where Anthropic's libraries look for the id of the request.
inline constexpr const char* anthropic_request_id = "request-id";
net::http_response error_response(error_shape shape, const error& e, const std::string& request_id);
net::http_response error_response(error_shape shape, int status, std::string_view code,
                                  std::string_view message, const std::string& request_id);
// The answer to a request whose turn was taken and failed. The libraries of OpenAI and Anthropic
// repeat a 409, a 429 and any 5xx by themselves; `x-should-retry: false` keeps them from starting a
// turn again that was stopped, that cannot succeed, or that has `acted`, which is: run a tool.
net::http_response turn_failure_response(error_shape shape, const error& e, bool acted,
                                         const std::string& request_id);
// The body of an error, for a stream that has begun.
std::string error_body(error_shape shape, const error& e, const std::string& request_id);

// Whether a turn that failed for this errc, by name, may end otherwise a moment later. One that has
// taken all its time would take it again.
bool may_pass(std::string_view code);

// The answer to a caller who is locked out of trying credentials for this long (429).
net::http_response locked_out_response(error_shape shape, milliseconds wait, const std::string& request_id);

net::http_response json_response(int status, std::string body);
net::http_response text_response(int status, std::string body);

// The `error` object of a WebSocket response (protocol.md §1.2, §3).
json ws_error(const error& e);

// The `error` object for a caller who lacks a scope (protocol.md §3).
json missing_scope(scope needed);

}  // namespace openclaw::ingress
