#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/model/chat_message.hpp"

namespace openclaw::ingress {

// A transcript row as clients read it (protocol.md §6.2).
json message_json(const chat_message& m);

}  // namespace openclaw::ingress
