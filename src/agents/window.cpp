#include "agents/window.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

constexpr std::int64_t bytes_per_token = 4;
constexpr std::int64_t row_overhead = 8;
constexpr std::int64_t image_tokens = 1600;

std::int64_t tokens_of(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes) / bytes_per_token + 1;
}

std::int64_t estimate_part(const message_part& part) {
    if (const auto* text = std::get_if<text_part>(&part)) return tokens_of(text->text.size());
    if (const auto* thought = std::get_if<thinking_part>(&part)) {
        return tokens_of(thought->text.size() + thought->signature.size());
    }
    if (const auto* call = std::get_if<tool_call>(&part)) {
        return tokens_of(call->id.size() + call->name.size() + call->arguments.size());
    }
    if (const auto* outcome = std::get_if<tool_result>(&part)) {
        return tokens_of(outcome->call_id.size() + outcome->text.size());
    }
    return image_tokens;
}

const tool_result* result_of(const chat_message& row) {
    for (const auto& part : row.parts) {
        if (const auto* outcome = std::get_if<tool_result>(&part)) return outcome;
    }
    return nullptr;
}

bool answers(const chat_message& row, const tool_call& call) {
    const auto* outcome = result_of(row);
    return row.role == role::tool && outcome != nullptr && outcome->call_id == call.id;
}

// The agent's own calls have results once their turn is in the history.
chat_message unsent_result(const tool_call& call) {
    chat_message row;
    row.role = role::tool;
    row.parts.push_back(
        tool_result{call.id, call.name, "no result: the client went on without sending one", true});
    return row;
}

}  // namespace

std::int64_t estimate_tokens(const chat_message& row) {
    std::int64_t sum = row_overhead;
    for (const auto& part : row.parts) sum += estimate_part(part);
    return sum;
}

std::int64_t estimate_tokens(std::span<const tool_definition> tools) {
    std::int64_t sum = 0;
    for (const auto& tool : tools) {
        sum += row_overhead + tokens_of(tool.name.size() + tool.description.size() +
                                        tool.parameters.text().size());
    }
    return sum;
}

std::int64_t estimate_tokens(std::string_view text) {
    return text.empty() ? 0 : row_overhead + tokens_of(text.size());
}

std::size_t fit_window(std::span<const chat_message> history, std::span<const chat_message> tail,
                       const window_budget& budget) {
    auto left = budget.context_window - budget.max_tokens - budget.fixed;
    for (const auto& row : tail) left -= estimate_tokens(row);
    std::size_t start = history.size();
    for (std::size_t i = history.size(); i-- > 0;) {
        left -= estimate_tokens(history[i]);
        if (left < 0) break;
        if (history[i].role == role::user) start = i;
    }
    return start;
}

std::vector<tool_call> unanswered_calls(const chat_message& row,
                                        std::span<const chat_message> after) {
    std::vector<tool_call> missing;
    for (const auto& part : row.parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call == nullptr) continue;
        const bool answered =
            std::ranges::any_of(after, [&](const auto& r) { return answers(r, *call); });
        if (!answered) missing.push_back(*call);
    }
    return missing;
}

chat_message unknown_outcome(const tool_call& call) {
    chat_message row;
    row.role = role::tool;
    row.parts.push_back(tool_result{
        call.id, call.name, "outcome unknown: the gateway stopped while this ran; check before "
                            "doing it again", true});
    return row;
}

bool is_whole(std::span<const chat_message> rows) {
    std::size_t i = 0;
    while (i < rows.size()) {
        const auto& row = rows[i++];
        if (row.role == role::tool) return false;
        if (row.role != role::assistant) continue;
        for (const auto& part : row.parts) {
            const auto* call = std::get_if<tool_call>(&part);
            if (call == nullptr) continue;
            if (i == rows.size() || !answers(rows[i++], *call)) return false;
        }
    }
    return true;
}

std::vector<chat_message> mend_calls(std::span<const chat_message> rows) {
    std::vector<chat_message> mended;
    mended.reserve(rows.size() + 2);  // the question and its answer follow
    std::size_t i = 0;
    while (i < rows.size()) {
        const auto& row = rows[i++];
        if (row.role == role::tool) continue;  // not behind its call
        mended.push_back(row);
        if (row.role != role::assistant || !row.has_tool_calls()) continue;
        const auto first = i;
        while (i < rows.size() && rows[i].role == role::tool) ++i;
        const auto results = rows.subspan(first, i - first);
        for (const auto& part : row.parts) {
            const auto* call = std::get_if<tool_call>(&part);
            if (call == nullptr) continue;
            const auto at = std::ranges::find_if(
                results, [&](const auto& r) { return answers(r, *call); });
            mended.push_back(at == results.end() ? unsent_result(*call) : *at);
        }
    }
    return mended;
}

}  // namespace openclaw::agents
