#pragma once

#include "openclaw/agents/provider.hpp"

namespace openclaw::agents {

// The body of POST /chat/completions for `request`, streamed and with usage. OpenAI itself wants
// `max_completion_tokens`; most compatible servers know `max_tokens` only.
std::string openai_body(const completion_request& request, bool max_completion_tokens);

}  // namespace openclaw::agents
