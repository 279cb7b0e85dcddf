#pragma once

#include "ingress/client_request.hpp"

namespace openclaw::ingress {

// A body of POST /v1/chat/completions, checked and taken apart (OpenAI API reference, "Create chat
// completion"; bounds of protocol.md §7). Pure; invalid_input names the field that does not pass.
result<client_request> parse_openai_request(json_view body);

// What Responses has in common with it: model, stream and user; tools and the choice among them; the
// `content` of a message, which is a text or parts of either API.
result<void> read_openai_head(json_view body, client_request& out);
result<void> read_openai_tools(json_view body, client_request& out);
result<message_content> read_openai_content(json_view message, std::string_view whose);

}  // namespace openclaw::ingress
