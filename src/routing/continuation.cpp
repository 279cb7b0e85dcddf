#include "routing/continuation.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace openclaw::routing {

namespace {

std::string in_ticks(const std::string& id) {
    return "`" + printable(id, 128) + "`";
}

// The answer that the conversation ends with, results of its calls aside; null if that is none.
const chat_message* last_answer(std::span<const chat_message> conversation) {
    const auto at = std::find_if(conversation.rbegin(), conversation.rend(),
                                 [](const auto& row) { return row.role != role::tool; });
    if (at == conversation.rend() || at->role != role::assistant) return nullptr;
    return &*at;
}

const tool_call* find_call(const chat_message& answer, const std::string& id) {
    for (const auto& part : answer.parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call != nullptr && call->id == id) return call;
    }
    return nullptr;
}

std::set<std::string> answered_calls(std::span<const chat_message> rows) {
    std::set<std::string> ids;
    for (const auto& row : rows) {
        for (const auto& part : row.parts) {
            if (const auto* outcome = std::get_if<tool_result>(&part)) ids.insert(outcome->call_id);
        }
    }
    return ids;
}

}  // namespace

result<std::vector<chat_message>> rows_of_results(std::span<const chat_message> conversation,
                                                  const std::vector<tool_result>& results) {
    const auto* answer = last_answer(conversation);
    if (answer == nullptr || !answer->has_tool_calls()) {
        return error(errc::invalid_input, "No call of a tool waits for the result of " +
                                              in_ticks(results.front().call_id) + ".");
    }
    auto answered = answered_calls(conversation.subspan(
        static_cast<std::size_t>(answer - conversation.data()) + 1));
    std::vector<chat_message> rows;
    for (const auto& outcome : results) {
        const auto* call = find_call(*answer, outcome.call_id);
        if (call == nullptr) {
            return error(errc::invalid_input, "The result of " + in_ticks(outcome.call_id) +
                                                  " belongs to no call of the last answer.");
        }
        if (!answered.insert(outcome.call_id).second) continue;
        auto& row = rows.emplace_back();
        row.role = role::tool;
        row.parts.push_back(tool_result{outcome.call_id, call->name, outcome.text, outcome.is_error});
    }
    for (const auto& part : answer->parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call == nullptr || answered.contains(call->id)) continue;
        return error(errc::invalid_input, "The call " + in_ticks(call->id) + " has no result. "
                                          "Send the results of all calls of an answer together.");
    }
    return rows;
}

void drop_stopped_answer(std::vector<chat_message>& conversation) {
    while (!conversation.empty() && conversation.back().stop_reason == "aborted") {
        conversation.pop_back();
    }
}

void drop_answer_to(std::vector<chat_message>& conversation, const std::vector<tool_result>& results,
                    std::string_view question) {
    auto end = conversation.size();
    if (end == 0 || conversation[end - 1].role != role::assistant) return;
    if (conversation[--end].has_tool_calls()) return;
    if (!question.empty()) {
        if (end == 0 || conversation[end - 1].role != role::user) return;
        if (conversation[--end].text() != question) return;
    }
    auto first = end;
    while (first > 0 && conversation[first - 1].role == role::tool) --first;
    const auto given = answered_calls(std::span(conversation).subspan(first, end - first));
    const bool same = std::ranges::all_of(results, [&](const auto& r) { return given.contains(r.call_id); });
    if (same) conversation.resize(end);
}

std::vector<chat_message> take_last_exchange(std::vector<chat_message>& conversation) {
    const auto user = std::find_if(conversation.rbegin(), conversation.rend(),
                                   [](const auto& row) { return row.role == role::user; });
    const auto from = user == conversation.rend() ? conversation.begin() : std::prev(user.base());
    std::vector<chat_message> last(std::make_move_iterator(from),
                                   std::make_move_iterator(conversation.end()));
    conversation.erase(from, conversation.end());
    return last;
}

}  // namespace openclaw::routing
