#pragma once

#include "openclaw/agents/directory.hpp"

namespace openclaw::agents {

// Hands an OpenAI Chat Completions body to the provider behind `ref` as it is, but for the name of
// the model, with the provider's key, and returns its response as it comes. For providers that
// speak `openai-completions`; another API gives invalid_input. No state is kept.
task<result<net::streaming_response>> relay_chat_completion(const directory& agents,
                                                            net::http_client& client,
                                                            const model_ref& ref, json body);

}  // namespace openclaw::agents
