#include "agents/echo_provider.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

// An answer comes in about this many deltas, so that streaming can be seen.
constexpr std::size_t deltas = 4;

constexpr std::string_view introduction =
    "\n\nThis is the built-in echo; no model is configured yet. To talk to a real one set "
    "ANTHROPIC_API_KEY or OPENAI_API_KEY and restart the gateway, or choose a model: "
    "openclaw config set agents.defaults.model anthropic/claude-sonnet-4-20250514";

bool is_first_turn(const conversation& messages) {
    return std::ranges::none_of(messages, [](const auto& m) { return m.role == role::assistant; });
}

bool offers_time(std::span<const tool_definition> tools) {
    return std::ranges::any_of(tools, [](const auto& t) { return t.name == "time"; });
}

std::string results_of(const conversation& messages) {
    std::string text;
    for (const auto& message : messages) {
        if (message.role != role::tool) text.clear();
        for (const auto& part : message.parts) {
            const auto* outcome = std::get_if<tool_result>(&part);
            if (outcome != nullptr) text += (text.empty() ? "" : "\n") + outcome->text;
        }
    }
    return text;
}

// Unique within the conversation, and the same when the same call is made again.
std::string call_id(const conversation& messages) {
    return "echo_" + std::to_string(messages.size());
}

bool is_time(const chat_message& row) {
    if (row.parts.empty()) return false;
    const auto* outcome = std::get_if<tool_result>(&row.parts.front());
    return outcome != nullptr && outcome->name == "time";
}

std::string answer_to(const completion_request& request) {
    const auto& last = request.messages.back();
    if (last.role == role::tool) {
        const auto said = results_of(request.messages);
        return is_time(last) ? "The time is " + said + "." : "The tool said: " + said;
    }
    const auto text = last.text();
    return "You said: " + (text.empty() ? std::string("(no text)") : text);
}

void speak(std::string_view text, completion_observer& observer) {
    const auto step = std::max<std::size_t>(text.size() / deltas, 8);
    while (!text.empty()) {
        auto part = utf8_prefix(text, step);
        if (part.empty()) part = text;  // no character boundary in reach
        observer.on_text(part);
        text.remove_prefix(part.size());
    }
}

token_usage usage_of(const completion_request& request, const chat_message& answer) {
    std::size_t heard = 0;
    for (const auto& message : request.messages) heard += size_of(message);
    return {static_cast<std::int64_t>(heard / 4), static_cast<std::int64_t>(answer.text().size() / 4),
            0, 0};
}

}  // namespace

task<result<completion>> echo_provider::complete(const completion_request& request,
                                                 completion_observer& observer) {
    if (request.messages.empty()) co_return error(errc::rejected, "local/echo: nothing was said");
    chat_message answer;
    answer.role = role::assistant;
    answer.provider = "local";
    answer.model = request.model;
    answer.stop_reason = "stop";
    const auto& last = request.messages.back();
    if (last.role == role::user && last.text() == "/time" && offers_time(request.tools)) {
        answer.parts.push_back(tool_call{call_id(request.messages), "time", "{}"});
        answer.stop_reason = "toolUse";
    } else {
        auto text = answer_to(request);
        if (is_first_turn(request.messages)) text += introduction;
        speak(text, observer);
        answer.parts.push_back(text_part{std::move(text)});
    }
    answer.usage = usage_of(request, answer);
    co_return completion{std::move(answer)};
}

}  // namespace openclaw::agents
