#pragma once

#include "openclaw/agents/directory.hpp"
#include "openclaw/net/http.hpp"

#include <cstdint>

namespace openclaw::agents {

// The HTTP APIs of providers that requests pass through to.
enum class relayed_api : std::uint8_t { chat_completions, responses, embeddings, messages };

// A client's request on its way to a provider.
struct relayed_request {
    relayed_api api = relayed_api::chat_completions;
    net::header_list headers;   // the client's that the provider has to know
    std::string body;           // JSON
};

// A body that goes on as it is may be deeper than one that is read.
inline constexpr std::size_t max_relayed_depth = 128;

// Hands the body to the provider behind `ref`, byte for byte but for the value of `model`, with a key of
// the provider's, and the next one when that is refused, has no credit or is at its limit. Returns its
// response as it comes, which `agents` outlives; in the body of an error and in the errors of a stream
// keys are masked, and a refusal of the last key (401, 403) is an error of the agents' classes. A provider
// that does not speak the API gives invalid_input: Chat Completions, Responses and Embeddings need one of
// OpenAI's kind, Messages an `anthropic-messages` one.
task<result<net::streaming_response>> relay(const directory& agents, net::http_client& client,
                                            const model_ref& ref, relayed_request request);

// Whether an answer is a stream of events; else it comes in one piece, and shown_answer() makes of its
// body what a client may see.
bool is_stream(const net::header_list& headers);
std::string shown_answer(const directory& agents, const model_ref& ref, std::string body);

}  // namespace openclaw::agents
