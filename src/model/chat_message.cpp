#include "openclaw/model/chat_message.hpp"

#include <algorithm>
#include <optional>

namespace openclaw {

namespace {

// Writes the members of one part.
struct part_writer {
    json_writer& out;

    void operator()(const text_part& p) { out.member("type", "text").member("text", p.text); }
    void operator()(const thinking_part& p) {
        out.member("type", "thinking").member("thinking", p.text).member("signature", p.signature);
    }
    void operator()(const image_part& p) {
        out.member("type", "image").member("mimeType", p.mime_type).member("data", p.base64);
    }
    void operator()(const tool_call& p) {
        out.member("type", "toolCall").member("id", p.id).member("name", p.name);
        out.member("arguments", p.arguments);
    }
    void operator()(const tool_result& p) {
        out.member("type", "toolResult").member("toolCallId", p.call_id);
        out.member("toolName", p.name).member("text", p.text).member("isError", p.is_error);
    }
};

std::optional<message_part> part_from(const json& object) {
    const auto type = string_or(object, "type");
    if (type == "text") return text_part{string_or(object, "text")};
    if (type == "thinking") {
        return thinking_part{string_or(object, "thinking"), string_or(object, "signature")};
    }
    if (type == "image") {
        return image_part{string_or(object, "mimeType"), string_or(object, "data")};
    }
    if (type == "toolCall") {
        return tool_call{string_or(object, "id"), string_or(object, "name"),
                         string_or(object, "arguments")};
    }
    if (type == "toolResult") {
        return tool_result{string_or(object, "toolCallId"), string_or(object, "toolName"),
                           string_or(object, "text"),
                           find_bool(object, "isError").value_or(false)};
    }
    return std::nullopt;
}

chat_message message_of(role r, std::string text) {
    chat_message m;
    m.role = r;
    m.parts.emplace_back(text_part{std::move(text)});
    return m;
}

}  // namespace

token_usage& token_usage::operator+=(const token_usage& other) {
    input += other.input;
    output += other.output;
    cache_read += other.cache_read;
    cache_write += other.cache_write;
    return *this;
}

std::string chat_message::text() const {
    std::string all;
    for (const auto& part : parts) {
        if (const auto* t = std::get_if<text_part>(&part)) all += t->text;
    }
    return all;
}

bool chat_message::has_tool_calls() const {
    return std::any_of(parts.begin(), parts.end(), [](const message_part& p) {
        return std::holds_alternative<tool_call>(p);
    });
}

chat_message user_message(std::string text) { return message_of(role::user, std::move(text)); }

chat_message assistant_message(std::string text) {
    return message_of(role::assistant, std::move(text));
}

void write_parts(json_writer& out, const std::vector<message_part>& parts) {
    out.begin_array();
    for (const auto& part : parts) {
        out.begin_object();
        std::visit(part_writer{out}, part);
        out.end_object();
    }
    out.end_array();
}

std::vector<message_part> parts_from_json(const json& value) {
    std::vector<message_part> parts;
    if (!value.is_array()) return parts;
    parts.reserve(value.size());
    for (const auto& object : value) {
        if (auto part = part_from(object)) parts.push_back(std::move(*part));
    }
    return parts;
}

std::size_t size_of(const chat_message& message) {
    struct counter {
        std::size_t operator()(const text_part& p) const { return p.text.size(); }
        std::size_t operator()(const thinking_part& p) const { return p.text.size(); }
        std::size_t operator()(const image_part& p) const { return p.base64.size(); }
        std::size_t operator()(const tool_call& p) const { return p.arguments.size(); }
        std::size_t operator()(const tool_result& p) const { return p.text.size(); }
    };
    std::size_t bytes = 0;
    for (const auto& part : message.parts) bytes += std::visit(counter(), part);
    return bytes;
}

std::string_view name_of(role r) {
    switch (r) {
    case role::user: return "user";
    case role::assistant: return "assistant";
    case role::tool: return "tool";
    }
    return "user";
}

role role_from(std::string_view name) {
    if (name == "assistant") return role::assistant;
    if (name == "tool") return role::tool;
    return role::user;
}

}  // namespace openclaw
