#pragma once

#include "ingress/client_request.hpp"

namespace openclaw::ingress {

// A body of POST /v1/responses, checked and taken apart (OpenAI API reference, "Create a model
// response"). Members that protocol.md §7 does not name are ignored. Pure; invalid_input names the
// field that does not pass.
result<client_request> parse_responses_request(json_view body);

}  // namespace openclaw::ingress
