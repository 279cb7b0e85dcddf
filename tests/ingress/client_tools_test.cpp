// Tools that the client of /v1/chat/completions brings along: handed over, come back to, kept.

#include "ingress/scripted_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json user_says(const std::string& text) {
    return {{"role", "user"}, {"content", text}};
}
json tool_says(const std::string& id, const std::string& text) {
    return {{"role", "tool"}, {"tool_call_id", id}, {"content", text}};
}
json body_with(const std::vector<json>& messages) {
    return {{"model", "openclaw"},
            {"messages", messages},
            {"tools", json::array({{{"type", "function"},
                                    {"function", {{"name", "weather"},
                                                  {"description", "of a town"},
                                                  {"parameters", {{"type", "object"}}}}}}})}};
}

class client_tools_test : public testing::Test {
protected:
    json post(const json& body, const std::string& fields = {}, int status = 200) {
        const auto r = gateway.ask("POST", "/v1/chat/completions", body.dump(), fields);
        EXPECT_EQ(r.status, status) << r.body;
        return json::parse(r.body);
    }
    static json message_of(const json& completion) { return completion["choices"][0]["message"]; }

    test::scripted_model model;
    test::gateway_fixture gateway{model.settings()};
    const std::string key = "X-OpenClaw-Session-Key: agent:main:kept\r\n";
};

TEST_F(client_tools_test, two_steps_without_a_session) {
    model.call({{"c1", "weather", R"({"town":"Oslo"})"}, {"c2", "weather", ""}});
    model.say("It rains.");
    auto body = body_with({user_says("weather?")});
    const auto first = post(body);
    EXPECT_EQ(first["choices"][0]["finish_reason"], "tool_calls");
    const auto asking = message_of(first);
    EXPECT_TRUE(asking["content"].is_null());
    ASSERT_EQ(asking["tool_calls"].size(), 2u);
    EXPECT_EQ(asking["tool_calls"][0], json({{"id", "c1"},
                                             {"type", "function"},
                                             {"function", {{"name", "weather"},
                                                           {"arguments", R"({"town":"Oslo"})"}}}}));
    EXPECT_EQ(asking["tool_calls"][1]["function"]["arguments"], "{}");
    const auto tools = model.asked(0)["tools"];
    EXPECT_EQ(tools.back()["function"]["name"], "weather");
    EXPECT_EQ(tools.size(), 2u) << "beside the agent's own";

    body["messages"] = {user_says("weather?"), asking, tool_says("c1", "rain"), tool_says("c2", "sun")};
    const auto second = post(body);
    EXPECT_EQ(message_of(second)["content"], "It rains.");
    EXPECT_FALSE(message_of(second).contains("tool_calls"));
    EXPECT_EQ(second["choices"][0]["finish_reason"], "stop");
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool", "tool"));
    EXPECT_EQ(model.asked(1)["messages"].back()["content"], "sun");
}

TEST_F(client_tools_test, a_stream_has_the_calls_at_its_end) {
    model.call({{"c1", "weather", R"({"a":1})"}, {"c2", "weather", "{}"}}, "Let me see.");
    auto body = body_with({user_says("weather?")});
    body["stream"] = true;
    const auto r = gateway.ask("POST", "/v1/chat/completions", body.dump());
    const test::sse_events events(r.body);
    ASSERT_EQ(events.data.back(), "[DONE]");
    std::string text;
    std::vector<std::string> ids, arguments(2);
    for (std::size_t i = 0; i + 1 < events.data.size(); ++i) {
        const auto delta = events.at(i)["choices"][0]["delta"];
        text += delta.value("content", "");
        if (!delta.contains("tool_calls")) continue;
        const auto& call = delta["tool_calls"][0];
        if (call.contains("id")) {
            EXPECT_EQ(call["type"], "function");
            EXPECT_EQ(call["function"]["name"], "weather");
            ids.push_back(call["id"].get<std::string>());
        }
        arguments[call["index"].get<std::size_t>()] += call["function"]["arguments"].get<std::string>();
    }
    EXPECT_EQ(text, "Let me see.");
    EXPECT_THAT(ids, ElementsAre("c1", "c2"));
    EXPECT_THAT(arguments, ElementsAre(R"({"a":1})", "{}"));
    EXPECT_EQ(events.at(events.data.size() - 2)["choices"][0]["finish_reason"], "tool_calls");
}

