#include "ingress/message_json.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

json content_of(const chat_message& m) {
    json parts = json::array();
    for (const auto& part : m.parts) {
        if (const auto* text = std::get_if<text_part>(&part)) {
            parts.push_back({{"type", "text"}, {"text", text->text}});
        } else if (const auto* thought = std::get_if<thinking_part>(&part)) {
            parts.push_back({{"type", "thinking"}, {"thinking", thought->text}});
        } else if (const auto* call = std::get_if<tool_call>(&part)) {
            auto arguments = parse_json(call->arguments.empty() ? "{}" : call->arguments);
            parts.push_back({{"type", "toolCall"},
                             {"id", call->id},
                             {"name", call->name},
                             {"arguments", arguments ? *arguments : json::object()}});
        } else if (const auto* image = std::get_if<image_part>(&part)) {
            parts.push_back({{"type", "image"}, {"mimeType", image->mime_type}});
        } else if (const auto* outcome = std::get_if<tool_result>(&part)) {
            parts.push_back({{"type", "text"}, {"text", outcome->text}});
        }
    }
    return parts;
}

json usage_json(const token_usage& u) {
    return {{"input", u.input},
            {"output", u.output},
            {"totalTokens", u.total()},
            {"cacheRead", u.cache_read},
            {"cacheWrite", u.cache_write}};
}

}  // namespace

json message_json(const chat_message& m) {
    json out{{"content", content_of(m)},
             {"timestamp", m.timestamp_ms},
             {"__openclaw", {{"id", m.id}, {"seq", m.seq}, {"runId", m.run_id}}}};
    switch (m.role) {
    case role::user:
        out["role"] = "user";
        out["idempotencyKey"] = m.id;
        break;
    case role::assistant:
        out["role"] = "assistant";
        out["provider"] = m.provider;
        out["model"] = m.model;
        out["stopReason"] = m.stop_reason.empty() ? "stop" : m.stop_reason;
        if (!m.failure.empty()) out["errorMessage"] = m.failure;
        out["usage"] = usage_json(m.usage);
        break;
    case role::tool:
        out["role"] = "toolResult";
        for (const auto& part : m.parts) {
            const auto* outcome = std::get_if<tool_result>(&part);
            if (outcome == nullptr) continue;
            out["toolCallId"] = outcome->call_id;
            out["toolName"] = outcome->name;
            out["isError"] = outcome->is_error;
        }
        break;
    }
    return out;
}

void shorten(json& message, std::size_t max_bytes) {
    for (auto& part : message["content"]) {
        if (!part.contains("text")) continue;
        const auto text = part["text"].get<std::string>();
        part["text"] = utf8_prefix(text, max_bytes);
    }
}

}  // namespace openclaw::ingress
