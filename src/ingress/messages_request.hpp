#pragma once

#include "ingress/client_request.hpp"

namespace openclaw::ingress {

// A body of POST /v1/messages, checked and taken apart (Anthropic API reference, "Create a
// message"). Members that change nothing for an agent are ignored. Pure; invalid_input names the
// field that does not pass.
result<client_request> parse_messages_request(json_view body);
// A body of POST /v1/messages/count_tokens: the same, and `max_tokens` may be missing.
result<client_request> parse_count_request(json_view body);

}  // namespace openclaw::ingress
