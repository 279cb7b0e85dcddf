#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/model/chat_message.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace openclaw::routing {

// A client comes back with what its tools gave. Pure.

// The rows that this adds to `conversation`, whose last answer called the tools. Results that are
// there already, as when a request is sent again, are left out. invalid_input when a result belongs
// to no call that waits, or a call is left without one.
result<std::vector<chat_message>> rows_of_results(std::span<const chat_message> conversation,
                                                  const std::vector<tool_result>& results);

// A turn that was stopped leaves what it had said. A client that sends its results again asks for
// another answer in that one's place, so it goes.
void drop_stopped_answer(std::vector<chat_message>& conversation);

// The same for an answer that was given on these very results, and on `question` if one came with them: a
// client that did not get it sends the request again.
void drop_answer_to(std::vector<chat_message>& conversation, const std::vector<tool_result>& results,
                    std::string_view question);

// Cuts off what begins with the last user row; everything if there is none.
std::vector<chat_message> take_last_exchange(std::vector<chat_message>& conversation);

}  // namespace openclaw::routing
