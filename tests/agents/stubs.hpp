#pragma once

#include "openclaw/agents/provider.hpp"
#include "openclaw/net/http_client.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace openclaw::agents::test_stubs {

// Keeps what a model said while it spoke.
class collector final : public completion_observer {
public:
    void on_text(std::string_view delta) override {
        text += delta;
        ++deltas;
    }
    void on_thinking(std::string_view delta) override { thinking += delta; }

    std::string text, thinking;
    int deltas = 0;
};

// What the stub answers to one request.
struct canned_reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers{{"content-type", "text/event-stream"}};
    std::string body;
    std::size_t cut = 0;                 // bytes per read; 0: all at once
    std::optional<error> body_failure;   // after the body, instead of its end
    std::optional<error> failure;        // instead of any response
};

class canned_body final : public net::body_reader {
public:
    explicit canned_body(canned_reply reply) : reply_(std::move(reply)) {}

    task<result<std::string_view>> read() override {
        const auto left = std::string_view(reply_.body).substr(at_);
        if (left.empty() && reply_.body_failure) co_return *reply_.body_failure;
        const auto now = left.substr(0, reply_.cut == 0 ? left.size() : reply_.cut);
        at_ += now.size();
        co_return now;
    }

private:
    canned_reply reply_;
    std::size_t at_ = 0;
};

// Answers requests in order from a list and keeps what was asked.
class stub_client final : public net::http_client {
public:
    struct sent_request {
        net::url to;
        net::http_request request;
        net::request_limits limits;
    };

    task<result<net::streaming_response>> send(const net::url& to, net::http_request request,
                                               const net::request_limits& limits,
                                               net::egress_class) override {
        sent.push_back({to, std::move(request), limits});
        if (replies.empty()) co_return error(errc::network, "the stub has no reply left");
        auto reply = replies.front();
        if (replies.size() > 1) replies.pop_front();
        if (reply.failure) co_return *reply.failure;
        net::streaming_response response;
        response.status = reply.status;
        for (const auto& [name, value] : reply.headers) response.headers.add(name, value);
        response.body = std::make_unique<canned_body>(std::move(reply));
        co_return response;
    }
    void close() override {}

    std::deque<canned_reply> replies;    // the last one stays
    std::vector<sent_request> sent;
};

inline std::vector<tool_call> calls_in(const chat_message& row) {
    std::vector<tool_call> calls;
    for (const auto& part : row.parts) {
        if (const auto* call = std::get_if<tool_call>(&part)) calls.push_back(*call);
    }
    return calls;
}

inline chat_message tool_row(std::string id, std::string text, bool is_error = false) {
    chat_message row;
    row.role = role::tool;
    row.parts.push_back(tool_result{std::move(id), "time", std::move(text), is_error});
    return row;
}

inline chat_message calling_row(std::vector<tool_call> calls, std::string text = {}) {
    chat_message row;
    row.role = role::assistant;
    if (!text.empty()) row.parts.push_back(text_part{std::move(text)});
    for (auto& c : calls) row.parts.push_back(std::move(c));
    row.stop_reason = "toolUse";
    return row;
}

}  // namespace openclaw::agents::test_stubs
