#pragma once

#include "openclaw/model/chat_message.hpp"

#include <string>
#include <string_view>

namespace openclaw::store {

// The body column of a transcript row: parts and what else has no column of its own.
std::string encode_body(const chat_message& row);
// The body of a step inside a turn, which has fewer columns: with the row's id and time.
std::string encode_step(const chat_message& row);
// Fills the members of `row` that `body` holds. A body that is no JSON leaves them empty: one
// damaged row must not make a conversation unreadable.
void decode_body(std::string_view body, chat_message& row);

}  // namespace openclaw::store
