// Which model answers: the one of a turn, of its session, or the agent's.

#include "ingress/scripted_model.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_websocket;

config::settings with_two_models(const test::scripted_model& model) {
    auto s = model.settings();
    config::model_settings other;
    other.id = "house/large";
    s.providers["mock"].models.push_back(other);
    return s;
}

class session_model : public testing::Test {
protected:
    void SetUp() override { client.connect(test::gateway_token); }

    json call(const std::string& method, json params) {
        const auto r = client.call(method, std::move(params));
        EXPECT_EQ(r["ok"], true) << method << r;
        return r.value("payload", json());
    }
    // The model that answered in the session.
    std::string say(const std::string& session, json wishes = json::object()) {
        const auto run = "run-" + std::to_string(model.times_asked());
        wishes.update({{"sessionKey", session}, {"message", "hi"}, {"idempotencyKey", run}});
        model.say("yes");
        call("chat.send", std::move(wishes));
        client.chat("final", run);
        return model.asked(model.times_asked() - 1)["model"].get<std::string>();
    }

    test::scripted_model model;
    gateway_fixture gateway{with_two_models(model)};
    wire_websocket client{gateway.port()};
};

TEST_F(session_model, is_chosen_until_it_is_cleared) {
    EXPECT_EQ(say("a"), "gpt-4");
    const auto out = call("sessions.patch", {{"key", "a"}, {"model", "mock/house/large"}});
    EXPECT_EQ(out["resolved"], json({{"modelProvider", "mock"}, {"model", "house/large"}}));
    EXPECT_EQ(out["entry"]["model"], "house/large");
    EXPECT_EQ(say("a"), "house/large") << "the session is in memory already";
    EXPECT_EQ(say("b"), "gpt-4") << "another session's";
    EXPECT_EQ(say("a"), "house/large");
    call("sessions.patch", {{"key", "a"}, {"model", nullptr}});
    EXPECT_EQ(say("a"), "gpt-4");
}

TEST_F(session_model, may_be_named_without_its_provider) {
    const auto out = call("sessions.create", {{"key", "c"}, {"model", "house/large"}});
    EXPECT_EQ(out["resolved"]["modelProvider"], "mock");
    EXPECT_EQ(say("c"), "house/large");
}

TEST_F(session_model, of_one_turn_is_its_own) {
    EXPECT_EQ(say("a", {{"model", "mock/house/large"}}), "house/large");
    EXPECT_EQ(say("a"), "gpt-4");
    const auto body = R"({"model":"openclaw","messages":[{"role":"user","content":"hi"}]})";
    model.say("yes");
    const auto answer =
        gateway.ask("POST", "/v1/chat/completions", body, "X-OpenClaw-Model: mock/house/large\r\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(model.asked(model.times_asked() - 1)["model"], "house/large");
}

TEST_F(session_model, goes_along_with_a_copy) {
    call("sessions.create", {{"key", "agent:main:s"}, {"model", "house/large"}});
    const auto respond = [&](const json& after) {
        json body{{"model", "openclaw"}, {"input", "hi"}};
        if (!after.is_null()) body["previous_response_id"] = after;
        model.say("yes");
        const auto header = after.is_null() ? "X-OpenClaw-Session-Key: agent:main:s\r\n" : "";
        const auto answer = gateway.ask("POST", "/v1/responses", body.dump(), header);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(model.asked(model.times_asked() - 1)["model"], "house/large");
        return json::parse(answer.body)["id"];
    };
    const auto first = respond(nullptr);
    respond(first);
    respond(first);   // in a session of its own
}

TEST_F(session_model, that_is_not_there_is_refused_at_once) {
    EXPECT_EQ(say("a"), "gpt-4");
    for (const auto& [method, params] : {std::pair("sessions.patch", json{{"key", "a"}, {"model", "mock/x"}}),
                                         std::pair("sessions.create", json{{"model", "nobody/x"}}),
                                         std::pair("agent", json{{"message", "hi"},
                                                                 {"model", "none"},
                                                                 {"idempotencyKey", "k"}})}) {
        const auto r = client.call(method, params);
        EXPECT_EQ(r["ok"], false) << method;
        EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST") << r;
    }
    EXPECT_EQ(model.times_asked(), 1u);
}

}  // namespace
}  // namespace openclaw
