#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/model/chat_message.hpp"

namespace openclaw::ingress {

// A transcript row as clients read it (protocol.md §6.2).
json message_json(const chat_message& m);

// Shortens every text of such a message, to so many bytes and no half character.
void shorten(json& message, std::size_t max_bytes);

}  // namespace openclaw::ingress
