#include "simulation/outside.hpp"

#include <boost/asio/steady_timer.hpp>

namespace openclaw::simulation {

namespace {

constexpr std::int64_t longest_thought_ms = 6'000;

std::string chunk(json choice) {
    return "data: " + dump(json{{"choices", json::array({std::move(choice)})}}) + "\n\n";
}

std::string text_chunk(const std::string& text) {
    return chunk({{"index", 0}, {"delta", {{"content", text}}}});
}

std::string call_chunk(int index, const std::string& id, const std::string& tool) {
    const json call{{"index", index}, {"id", id}, {"type", "function"},
                    {"function", {{"name", tool}, {"arguments", dump(json{{"id", id}})}}}};
    return chunk({{"index", 0}, {"delta", {{"tool_calls", json::array({call})}}}});
}

std::string end_chunk(const std::string& reason) {
    return chunk({{"index", 0}, {"delta", json::object()}, {"finish_reason", reason}}) +
           "data: [DONE]\n\n";
}

struct body_pieces final : net::body_reader {
    body_pieces(std::vector<std::string> t, milliseconds p, const bool& d)
        : text(std::move(t)), pause(p), dead(d) {}

    task<result<std::string_view>> read() override {
        if (at == text.size()) co_return std::string_view();
        if (pause.count() > 0) co_await sleep_for(pause);
        if (dead) co_return error(errc::network, "the process is dead");
        co_return std::string_view(text[at++]);
    }

    std::vector<std::string> text;
    const milliseconds pause;
    const bool& dead;
    std::size_t at = 0;
};

class model final : public net::http_client {
public:
    model(surroundings& around, const bool& dead) : around_(around), dead_(dead) {}

    task<result<net::streaming_response>> send(const net::url&, net::http_request request,
                                               const net::request_limits& limits,
                                               net::egress_class) override {
        if (dead_) co_return error(errc::network, "the process is dead");
        const auto body = parse_json(request.body, 64).value();
        const auto& messages = body["messages"];
        std::vector<std::string> asked;
        int rounds = 0;
        for (const auto& m : messages) {
            if (m["role"] == "user") asked.push_back(m["content"].get<std::string>());
            if (m["role"] == "user") rounds = 0;
            if (m["role"] == "assistant") ++rounds;
        }
        auto& about = around_.books.said(asked.back());
        around_.books.on_asked(about, asked, rounds);
        if (about.poison && around_.troubled) around_.poison_taken();
        const auto what = around_.troubled ? trouble() : 0;
        const auto pause = around_.troubled ? around_.luck.pause(longest_thought_ms) : milliseconds(1);
        const bool hangs = what == 1;
        co_await sleep_for(hangs ? limits.first_byte : pause);
        if (hangs) co_return error(errc::timed_out, "no answer");
        if (what == 2) co_return error(errc::network, "connection reset");
        co_return answer(what, about, rounds);
    }
    void close() override {}

private:
    // 0: none; 1 and 2 never answer; the rest in answer().
    std::size_t trouble() { return around_.luck.lot({70, 1, 5, 4, 4, 3, 4, 4}); }

    net::streaming_response answer(std::size_t what, sent_message& about, int rounds) {
        net::streaming_response response;
        response.status = 200;
        std::vector<std::string> pieces;
        auto pause = around_.troubled ? around_.luck.pause(500) : milliseconds(0);
        switch (what) {
        case 3:
            response.status = 429;
            response.headers.add("retry-after", "2");
            break;
        case 4: response.status = 503; break;
        case 5: response.status = 400; break;
        case 6: pieces = {"data: {\"choices\":[{]}\n\n"}; break;
        case 7: pieces = {text_chunk("re: ")}; break;   // and no end
        default: pieces = speak(about, rounds);
        }
        response.headers.add("content-type",
                             response.status == 200 ? "text/event-stream" : "application/json");
        if (response.status != 200) pieces = {R"({"error":{"message":"no","type":"trouble"}})"};
        response.body = std::make_unique<body_pieces>(std::move(pieces), pause, dead_);
        return response;
    }

    std::vector<std::string> speak(sent_message& about, int rounds) {
        const auto number = "m" + std::to_string(about.number);
        if (rounds >= about.tool_rounds) return {text_chunk("re: "), text_chunk(number), end_chunk("stop")};
        std::vector<std::string> pieces;
        const auto calls = around_.luck.between(1, 2);
        for (int i = 0; i < calls; ++i) {
            const auto id = "call_" + number + "_" + std::to_string(++about.calls_made);
            around_.books.on_call(about, id, rounds + 1);
            pieces.push_back(call_chunk(i, id, around_.luck.chance(50) ? "pay" : "look"));
        }
        pieces.push_back(end_chunk("tool_calls"));
        return pieces;
    }

    surroundings& around_;
    const bool& dead_;
};

}  // namespace

std::unique_ptr<net::http_client> make_model(surroundings& around, const bool& dead) {
    return std::make_unique<model>(around, dead);
}

task<> sleep_for(milliseconds pause) {
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace openclaw::simulation
