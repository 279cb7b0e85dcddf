// A stream whose model says nothing for long: it begins all the same, and ends as each API has it.

#include "ingress/scripted_model.hpp"

#include "ingress/agent_run.hpp"
#include "ingress/chat_answer.hpp"
#include "ingress/messages_answer.hpp"
#include "ingress/responses_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Keeps what is written, and tells of the first piece.
class watched_stream final : public response_stream {
public:
    explicit watched_stream(gate& begun) : begun_(begun) {}
    void on_gone(std::function<void()>) override {}
    void start(int code, net::header_list) override { status = code; }
    task<result<void>> write(std::string_view chunk, bool) override {
        pieces.emplace_back(chunk);
        begun_.open();
        co_return result<void>();
    }

    int status = 0;
    std::vector<std::string> pieces;

private:
    gate& begun_;
};

client_request a_question() {
    client_request request;
    request.model = "openclaw";
    request.stream = true;
    request.text = "x";
    return request;
}

struct api {
    const char* name;
    std::unique_ptr<answer_writer> (*make)();
    const char* opening;   // its first event has this
    const char* failure;   // an event that tells a failure has this
};
void PrintTo(const api& a, std::ostream* out) { *out << a.name; }

const std::vector<api> apis{
    {"chat", [] { return std::unique_ptr<answer_writer>(new chat_answer("openclaw", false)); },
     R"("role":"assistant")", R"(data: {"error":{)"},
    {"responses", [] { return std::unique_ptr<answer_writer>(new responses_answer(a_question())); },
     "event: response.created", "event: response.failed"},
    {"messages", [] { return std::unique_ptr<answer_writer>(new messages_answer("openclaw")); },
     "event: message_start", "event: error"},
};

class silent_turns : public testing::TestWithParam<api> {
protected:
    // The model gives `answer` once the stream has begun.
    void run(const std::string& answer) {
        gate begun;
        test::script_server provider([&](test::script_peer& peer, unsigned) -> task<> {
            if ((co_await peer.request()).empty()) co_return;
            co_await begun.wait();
            co_await peer.send(answer);
        });
        auto settings = test::gateway_settings();
        config::provider_settings p;
        p.base_url = provider.url("/v1");
        config::model_settings m;
        m.id = "some";
        p.models.push_back(m);
        settings.providers["mock"] = p;
        settings.agents.defaults.model.primary = "mock/some";
        test::gateway_fixture gateway(settings);
        gateway_context context{.d = gateway.dependencies(),
                                .in_effect = settings_in_effect(settings)};
        health_report health{context};
        net::http_request request;
        const peer_info peer{};
        const std::string id = "r-1";
        watched_stream stream(begun);
        http_call call{context, health, request, peer, id, {}, {}, {}, stream};
        const auto writer = GetParam().make();
        run_options options;
        options.patience = milliseconds(1);
        auto work = run_agent(call, a_question(), options, *writer);
        auto done = asio::co_spawn(asio::make_strand(gateway.io()), std::move(work), asio::use_future);
        if (done.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
            ADD_FAILURE() << "the stream waits for its turn";
            begun.open();
        }
        EXPECT_FALSE(done.get()) << "an HTTP error instead of a stream";
        status = stream.status;
        ASSERT_GE(stream.pieces.size(), 2u);
        first = stream.pieces.front();
        for (const auto& piece : stream.pieces) all += piece;
    }

    int status = 0;
    std::string first, all;
};

TEST_P(silent_turns, begin_before_their_first_word) {
    const std::string events =
        R"(data: {"choices":[{"index":0,"delta":{"content":"at last"},"finish_reason":null}]})" "\n\n"
        R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})" "\n\ndata: [DONE]\n\n";
    run(test::http_answer(events, "200 OK", "Content-Type: text/event-stream\r\n"));
    EXPECT_EQ(status, 200);
    EXPECT_THAT(first, HasSubstr(GetParam().opening));
    EXPECT_THAT(first, Not(HasSubstr("at last")));
    EXPECT_THAT(all, HasSubstr("at last"));
    EXPECT_THAT(all, Not(HasSubstr(GetParam().failure)));
    EXPECT_EQ(all.find(GetParam().opening), all.rfind(GetParam().opening)) << "begun twice";
}

TEST_P(silent_turns, tell_a_failure_in_their_stream) {
    run(test::http_answer(R"({"error":{"message":"inner words"}})", "400 Bad Request",
                          "Content-Type: application/json\r\n"));
    EXPECT_EQ(status, 200);
    EXPECT_THAT(first, HasSubstr(GetParam().opening));
    EXPECT_THAT(all, HasSubstr(GetParam().failure));
    EXPECT_THAT(all, HasSubstr("rejected the request"));
}

INSTANTIATE_TEST_SUITE_P(, silent_turns, testing::ValuesIn(apis),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace openclaw::ingress
