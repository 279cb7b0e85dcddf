#include "openclaw/model/chat_message.hpp"

#include <algorithm>
#include <optional>

namespace openclaw {

namespace {

json to_object(const text_part& p) { return {{"type", "text"}, {"text", p.text}}; }

json to_object(const thinking_part& p) {
    return {{"type", "thinking"}, {"thinking", p.text}, {"signature", p.signature}};
}

json to_object(const image_part& p) {
    return {{"type", "image"}, {"mimeType", p.mime_type}, {"data", p.base64}};
}

json to_object(const tool_call& p) {
    return {{"type", "toolCall"}, {"id", p.id}, {"name", p.name}, {"arguments", p.arguments}};
}

json to_object(const tool_result& p) {
    return {{"type", "toolResult"},
            {"toolCallId", p.call_id},
            {"toolName", p.name},
            {"text", p.text},
            {"isError", p.is_error}};
}

// Writes one part as an object, member by member.
class part_writer {
public:
    explicit part_writer(std::string& out) : out_(out) {}

    void operator()(const text_part& p) {
        begin("text");
        member("text", p.text);
    }
    void operator()(const thinking_part& p) {
        begin("thinking");
        member("thinking", p.text);
        member("signature", p.signature);
    }
    void operator()(const image_part& p) {
        begin("image");
        member("mimeType", p.mime_type);
        member("data", p.base64);
    }
    void operator()(const tool_call& p) {
        begin("toolCall");
        member("id", p.id);
        member("name", p.name);
        member("arguments", p.arguments);
    }
    void operator()(const tool_result& p) {
        begin("toolResult");
        member("toolCallId", p.call_id);
        member("toolName", p.name);
        member("text", p.text);
        out_ += p.is_error ? R"(,"isError":true)" : R"(,"isError":false)";
    }

private:
    void begin(std::string_view type) {
        out_ += R"({"type":")";
        out_ += type;
        out_ += '"';
    }
    void member(std::string_view name, std::string_view value) {
        out_ += ",\"";
        out_ += name;
        out_ += "\":";
        append_quoted(out_, value);
    }

    std::string& out_;
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

json parts_to_json(const std::vector<message_part>& parts) {
    json out = json::array();
    for (const auto& part : parts) {
        out.push_back(std::visit([](const auto& p) { return to_object(p); }, part));
    }
    return out;
}

void append_parts(std::string& out, const std::vector<message_part>& parts) {
    part_writer writer(out);
    out += '[';
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += ',';
        std::visit(writer, parts[i]);
        out += '}';
    }
    out += ']';
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
