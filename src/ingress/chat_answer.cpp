#include "ingress/chat_answer.hpp"

#include "openclaw/core/json.hpp"

namespace openclaw::ingress {

namespace {

std::string_view finish_reason(const turn_event& end) {
    if (!end.calls.empty()) return "tool_calls";
    if (end.stop_reason == "length") return "length";
    if (end.stop_reason == "refused") return "content_filter";
    return "stop";
}

std::string usage_text(const token_usage& u) {
    const auto prompt = u.input + u.cache_read + u.cache_write;
    return R"({"prompt_tokens":)" + std::to_string(prompt) + R"(,"completion_tokens":)" +
           std::to_string(u.output) + R"(,"total_tokens":)" + std::to_string(prompt + u.output) + "}";
}

std::string_view arguments_of(const tool_call& call) {
    return call.arguments.empty() ? "{}" : std::string_view(call.arguments);
}

void append_call(std::string& out, const tool_call& call, std::string_view arguments) {
    out += R"("id":)";
    append_quoted(out, call.id);
    out += R"(,"type":"function","function":{"name":)";
    append_quoted(out, call.name);
    out += R"(,"arguments":)";
    append_quoted(out, arguments);
    out += "}}";
}

}  // namespace

void chat_answer::begin(const answer_facts& facts) {
    common_ = R"({"id":"chatcmpl_)" + facts.run_id + R"(","object":"chat.completion)";
    rest_ = R"(","created":)" + std::to_string(facts.created_s) + R"(,"model":)";
    append_quoted(rest_, model_);
}

std::string chat_answer::whole(const turn_event& final, std::string_view text) {
    std::string out = common_ + rest_;
    out += R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)";
    if (text.empty() && !final.calls.empty()) out += "null";
    else append_quoted(out, text);
    if (!final.calls.empty()) {
        out += R"(,"tool_calls":)";
        char separator = '[';
        for (const auto& call : final.calls) {
            out += std::exchange(separator, ',');
            out += '{';
            append_call(out, call, arguments_of(call));
        }
        out += ']';
    }
    out += R"(,"refusal":null},"logprobs":null,"finish_reason":")";
    out += finish_reason(final);
    return out + R"("}],"usage":)" + usage_text(final.usage) + "}";
}

void chat_answer::chunk(std::string& out, std::string_view delta, std::string_view finish) const {
    out += "data: ";
    out += common_;
    out += ".chunk";
    out += rest_;
    out += R"(,"choices":[{"index":0,"delta":)";
    out += delta;
    out += R"(,"finish_reason":)";
    out += finish;
    out += "}]}\n\n";
}

void chat_answer::head(std::string& out) {
    chunk(out, R"({"role":"assistant","content":""})", "null");
}

void chat_answer::text(std::string& out, std::string_view delta) {
    std::string content = R"({"content":)";
    append_quoted(content, delta);
    chunk(out, content + "}", "null");
}

// The first piece names the call, the next ones have its arguments.
void chat_answer::call_chunks(std::string& out, std::size_t index, const tool_call& call) const {
    const auto begin = R"({"tool_calls":[{"index":)" + std::to_string(index) + ",";
    auto first = begin;
    append_call(first, call, "");
    chunk(out, first + "]}", "null");
    auto second = begin + R"("function":{"arguments":)";
    append_quoted(second, arguments_of(call));
    chunk(out, second + "}}]}", "null");
}

void chat_answer::end(std::string& out, const turn_event& final) {
    for (std::size_t i = 0; i < final.calls.size(); ++i) call_chunks(out, i, final.calls[i]);
    chunk(out, "{}", "\"" + std::string(finish_reason(final)) + "\"");
    if (include_usage_) {
        out += "data: " + common_ + ".chunk" + rest_ + R"(,"choices":[],"usage":)" +
               usage_text(final.usage) + "}\n\n";
    }
    out += "data: [DONE]\n\n";
}

void chat_answer::failure(std::string& out, const error& why, const std::string& request_id) {
    out += "data: " + error_body(shape(), why, request_id) + "\n\n";
}

}  // namespace openclaw::ingress
