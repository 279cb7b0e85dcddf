#pragma once

#include "openclaw/model/chat_message.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/model/queue_mode.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace openclaw {

struct client_tools;

enum class peer_kind : std::uint8_t { direct, group };

// Where a message came from and where its answer goes.
struct origin {
    std::string channel;             // "telegram", "test", "ws", "http", "hook"
    std::string account = "default";
    peer_kind kind = peer_kind::direct;
    std::string peer;                // the chat: a user id or a group id
    std::string thread;              // empty: none
    std::string sender;              // the stable id of who wrote it
};

enum class priority : std::uint8_t { low, normal, high };

// When the sender learns that the message is safe.
enum class durability : std::uint8_t {
    before_ack,   // committed first, then acknowledged
    with_answer,  // the caller waits on its own request; the answer is the acknowledgement
};

// Limits and wishes of one request to a model; unset means the agent's own.
struct sampling {
    std::optional<double> temperature;
    std::optional<double> top_p;
    std::optional<std::int64_t> max_tokens;
    std::vector<std::string> stop;
};

// One message on its way to an agent, in the common form of every channel and client.
struct inbound_message {
    openclaw::origin origin;
    principal who;
    std::string text;
    std::vector<image_part> images;
    std::string idempotency_key;     // unique per origin.channel and account; empty: none
    std::string run_id;              // names the turn; the router makes one when empty
    std::string agent;               // asked for by name; empty: routing decides
    std::string session;             // asked for by key; empty: routing decides
    bool fresh_session = false;      // the session is known to be new: nothing to load
    openclaw::priority priority = openclaw::priority::normal;
    openclaw::durability durability = openclaw::durability::before_ack;
    std::optional<queue_mode> queue; // unset: as configured
    std::int64_t received_ms = 0;
    bool deliver = false;            // the answer goes out through origin.channel's outbox
    std::int64_t time_limit_ms = 0;  // of its turn, where the agent's own is longer; 0: none
    std::string model;               // "provider/model" asked for; empty: the session's or the agent's
    bool commands = false;           // a first word like "/status" is the gateway's to answer
    std::int64_t session_id = 0;     // with before_ack: the row that the session must have; 0: any

    // Of HTTP clients that bring their own conversation: used while the session has no history.
    std::string extra_system;
    std::vector<chat_message> context;
    openclaw::sampling sampling;

    // Of HTTP clients with tools of their own: the tools, and what those gave that the last answer
    // called. Results come before the text, which may be empty beside them.
    std::shared_ptr<const client_tools> tools;
    std::vector<tool_result> results;
};

}  // namespace openclaw
