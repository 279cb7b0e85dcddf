#include "agents/openai_request.hpp"

namespace openclaw::agents {

namespace {

json content_of_user(const chat_message& row) {
    json parts = json::array();
    bool only_text = true;
    for (const auto& part : row.parts) {
        if (const auto* text = std::get_if<text_part>(&part)) {
            parts.push_back({{"type", "text"}, {"text", text->text}});
        } else if (const auto* image = std::get_if<image_part>(&part)) {
            only_text = false;
            const auto address = "data:" + image->mime_type + ";base64," + image->base64;
            parts.push_back({{"type", "image_url"}, {"image_url", {{"url", address}}}});
        }
    }
    // Plain text as a plain string: every compatible server reads that.
    if (only_text) return row.text();
    return parts;
}

json calls_of(const chat_message& row) {
    json calls = json::array();
    for (const auto& part : row.parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call == nullptr) continue;
        const auto& arguments = call->arguments.empty() ? std::string("{}") : call->arguments;
        calls.push_back({{"id", call->id},
                         {"type", "function"},
                         {"function", {{"name", call->name}, {"arguments", arguments}}}});
    }
    return calls;
}

void add_assistant(json& messages, const chat_message& row) {
    auto calls = calls_of(row);
    auto text = row.text();
    if (calls.empty() && text.empty()) return;
    json message{{"role", "assistant"}, {"content", nullptr}};
    if (!text.empty()) message["content"] = std::move(text);
    if (!calls.empty()) message["tool_calls"] = std::move(calls);
    messages.push_back(std::move(message));
}

// The API has no flag for a failed tool, so the text says it.
void add_results(json& messages, const chat_message& row) {
    for (const auto& part : row.parts) {
        const auto* outcome = std::get_if<tool_result>(&part);
        if (outcome == nullptr) continue;
        messages.push_back({{"role", "tool"},
                            {"tool_call_id", outcome->call_id},
                            {"content", (outcome->is_error ? "Error: " : "") + outcome->text}});
    }
}

json messages_of(const completion_request& request) {
    json messages = json::array();
    if (!request.system.empty()) {
        messages.push_back({{"role", "system"}, {"content", request.system}});
    }
    for (const auto& row : request.messages) {
        switch (row.role) {
        case role::user:
            messages.push_back({{"role", "user"}, {"content", content_of_user(row)}});
            break;
        case role::assistant: add_assistant(messages, row); break;
        case role::tool: add_results(messages, row); break;
        }
    }
    return messages;
}

json tools_of(const completion_request& request) {
    json tools = json::array();
    for (const auto& tool : request.tools) {
        tools.push_back({{"type", "function"},
                         {"function",
                          {{"name", tool.name},
                           {"description", tool.description},
                           {"parameters", tool.parameters}}}});
    }
    return tools;
}

}  // namespace

json openai_body(const completion_request& request, bool max_completion_tokens) {
    json body{{"model", request.model},
              {"messages", messages_of(request)},
              {"stream", true},
              {"stream_options", {{"include_usage", true}}}};
    body[max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = request.max_tokens;
    if (!request.tools.empty()) body["tools"] = tools_of(request);
    const auto& wish = request.sampling;
    if (wish.temperature) body["temperature"] = *wish.temperature;
    if (wish.top_p) body["top_p"] = *wish.top_p;
    if (!wish.stop.empty()) body["stop"] = wish.stop;
    return body;
}

}  // namespace openclaw::agents
