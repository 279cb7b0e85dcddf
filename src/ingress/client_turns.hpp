#pragma once

#include "ingress/methods.hpp"

namespace openclaw::ingress {

constexpr std::size_t max_message = 1 << 20;    // bytes of a message's text
constexpr std::size_t max_idempotency = 256;    // bytes

// What a client says in a session. The idempotency key is also the run's id, so it must be usable
// as one. An empty `agent`: the session's own.
struct client_words {
    std::string session, agent, text, key;
};
inbound_message message_of(const method_call& c, client_words words);

// Puts it on its way: {runId, status}, as chat.send answers. The text "/stop" is an abort instead
// (protocol.md §6.6). Errors: the router's.
task<result<json>> start_turn(const method_call& c, client_words words);

}  // namespace openclaw::ingress
