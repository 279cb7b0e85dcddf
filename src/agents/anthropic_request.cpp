#include "agents/anthropic_request.hpp"

#include "agents/anthropic_stream.hpp"
#include "openclaw/core/json_writer.hpp"

#include <cctype>

namespace openclaw::agents {

namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Ids made by other services may hold characters that this one refuses. The same id gives the same
// result, so a call and its result still meet.
std::string valid_id(const std::string& id) {
    std::string out = id;
    for (auto& c : out) {
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') c = '_';
    }
    return out.empty() ? "call" : out;
}

// What is no object, after a model wrote broken JSON, was answered with an error; the call itself
// must still be one.
json input_of(const tool_call& call) {
    auto input = parse_json(call.arguments);
    if (!input || !input->is_object()) return json::object();
    return std::move(*input);
}

json block_of(const thinking_part& thought) {
    const std::string_view signature = thought.signature;
    if (signature.starts_with(redacted_prefix)) {
        return {{"type", "redacted_thinking"}, {"data", signature.substr(redacted_prefix.size())}};
    }
    return {{"type", "thinking"}, {"thinking", thought.text}, {"signature", signature}};
}

// The block for a part, or null for what the API would refuse: blank text, and thoughts without a
// signature, which come from other services.
json block_of(const message_part& part) {
    if (const auto* text = std::get_if<text_part>(&part)) {
        if (is_blank(text->text)) return nullptr;
        return {{"type", "text"}, {"text", text->text}};
    }
    if (const auto* thought = std::get_if<thinking_part>(&part)) {
        return thought->signature.empty() ? json(nullptr) : block_of(*thought);
    }
    if (const auto* image = std::get_if<image_part>(&part)) {
        return {{"type", "image"},
                {"source",
                 {{"type", "base64"}, {"media_type", image->mime_type}, {"data", image->base64}}}};
    }
    if (const auto* call = std::get_if<tool_call>(&part)) {
        return {{"type", "tool_use"},
                {"id", valid_id(call->id)},
                {"name", call->name},
                {"input", input_of(*call)}};
    }
    const auto& outcome = std::get<tool_result>(part);
    return {{"type", "tool_result"},
            {"tool_use_id", valid_id(outcome.call_id)},
            {"content", is_blank(outcome.text) ? "(no output)" : outcome.text},
            {"is_error", outcome.is_error}};
}

// Roles alternate, and a tool's result is the user's turn.
std::string_view side_of(const chat_message& row) {
    return row.role == role::assistant ? "assistant" : "user";
}

// Adds a block to the last message; results go before everything else in it.
void add_block(json& content, json block) {
    if (block["type"] != "tool_result") {
        content.push_back(std::move(block));
        return;
    }
    auto at = content.begin();
    while (at != content.end() && (*at)["type"] == "tool_result") ++at;
    content.insert(at, std::move(block));
}

json text_message(std::string_view side, std::string_view text) {
    return {{"role", side}, {"content", json::array({{{"type", "text"}, {"text", text}}})}};
}

json messages_of(const completion_request& request) {
    json messages = json::array();
    for (const auto& row : request.messages) {
        json blocks = json::array();
        for (const auto& part : row.parts) {
            auto block = block_of(part);
            if (!block.is_null()) blocks.push_back(std::move(block));
        }
        // An empty answer may go missing; an empty question needs something in its place.
        if (blocks.empty() && row.role != role::user) continue;
        if (blocks.empty()) blocks.push_back({{"type", "text"}, {"text", "(empty message)"}});
        const auto side = side_of(row);
        if (messages.empty() && side == "assistant") {
            messages.push_back(text_message("user", "(earlier conversation)"));
        }
        if (messages.empty() || messages.back()["role"] != side) {
            messages.push_back({{"role", side}, {"content", json::array()}});
        }
        for (auto& block : blocks) add_block(messages.back()["content"], std::move(block));
    }
    return messages;
}

json tools_of(const completion_request& request) {
    json tools = json::array();
    for (const auto& tool : request.tools) {
        tools.push_back({{"name", tool.name},
                         {"description", tool.description},
                         {"input_schema", tool.parameters.value()}});
    }
    return tools;
}

// Nothing for what the API does of itself.
json choice_of(const tool_choice& choice) {
    using kind = tool_choice::kind;
    if (choice.what == kind::automatic && !choice.one_at_a_time) return nullptr;
    json out{{"type", choice.what == kind::any ? "any" : choice.what == kind::named ? "tool" : "auto"}};
    if (choice.what == kind::named) out["name"] = choice.name;
    if (choice.one_at_a_time) out["disable_parallel_tool_use"] = true;
    return out;
}

}  // namespace

json anthropic_body(const completion_request& request, std::string_view api_version) {
    json body{{"model", request.model},
              {"max_tokens", request.max_tokens},
              {"stream", true},
              {"messages", messages_of(request)}};
    if (!is_blank(request.system)) {
        // The breakpoint covers the tools as well, which come before the system prompt.
        body["system"] = json::array({{{"type", "text"},
                                       {"text", request.system},
                                       {"cache_control", {{"type", "ephemeral"}}}}});
    }
    if (!request.tools.empty()) {
        body["tools"] = tools_of(request);
        if (auto choice = choice_of(request.choice); !choice.is_null()) body["tool_choice"] = choice;
    }
    const auto& wish = request.sampling;
    if (!wish.stop.empty()) body["stop_sequences"] = wish.stop;
    if (api_version != anthropic_classic) return body;
    if (wish.temperature) body["temperature"] = *wish.temperature;
    if (wish.top_p) body["top_p"] = *wish.top_p;
    return body;
}

std::string anthropic_text(const completion_request& request, std::string_view api_version) {
    auto body = anthropic_body(request, api_version);
    body.erase("tools");
    auto text = dump(body);
    if (request.tools.empty()) return text;
    text.back() = ',';
    text += R"("tools":)";
    json_writer out(text);
    out.begin_array();
    for (const auto& tool : request.tools) {
        out.begin_object().member("name", tool.name).member("description", tool.description);
        out.key("input_schema").raw(tool.parameters.text()).end_object();
    }
    out.end_array();
    return text += '}';
}

}  // namespace openclaw::agents