TEST_F(client_tools_test, a_kept_session_has_each_row_once) {
    model.call({{"c1", "weather", "{}"}});
    model.say("It rains.");
    model.say("You are welcome.");
    const auto first = message_of(post(body_with({user_says("weather?")}), key));
    post(body_with({user_says("weather?"), first, tool_says("c1", "rain")}), key);
    post(body_with({user_says("weather?"), first, tool_says("c1", "rain"),
                    {{"role", "assistant"}, {"content", "It rains."}}, user_says("thanks")}), key);
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool"));
    EXPECT_THAT(model.roles(2), ElementsAre("user", "assistant", "tool", "assistant", "user"));
    EXPECT_EQ(model.asked(2)["messages"].back()["content"], "thanks");
}

TEST_F(client_tools_test, a_kept_session_needs_the_results_alone) {
    model.call({{"c1", "weather", "{}"}});
    model.say("It rains.");
    auto body = body_with({user_says("weather?")});
    body["user"] = "ann";
    post(body);
    body["messages"] = json::array({tool_says("c1", "rain")});
    EXPECT_EQ(message_of(post(body))["content"], "It rains.");
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool"));
}

TEST_F(client_tools_test, results_that_begin_a_session_bring_their_question_along) {
    model.say("It rains.");
    const json asking{{"role", "assistant"},
                      {"tool_calls", json::array({{{"id", "c1"},
                                                   {"type", "function"},
                                                   {"function", {{"name", "weather"},
                                                                 {"arguments", "{}"}}}}})}};
    post(body_with({user_says("weather?"), asking, tool_says("c1", "rain")}), key);
    post(body_with({user_says("thanks")}), key);
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool", "assistant", "user"));
    EXPECT_EQ(model.asked(1)["messages"][1]["content"], "weather?");
}

TEST_F(client_tools_test, own_tools_run_first_and_the_rest_is_handed_over) {
    model.call({{"own", "time", "{}"}, {"c1", "weather", "{}"}});
    model.say("Noon and rain.");
    const auto asking = message_of(post(body_with({user_says("weather?")}), key));
    ASSERT_EQ(asking["tool_calls"].size(), 1u);
    EXPECT_EQ(asking["tool_calls"][0]["id"], "c1");
    EXPECT_EQ(model.times_asked(), 1u);
    const auto done = post(body_with({tool_says("c1", "rain")}), key);
    EXPECT_EQ(message_of(done)["content"], "Noon and rain.");
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool", "tool"));
    EXPECT_EQ(model.asked(1)["messages"].back()["content"], "rain");
}

TEST_F(client_tools_test, calls_that_nobody_answered_do_not_block_a_session) {
    model.call({{"c1", "weather", "{}"}});
    post(body_with({user_says("weather?")}), key);
    post(body_with({user_says("never mind")}), key);
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool", "user"));
    EXPECT_THAT(model.asked(1)["messages"][3]["content"].get<std::string>(), HasSubstr("no result"));
    const auto late = post(body_with({tool_says("c1", "rain")}), key, 400);
    EXPECT_THAT(late["error"]["message"].get<std::string>(), HasSubstr("`c1`"));
}

TEST_F(client_tools_test, a_request_that_failed_can_be_sent_again) {
    model.call({{"c1", "weather", "{}"}});
    model.break_after("It");
    model.say("It rains.");
    post(body_with({user_says("weather?")}), key);
    const auto again = body_with({tool_says("c1", "rain")});
    EXPECT_GE(gateway.ask("POST", "/v1/chat/completions", again.dump(), key).status, 500);
    EXPECT_EQ(message_of(post(again, key))["content"], "It rains.");
    EXPECT_THAT(model.roles(2), ElementsAre("user", "assistant", "tool"));
}

TEST_F(client_tools_test, what_does_not_fit_is_refused_by_name) {
    const auto problem = [&](const json& body) {
        const auto e = post(body, "", 400)["error"];
        EXPECT_EQ(e["type"], "invalid_request_error");
        return e["message"].get<std::string>();
    };
    auto body = body_with({user_says("hi")});
    body["tools"][0]["function"]["name"] = "time";
    EXPECT_THAT(problem(body), HasSubstr("`time`"));
    EXPECT_THAT(problem(body_with({user_says("hi"), tool_says("c9", "x")})), HasSubstr("`c9`"));
    EXPECT_THAT(problem(body_with({tool_says("c9", "x")})), HasSubstr("`c9`"));
    EXPECT_EQ(model.times_asked(), 0u);
}

TEST_F(client_tools_test, the_choice_reaches_the_model) {
    auto body = body_with({user_says("hi")});
    body["tool_choice"] = "required";
    body["parallel_tool_calls"] = false;
    post(body);
    EXPECT_EQ(model.asked(0)["tool_choice"], "required");
    EXPECT_EQ(model.asked(0)["parallel_tool_calls"], false);
    EXPECT_EQ(model.asked(0)["tools"].size(), 1u);
}

}  // namespace
}  // namespace openclaw
