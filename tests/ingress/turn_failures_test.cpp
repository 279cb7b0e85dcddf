// Turns over the model APIs that do not end with an answer: what the libraries of their clients, which
// repeat a request by themselves, are told.

#include "ingress/scripted_model.hpp"

#include "ingress/turn_stream.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;

const std::string session = "agent:main:kept";

config::settings with_model_at(const test::script_server& server) {
    auto s = test::gateway_settings();
    config::provider_settings p;
    p.base_url = server.url("/v1");
    config::model_settings m;
    m.id = "some";
    p.models.push_back(m);
    s.providers["mock"] = p;
    s.agents.defaults.model.primary = "mock/some";
    return s;
}

// One request that each of the model APIs takes.
std::string question(bool stream) {
    return json{{"model", "openclaw"},
                {"stream", stream},
                {"max_tokens", 9},
                {"input", "x"},
                {"messages", json::array({{{"role", "user"}, {"content", "x"}}})}}
        .dump();
}

struct face {
    const char* path;
    bool stream;
};
void PrintTo(const face& f, std::ostream* out) { *out << f.path << (f.stream ? " streamed" : ""); }

class turn_failures : public testing::TestWithParam<face> {
protected:
    std::string request(const gateway_fixture& gateway) const {
        return gateway.request("POST", GetParam().path, question(GetParam().stream),
                               "X-OpenClaw-Session-Key: " + session + "\r\n");
    }
};

TEST_P(turn_failures, a_turn_that_somebody_stopped_is_not_begun_again) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        if ((co_await peer.request()).empty()) co_return;
        co_await peer.closed_by_client();
    });
    gateway_fixture gateway(with_model_at(provider));
    wire_client client(gateway.port());
    client.send(request(gateway));
    while (gateway.router().stats().running == 0) std::this_thread::yield();
    EXPECT_EQ(gateway.router().abort(session, "", "rpc").size(), 1u);
    const auto r = client.response();
    EXPECT_EQ(r.status, 409) << r.body;
    EXPECT_EQ(r.field("x-should-retry"), "false");
    EXPECT_EQ(r.field("retry-after"), "");
}

TEST_P(turn_failures, what_the_provider_rejects_is_a_bad_request) {
    std::atomic<int> asked = 0;
    test::script_server provider([&](test::script_peer& peer, unsigned) -> task<> {
        while (!(co_await peer.request()).empty()) {
            ++asked;
            auto answer = test::http_answer(R"({"error":{"message":"inner words"}})", "400 Bad Request",
                                            "Content-Type: application/json\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    });
    gateway_fixture gateway(with_model_at(provider));
    wire_client client(gateway.port());
    const auto r = client.ask(request(gateway));
    EXPECT_EQ(r.status, 400) << r.body;
    EXPECT_EQ(r.field("x-should-retry"), "false");
    EXPECT_EQ(r.body.find("inner words"), std::string::npos) << r.body;
    EXPECT_EQ(asked, 1);
}

INSTANTIATE_TEST_SUITE_P(, turn_failures,
                         testing::Values(face{"/v1/chat/completions", false},
                                         face{"/v1/chat/completions", true},
                                         face{"/v1/responses", false}, face{"/v1/responses", true},
                                         face{"/v1/messages", false}, face{"/v1/messages", true}),
                         [](const auto& i) {
                             std::string name = i.param.path + 4;
                             std::replace(name.begin(), name.end(), '/', '_');
                             return name + (i.param.stream ? "_streamed" : "_whole");
                         });

TEST(turn_stream, knows_whether_a_tool_was_run) {
    ingress::turn_stream turn(true);
    auto event = std::make_shared<turn_event>();
    event->what = turn_event::kind::delta;
    turn.on_event(event);
    EXPECT_FALSE(turn.acted());
    event = std::make_shared<turn_event>();
    event->what = turn_event::kind::tool_started;
    turn.on_event(event);
    EXPECT_TRUE(turn.acted());
}

}  // namespace
}  // namespace openclaw
