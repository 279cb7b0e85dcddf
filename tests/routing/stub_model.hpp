#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/net/http_client.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace openclaw::routing::test_stubs {

// Stands for a model service that speaks openai-completions. What it does follows from the text
// that it is asked: "hold …" says "part " and the rest only after release(), "fail …" is refused,
// "time …" first calls the tool `time`, "use …" the tool of that name; all others are answered at once
// with "re: <text>". Any thread.
class stub_model final : public net::http_client {
public:
    task<result<net::streaming_response>> send(const net::url&, net::http_request request,
                                               const net::request_limits&,
                                               net::egress_class) override {
        const auto body = parse_json(request.body, 64).value();
        const auto& messages = body["messages"];
        const auto text = last_user_text(messages);
        const bool after_tool = messages.back()["role"] == "tool";
        std::shared_ptr<gate> hold;
        {
            std::lock_guard lock(mutex_);
            asked_.push_back(text);
            rows_seen_.push_back(messages.size());
            if (text.starts_with("hold ")) hold = gate_of(text);
        }
        net::streaming_response response;
        response.headers.add("content-type", "text/event-stream");
        auto pieces = std::make_unique<body_pieces>();
        if (text.starts_with("fail ")) {
            response.status = 400;
            pieces->text = {R"({"error":{"message":"no such thing","type":"invalid_request_error"}})"};
        } else {
            response.status = 200;
            if ((text.starts_with("time ") || text.starts_with("use ")) && !after_tool) {
                const auto name = text.starts_with("use ") ? text.substr(4) : "time";
                pieces->text = {call_chunk(name), end_chunk("tool_calls")};
            } else {
                pieces->text = {text_chunk("part "), text_chunk("re: " + text) + end_chunk("stop")};
                if (!hold) pieces->text.erase(pieces->text.begin());
                pieces->before_second = hold;
            }
        }
        response.body = std::move(pieces);
        co_return response;
    }
    void close() override {}

    // Lets the turn that was asked `text` go on; also before it is asked.
    void release(const std::string& text) {
        std::shared_ptr<gate> hold;
        {
            std::lock_guard lock(mutex_);
            hold = gate_of(text);
        }
        hold->open();
    }
    // The texts that were asked, in order.
    std::vector<std::string> asked() const {
        std::lock_guard lock(mutex_);
        return asked_;
    }
    // How many messages each request carried.
    std::vector<std::size_t> rows_seen() const {
        std::lock_guard lock(mutex_);
        return rows_seen_;
    }

private:
    struct body_pieces final : net::body_reader {
        task<result<std::string_view>> read() override {
            if (at == text.size()) co_return std::string_view();
            if (at == 1 && before_second) {
                co_await before_second->wait();
                const auto state = co_await asio::this_coro::cancellation_state;
                if (state.cancelled() != asio::cancellation_type::none) {
                    co_return error(errc::cancelled, "the connection was closed");
                }
            }
            co_return std::string_view(text[at++]);
        }
        std::vector<std::string> text;
        std::size_t at = 0;
        std::shared_ptr<gate> before_second;
    };

    static std::string last_user_text(const json& messages) {
        for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
            if ((*it)["role"] == "user") return (*it)["content"].get<std::string>();
        }
        return {};
    }
    static std::string chunk(json choice) {
        return "data: " + dump(json{{"choices", json::array({std::move(choice)})}}) + "\n\n";
    }
    static std::string text_chunk(const std::string& text) {
        return chunk({{"index", 0}, {"delta", {{"content", text}}}});
    }
    static std::string call_chunk(const std::string& name) {
        const json call{{"index", 0}, {"id", "c1"}, {"type", "function"},
                        {"function", {{"name", name}, {"arguments", "{}"}}}};
        return chunk({{"index", 0}, {"delta", {{"tool_calls", json::array({call})}}}});
    }
    static std::string end_chunk(const std::string& reason) {
        return chunk({{"index", 0}, {"delta", json::object()}, {"finish_reason", reason}}) +
               "data: [DONE]\n\n";
    }
    std::shared_ptr<gate> gate_of(const std::string& text) {
        auto& g = gates_[text];
        if (!g) g = std::make_shared<gate>();
        return g;
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<gate>> gates_;
    std::vector<std::string> asked_;
    std::vector<std::size_t> rows_seen_;
};

}  // namespace openclaw::routing::test_stubs
