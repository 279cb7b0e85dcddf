#pragma once

#include "support/gateway_fixture.hpp"
#include "support/script_server.hpp"

#include "openclaw/core/json.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace openclaw::test {

// A model service that speaks openai-completions, answers from a list and keeps what it was asked.
class scripted_model {
public:
    // Streams `text` in two pieces.
    void say(const std::string& text) {
        const auto half = text.size() / 2;
        add(chunk({{"content", text.substr(0, half)}}) + chunk({{"content", text.substr(half)}}) +
            end("stop"));
    }
    // Calls the tools, as {id, name, arguments}.
    void call(const std::vector<std::array<std::string, 3>>& calls, const std::string& text = {}) {
        std::string stream = text.empty() ? "" : chunk({{"content", text}});
        int index = 0;
        for (const auto& [id, name, arguments] : calls) {
            stream += chunk({{"tool_calls",
                              json::array({{{"index", index++},
                                            {"id", id},
                                            {"type", "function"},
                                            {"function", {{"name", name}, {"arguments", arguments}}}}})}});
        }
        add(stream + end("tool_calls"));
    }
    // Ends the answer for its length.
    void stop_short(const std::string& text) { add(chunk({{"content", text}}) + end("length")); }
    // Says something and stops at `sequence`, which it names as vLLM does.
    void stop_at(const std::string& text, const std::string& sequence) {
        auto stream = chunk({{"content", text}}) + end("stop");
        const std::string reason = R"("finish_reason":"stop")";
        stream.insert(stream.find(reason) + reason.size(), R"(,"stop_reason":")" + sequence + "\"");
        add(std::move(stream));
    }
    // Declines, after `text` if there is any.
    void decline(const std::string& text = {}) {
        add((text.empty() ? "" : chunk({{"content", text}})) + end("content_filter"));
    }
    // Says something and breaks the connection.
    void break_after(const std::string& text) { add(chunk({{"content", text}})); }

    // The body of the n-th request.
    json asked(std::size_t n) const {
        std::lock_guard lock(mutex_);
        return n < asked_.size() ? asked_[n] : json();
    }
    std::size_t times_asked() const {
        std::lock_guard lock(mutex_);
        return asked_.size();
    }
    // The roles of the messages of the n-th request, the system prompt aside.
    std::vector<std::string> roles(std::size_t n) const {
        std::vector<std::string> out;
        const auto body = asked(n);
        for (const auto& message : body["messages"]) {
            if (message["role"] != "system") out.push_back(message["role"].get<std::string>());
        }
        return out;
    }

    // Settings of a gateway whose default agent is this model.
    config::settings settings() const {
        auto s = gateway_settings();
        config::provider_settings p;
        p.base_url = server_.url("/v1");
        p.api_keys.push_back(secret("provider-key"));
        config::model_settings m;
        m.id = "gpt-4";
        p.models.push_back(m);
        s.providers["mock"] = p;
        s.agents.defaults.model.primary = "mock/gpt-4";
        return s;
    }

private:
    static std::string chunk(const json& delta, const json& finish = nullptr) {
        return "data: " +
               json{{"choices", json::array({{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}})}}
                   .dump() + "\n\n";
    }
    static std::string end(const std::string& reason) {
        return chunk(json::object(), reason) +
               "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\n"
               "data: [DONE]\n\n";
    }
    void add(std::string stream) {
        std::lock_guard lock(mutex_);
        replies_.push_back(std::move(stream));
    }
    std::string next(const std::string& request) {
        std::lock_guard lock(mutex_);
        asked_.push_back(json::parse(request.substr(request.find("\r\n\r\n") + 4)));
        if (replies_.empty()) return chunk({{"content", "nothing more"}}) + end("stop");
        auto reply = std::move(replies_.front());
        replies_.pop_front();
        return reply;
    }
    task<> serve(script_peer& peer) {
        while (true) {
            auto request = co_await peer.request();
            if (request.empty()) co_return;
            auto answer = http_answer(next(request), "200 OK", "Content-Type: text/event-stream\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    }

    mutable std::mutex mutex_;
    std::deque<std::string> replies_;
    std::vector<json> asked_;
    script_server server_{[this](script_peer& peer, unsigned) { return serve(peer); }};
};

// The `data:` of each event of a stream of server-sent events, and the `event:` names beside them.
struct sse_events {
    explicit sse_events(const std::string& body) {
        std::size_t at = 0;
        while (at < body.size()) {
            const auto end = body.find("\n\n", at);
            if (end == std::string::npos) break;
            std::string name, value, line;
            std::istringstream lines(body.substr(at, end - at));
            while (std::getline(lines, line)) {
                if (line.starts_with("event: ")) name = line.substr(7);
                if (line.starts_with("data: ")) value = line.substr(6);
            }
            if (!value.empty()) {
                names.push_back(name);
                data.push_back(value);
            }
            at = end + 2;
        }
    }
    json at(std::size_t i) const { return json::parse(data.at(i)); }

    std::vector<std::string> names, data;
};

}  // namespace openclaw::test
