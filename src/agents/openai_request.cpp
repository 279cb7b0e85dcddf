#include "agents/openai_request.hpp"

#include "openclaw/core/json_writer.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

bool has_image(const chat_message& row) {
    return std::ranges::any_of(row.parts, [](const auto& part) {
        return std::holds_alternative<image_part>(part);
    });
}

void write_parts(json_writer& out, const chat_message& row) {
    out.begin_array();
    for (const auto& part : row.parts) {
        if (const auto* text = std::get_if<text_part>(&part)) {
            out.begin_object().member("type", "text").member("text", text->text).end_object();
        } else if (const auto* image = std::get_if<image_part>(&part)) {
            out.begin_object().member("type", "image_url").key("image_url").begin_object();
            out.member("url", "data:" + image->mime_type + ";base64," + image->base64);
            out.end_object().end_object();
        }
    }
    out.end_array();
}

void write_user(json_writer& out, const chat_message& row) {
    out.begin_object().member("role", "user").key("content");
    // Plain text as a plain string: every compatible server reads that.
    if (has_image(row)) write_parts(out, row);
    else out.value(row.text());
    out.end_object();
}

void write_calls(json_writer& out, const chat_message& row) {
    out.key("tool_calls").begin_array();
    for (const auto& part : row.parts) {
        const auto* call = std::get_if<tool_call>(&part);
        if (call == nullptr) continue;
        out.begin_object().member("id", call->id).member("type", "function").key("function");
        out.begin_object().member("name", call->name);
        out.member("arguments", call->arguments.empty() ? "{}" : call->arguments);
        out.end_object().end_object();
    }
    out.end_array();
}

void write_assistant(json_writer& out, const chat_message& row) {
    const auto text = row.text();
    if (text.empty() && !row.has_tool_calls()) return;
    out.begin_object().member("role", "assistant").key("content");
    if (text.empty()) out.raw("null");
    else out.value(text);
    if (row.has_tool_calls()) write_calls(out, row);
    out.end_object();
}

// The API has no flag for a failed tool, so the text says it.
void write_results(json_writer& out, const chat_message& row) {
    for (const auto& part : row.parts) {
        const auto* outcome = std::get_if<tool_result>(&part);
        if (outcome == nullptr) continue;
        out.begin_object().member("role", "tool").member("tool_call_id", outcome->call_id);
        out.member("content", (outcome->is_error ? "Error: " : "") + outcome->text).end_object();
    }
}

void write_messages(json_writer& out, const completion_request& request) {
    out.key("messages").begin_array();
    if (!request.system.empty()) {
        out.begin_object().member("role", "system").member("content", request.system).end_object();
    }
    for (const auto& row : request.messages) {
        switch (row.role) {
        case role::user: write_user(out, row); break;
        case role::assistant: write_assistant(out, row); break;
        case role::tool: write_results(out, row); break;
        }
    }
    out.end_array();
}

void write_tools(json_writer& out, const completion_request& request) {
    out.key("tools").begin_array();
    for (const auto& tool : request.tools) {
        out.begin_object().member("type", "function").key("function").begin_object();
        out.member("name", tool.name).member("description", tool.description);
        out.key("parameters").raw(tool.parameters.text()).end_object().end_object();
    }
    out.end_array();
}

void write_choice(json_writer& out, const tool_choice& choice) {
    if (choice.what == tool_choice::kind::any) out.member("tool_choice", "required");
    if (choice.what == tool_choice::kind::named) {
        out.key("tool_choice").begin_object().member("type", "function").key("function");
        out.begin_object().member("name", choice.name).end_object().end_object();
    }
    if (choice.one_at_a_time) out.member("parallel_tool_calls", false);
}

}  // namespace

std::string openai_body(const completion_request& request, bool max_completion_tokens) {
    std::string body;
    json_writer out(body);
    out.begin_object().member("model", request.model);
    write_messages(out, request);
    out.member("stream", true).key("stream_options").raw(R"({"include_usage":true})");
    out.member(max_completion_tokens ? "max_completion_tokens" : "max_tokens", request.max_tokens);
    if (!request.tools.empty()) {
        write_tools(out, request);
        write_choice(out, request.choice);
    }
    const auto& wish = request.sampling;
    if (wish.temperature) out.member("temperature", *wish.temperature);
    if (wish.top_p) out.member("top_p", *wish.top_p);
    if (!wish.stop.empty()) out.key("stop").raw(dump(wish.stop));
    out.end_object();
    return body;
}

}  // namespace openclaw::agents
