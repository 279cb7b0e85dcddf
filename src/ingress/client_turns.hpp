#pragma once

#include "ingress/methods.hpp"
#include "openclaw/routing/commands.hpp"

namespace openclaw::ingress {

constexpr std::size_t max_message = 1 << 20;    // bytes of a message's text
constexpr std::size_t max_idempotency = 256;    // bytes

// What a client wishes of the one turn that it starts.
struct turn_wishes {
    std::int64_t time_limit_ms = 0;   // 0: the agent's own
    std::string model;                // for this turn alone, in full; empty: the session's
    std::int64_t session_id = 0;      // of the session that it means; 0: whichever has the key
    std::optional<queue_mode> queue;  // unset: as configured
};
// From `timeoutMs`, `model`, `sessionId` and `queueMode`. What this version does in one way alone
// (`thinking`, `fastMode`) may be asked for in that way, and is refused by name in any other.
result<turn_wishes> turn_wishes_of(const method_call& c);

// What a client says in a session. The idempotency key is also the run's id, so it must be usable
// as one. An empty `agent`: the session's own.
struct client_words {
    std::string session, agent, text, key;
    turn_wishes wishes;
};
// Why a model cannot be had, as a mistake of the one who named it.
error not_a_model(const error& why);
// The command that a message of this call is, unless the call says that its words are words.
std::optional<routing::spoken_command> command_in(const json& params, std::string_view text);
inbound_message message_of(const method_call& c, client_words words);

// Puts it on its way: {runId, status}, as chat.send answers. The command /stop is an abort instead
// (protocol.md §6.6). Errors: the router's.
task<result<json>> start_turn(const method_call& c, client_words words);

}  // namespace openclaw::ingress
