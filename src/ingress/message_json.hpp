#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/model/chat_message.hpp"
#include "openclaw/store/store.hpp"

namespace openclaw::ingress {

// A transcript row as clients read it (protocol.md §6.2).
json message_json(const chat_message& m);
// A SessionRow (protocol.md §8).
json session_json(const store::session_row& s);

}  // namespace openclaw::ingress
