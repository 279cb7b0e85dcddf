#include "agents/stream_assembler.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

// A call that the token limit cut in its arguments must not run with half of them; an empty text
// counts as cut, for {} would be a guess.
void drop_cut_call(chat_message& row) {
    if (row.parts.empty()) return;
    const auto* last = std::get_if<tool_call>(&row.parts.back());
    if (last != nullptr && !parse_json(last->arguments)) row.parts.pop_back();
}

void drop_calls(chat_message& row) {
    std::erase_if(row.parts, [](const auto& p) { return std::holds_alternative<tool_call>(p); });
}

bool says_something(const chat_message& row) {
    return std::ranges::any_of(row.parts, [](const auto& p) {
        return std::holds_alternative<text_part>(p) || std::holds_alternative<tool_call>(p);
    });
}

}  // namespace

result<completion> conclude(chat_message row, stop_cause cause) {
    row.role = role::assistant;
    if (cause == stop_cause::refused) drop_calls(row);
    if (cause == stop_cause::length || cause == stop_cause::window_exceeded) drop_cut_call(row);
    const bool said = says_something(row);
    if (cause == stop_cause::refused && !said) {
        return error(errc::refused, "the model declined to answer");
    }
    if (cause == stop_cause::window_exceeded && !said) {
        return error(errc::context_overflow, "the conversation is too long");
    }
    if (row.has_tool_calls()) row.stop_reason = "toolUse";
    else if (cause == stop_cause::refused) row.stop_reason = "refused";
    else if (cause == stop_cause::stop) row.stop_reason = "stop";
    else row.stop_reason = "length";
    return completion{std::move(row)};
}

error truncated_stream() {
    return error(errc::protocol, "the answer broke off before its end");
}

}  // namespace openclaw::agents
