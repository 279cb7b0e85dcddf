#pragma once

#include "openclaw/agents/estimate.hpp"

#include <vector>

namespace openclaw::agents {

// What a conversation has to fit into, in tokens, and what is taken of it beforehand.
struct window_budget {
    std::int64_t context_window = 0;
    std::int64_t max_tokens = 0;   // kept free for the answer
    std::int64_t fixed = 0;        // system prompt and tools
};

// Where the part of `history` begins that is sent along with `tail` (the rows of this turn, which
// are always sent): the longest suffix that fits and begins with a user row, so that it is never
// cut between a call of a tool and its result. history.size() when nothing fits.
std::size_t fit_window(std::span<const chat_message> history, std::span<const chat_message> tail,
                       const window_budget& budget);

// `rows` such that every service takes them: each call of a tool is followed by its result, with
// words in the place of one that is missing, which its client has never sent, and results of no
// call are dropped.
std::vector<chat_message> mend_calls(std::span<const chat_message> rows);

// Whether mend_calls would leave `rows` as they are.
bool is_whole(std::span<const chat_message> rows);

// The result for a call whose outcome nobody knows.
chat_message unknown_outcome(const tool_call& call);

// The calls of `row` that no row of `after` answers.
std::vector<tool_call> unanswered_calls(const chat_message& row, std::span<const chat_message> after);

}  // namespace openclaw::agents
