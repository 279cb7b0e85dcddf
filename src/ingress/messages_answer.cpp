#include "ingress/messages_answer.hpp"

#include "openclaw/core/json.hpp"

namespace openclaw::ingress {

namespace {

std::string_view stop_reason(const turn_event& end) {
    if (!end.calls.empty()) return "tool_use";
    if (end.stop_reason == "length") return "max_tokens";
    if (end.stop_reason == "refused") return "refusal";
    if (!end.stop_sequence.empty()) return "stop_sequence";
    return "end_turn";
}

json stop_sequence(const turn_event& end) {
    return end.stop_sequence.empty() ? json(nullptr) : json(end.stop_sequence);
}

json usage_json(const token_usage& u) {
    return {{"input_tokens", u.input},
            {"output_tokens", u.output},
            {"cache_creation_input_tokens", u.cache_write},
            {"cache_read_input_tokens", u.cache_read}};
}

json text_block(std::string_view text) {
    return {{"type", "text"}, {"text", text}, {"citations", nullptr}};
}

json tool_block(const tool_call& call, json input) {
    return {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", std::move(input)}};
}

json input_of(const tool_call& call) {
    auto input = parse_json(call.arguments);
    return input && input->is_object() ? std::move(*input) : json::object();
}

// The name of an event stands in its data too.
void event(std::string& out, const json& data) {
    out += "event: " + data["type"].get<std::string>() + "\ndata: " + dump(data) + "\n\n";
}

void end_block(std::string& out, std::size_t index) {
    event(out, {{"type", "content_block_stop"}, {"index", index}});
}

void tool_events(std::string& out, const tool_call& call, std::size_t index) {
    event(out, {{"type", "content_block_start"},
                {"index", index},
                {"content_block", tool_block(call, json::object())}});
    event(out, {{"type", "content_block_delta"},
                {"index", index},
                {"delta", {{"type", "input_json_delta"}, {"partial_json", dump(input_of(call))}}}});
    end_block(out, index);
}

}  // namespace

std::string messages_answer::whole(const turn_event& final, std::string_view text) {
    json content = json::array();
    if (!text.empty()) content.push_back(text_block(text));
    for (const auto& call : final.calls) content.push_back(tool_block(call, input_of(call)));
    return dump({{"id", id_},
                 {"type", "message"},
                 {"role", "assistant"},
                 {"model", model_},
                 {"content", std::move(content)},
                 {"stop_reason", stop_reason(final)},
                 {"stop_sequence", stop_sequence(final)},
                 {"usage", usage_json(final.usage)}});
}

void messages_answer::head(std::string& out) {
    event(out, {{"type", "message_start"},
                {"message",
                 {{"id", id_},
                  {"type", "message"},
                  {"role", "assistant"},
                  {"model", model_},
                  {"content", json::array()},
                  {"stop_reason", nullptr},
                  {"stop_sequence", nullptr},
                  {"usage", usage_json({})}}}});
}

void messages_answer::text(std::string& out, std::string_view delta) {
    if (!text_open_) {
        text_open_ = true;
        event(out, {{"type", "content_block_start"}, {"index", 0}, {"content_block", text_block("")}});
        still_there(out);
    }
    event(out, {{"type", "content_block_delta"},
                {"index", 0},
                {"delta", {{"type", "text_delta"}, {"text", delta}}}});
}

void messages_answer::end(std::string& out, const turn_event& final) {
    std::size_t index = 0;
    if (text_open_) end_block(out, index++);
    for (const auto& call : final.calls) tool_events(out, call, index++);
    event(out, {{"type", "message_delta"},
                {"delta", {{"stop_reason", stop_reason(final)}, {"stop_sequence", stop_sequence(final)}}},
                {"usage", usage_json(final.usage)}});
    event(out, {{"type", "message_stop"}});
}

void messages_answer::failure(std::string& out, const error& why, const std::string& request_id) {
    out += "event: error\ndata: " + error_body(shape(), why, request_id) + "\n\n";
}

void messages_answer::still_there(std::string& out) {
    event(out, {{"type", "ping"}});
}

}  // namespace openclaw::ingress
