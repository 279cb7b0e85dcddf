#include "cli/chat_stream.hpp"

namespace openclaw::cli {

namespace {

constexpr const char* failure_hint = "See `openclaw health --detailed`.";

std::string text_of(const json* message) {
    if (message == nullptr) return {};
    const auto* content = find(*message, "content");
    if (content == nullptr) return {};
    if (content->is_string()) return content->get<std::string>();
    std::string text;
    for (const auto& part : *content) {
        if (string_or(part, "type") == "text") text += string_or(part, "text");
    }
    return text;
}

}  // namespace

std::string chat_stream::append(std::string part) {
    text_ += part;
    return part;
}

std::string chat_stream::complete(const std::string& whole) {
    if (whole.starts_with(text_)) return append(whole.substr(text_.size()));
    text_ = whole;
    return "\n" + whole;
}

std::string chat_stream::on_event(const std::string& event, const json& payload) {
    if (event != "chat" || string_or(payload, "runId") != run_id_) return {};
    const auto state = string_or(payload, "state");
    if (state == "delta") {
        const auto part = string_or(payload, "deltaText");
        return find_bool(payload, "replace").value_or(false) ? complete(part) : append(part);
    }
    if (state == "final") {
        const auto whole = text_of(find(payload, "message"));
        return whole.empty() ? std::string() : complete(whole);
    }
    if (state == "error") {
        failure_ = error(errc::unavailable,
                         "the agent failed: " + string_or(payload, "errorMessage", "no reason given"),
                         failure_hint);
    } else if (state == "aborted") {
        failure_ = error(errc::cancelled, "the run was stopped");
    }
    return {};
}

std::string chat_stream::on_response(const json& payload) {
    const auto status = string_or(payload, "status", "ok");
    if (status != "ok") {
        if (!failure_) {
            failure_ = error(errc::unavailable,
                             "the agent failed: " + string_or(payload, "summary", status),
                             failure_hint);
        }
        return {};
    }
    failure_.reset();
    const auto* result = find(payload, "result");
    const auto* payloads = result == nullptr ? nullptr : find(*result, "payloads");
    if (payloads == nullptr || !payloads->is_array()) return {};
    std::string whole;
    for (const auto& p : *payloads) whole += string_or(p, "text");
    // A run that was not streamed to this connection, or whose last delta was dropped.
    return whole.empty() ? std::string() : complete(whole);
}

}  // namespace openclaw::cli
