// POST /v1/messages over the wire.

#include "ingress/scripted_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json user_says(const json& content) {
    return {{"role", "user"}, {"content", content}};
}
json asks(const json& messages) {
    return {{"model", "openclaw"},
            {"max_tokens", 100},
            {"messages", messages},
            {"tools", json::array({{{"name", "weather"}, {"input_schema", {{"type", "object"}}}}})}};
}
json result_of(const std::string& id, const std::string& text) {
    return {{"type", "tool_result"}, {"tool_use_id", id}, {"content", text}};
}

class messages_api : public testing::Test {
protected:
    json post(const json& body, int status = 200) {
        const auto r = gateway.ask("POST", "/v1/messages", body.dump(), key, "");
        EXPECT_EQ(r.status, status) << r.body;
        return json::parse(r.body);
    }
    test::sse_events stream(json body) {
        body["stream"] = true;
        const auto r = gateway.ask("POST", "/v1/messages", body.dump(), key, "");
        EXPECT_EQ(r.status, 200) << r.body;
        return test::sse_events(r.body);
    }

    test::scripted_model model;
    test::gateway_fixture gateway{model.settings()};
    const std::string key = "anthropic-version: 2023-06-01\r\nX-Api-Key: " +
                            std::string(test::gateway_token) + "\r\n";
};

TEST_F(messages_api, a_message_comes_as_a_whole) {
    model.say("Hello there");
    auto body = asks(json::array({user_says("hi")}));
    body["system"] = "Be brief.";
    const auto r = post(body);
    EXPECT_TRUE(r["id"].get<std::string>().starts_with("msg_"));
    EXPECT_EQ(r["type"], "message");
    EXPECT_EQ(r["role"], "assistant");
    EXPECT_EQ(r["model"], "openclaw");
    ASSERT_EQ(r["content"].size(), 1u);
    EXPECT_EQ(r["content"][0]["type"], "text");
    EXPECT_EQ(r["content"][0]["text"], "Hello there");
    EXPECT_EQ(r["stop_reason"], "end_turn");
    EXPECT_TRUE(r["stop_sequence"].is_null());
    EXPECT_EQ(r["usage"]["input_tokens"], 11);
    EXPECT_EQ(r["usage"]["output_tokens"], 7);
    EXPECT_THAT(model.asked(0)["messages"][0]["content"].get<std::string>(), HasSubstr("Be brief."));
    EXPECT_EQ(model.asked(0)["max_tokens"], 100);
}

TEST_F(messages_api, a_stream_has_the_events_in_their_order) {
    model.say("Hello there");
    const auto events = stream(asks(json::array({user_says("hi")})));
    std::vector<std::string> names;
    std::string text;
    for (std::size_t i = 0; i < events.data.size(); ++i) {
        const auto e = events.at(i);
        EXPECT_EQ(e["type"], events.names[i]);
        if (names.empty() || names.back() != events.names[i]) names.push_back(events.names[i]);
        if (e["type"] == "content_block_delta") text += e["delta"]["text"].get<std::string>();
    }
    EXPECT_THAT(names, ElementsAre("message_start", "content_block_start", "ping",
                                   "content_block_delta", "content_block_stop", "message_delta",
                                   "message_stop"));
    EXPECT_EQ(text, "Hello there");
    EXPECT_EQ(events.at(0)["message"]["content"], json::array());
    const auto end = events.at(events.data.size() - 2);
    EXPECT_EQ(end["delta"]["stop_reason"], "end_turn");
    EXPECT_EQ(end["usage"]["output_tokens"], 7);
}

TEST_F(messages_api, two_steps_with_a_tool) {
    model.call({{"c1", "weather", R"({"town":"Oslo"})"}}, "Let me see.");
    model.say("It rains.");
    const auto first = post(asks(json::array({user_says("weather?")})));
    EXPECT_EQ(first["stop_reason"], "tool_use");
    ASSERT_EQ(first["content"].size(), 2u);
    EXPECT_EQ(first["content"][1], json({{"type", "tool_use"},
                                         {"id", "c1"},
                                         {"name", "weather"},
                                         {"input", {{"town", "Oslo"}}}}));
    const auto second = post(asks(json::array(
        {user_says("weather?"), {{"role", "assistant"}, {"content", first["content"]}},
         user_says(json::array({result_of("c1", "rain")}))})));
    EXPECT_EQ(second["content"][0]["text"], "It rains.");
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool"));
    EXPECT_EQ(model.asked(1)["messages"].back()["content"], "rain");
}

TEST_F(messages_api, a_stream_has_a_block_for_each_call) {
    model.call({{"c1", "weather", R"({"town":"Oslo"})"}, {"c2", "weather", ""}});
    const auto events = stream(asks(json::array({user_says("weather?")})));
    EXPECT_THAT(events.names,
                ElementsAre("message_start", "content_block_start", "content_block_delta",
                            "content_block_stop", "content_block_start", "content_block_delta",
                            "content_block_stop", "message_delta", "message_stop"));
    EXPECT_EQ(events.at(1)["content_block"], json({{"type", "tool_use"},
                                                   {"id", "c1"},
                                                   {"name", "weather"},
                                                   {"input", json::object()}}));
    EXPECT_EQ(events.at(2)["delta"]["partial_json"], R"({"town":"Oslo"})");
    EXPECT_EQ(events.at(4)["index"], 1);
    EXPECT_EQ(events.at(7)["delta"]["stop_reason"], "tool_use");
}

TEST_F(messages_api, the_header_keeps_a_session_and_the_user_does_not) {
    auto body = asks(json::array({user_says("one")}));
    body["metadata"] = {{"user_id", "ann"}};
    post(body);
    post(body);
    EXPECT_THAT(model.roles(1), ElementsAre("user"));
    const auto fields = key + "X-OpenClaw-Session-Key: agent:main:kept\r\n";
    EXPECT_EQ(gateway.ask("POST", "/v1/messages", body.dump(), fields, "").status, 200);
    EXPECT_EQ(gateway.ask("POST", "/v1/messages", body.dump(), fields, "").status, 200);
    EXPECT_THAT(model.roles(3), ElementsAre("user", "assistant", "user"));
}

TEST_F(messages_api, errors_have_the_types_of_the_api) {
    const auto type_of = [](const json& body) {
        EXPECT_EQ(body["type"], "error");
        EXPECT_TRUE(body["request_id"].is_string());
        EXPECT_TRUE(body["error"]["message"].is_string());
        return body["error"]["type"].get<std::string>();
    };
    auto body = asks(json::array({user_says("hi")}));
    body.erase("max_tokens");
    EXPECT_EQ(type_of(post(body, 400)), "invalid_request_error");
    body["max_tokens"] = 1;
    body["model"] = "claude-unheard-of";
    EXPECT_EQ(type_of(post(body, 404)), "not_found_error");
    body["model"] = "mock/gpt-4";
    EXPECT_EQ(type_of(post(body, 400)), "invalid_request_error") << "it speaks another API";
    const auto wrong = gateway.ask("POST", "/v1/messages", body.dump(), "X-Api-Key: wrong\r\n", "");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(type_of(json::parse(wrong.body)), "authentication_error");
    const auto broken = gateway.ask("POST", "/v1/messages", "{", key, "");
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(type_of(json::parse(broken.body)), "invalid_request_error");
}

TEST_F(messages_api, what_is_refused_before_its_route_has_the_shape_of_the_api) {
    struct refusal {
        const char *method, *target;
        std::string fields;
        int status;
        const char* type;
    };
    const std::vector<refusal> refusals{
        {"GET", "/v1/messages", key, 405, "invalid_request_error"},
        {"POST", "/v1/messages/batches", key, 404, "not_found_error"},
        {"POST", "/v1/messages?beta=true", key + "Origin: https://other.example\r\n", 403,
         "permission_error"},
        {"POST", "/v1/messages", key + "Content-Length: 99999999\r\n", 413, "request_too_large"},
        {"POST", "/v1/messages", key + "Transfer-Encoding: other\r\n", 501, "api_error"},
        {"POST", "/v1/messages", "", 401, "authentication_error"},
    };
    for (const auto& c : refusals) {
        const auto r = gateway.ask(c.method, c.target, "", c.fields, "");
        EXPECT_EQ(r.status, c.status) << c.target << r.body;
        const auto body = json::parse(r.body);
        EXPECT_EQ(body["type"], "error") << r.body;
        EXPECT_EQ(body["error"]["type"], c.type);
        EXPECT_TRUE(body["error"]["message"].is_string());
        EXPECT_EQ(body["request_id"], r.field("x-request-id"));
        EXPECT_EQ(body["request_id"], r.field("request-id"));
    }
    test::wire_client one(gateway.port());
    EXPECT_EQ(json::parse(one.ask(gateway.request("GET", "/v1/messages")).body)["type"], "error");
    const auto next = one.ask(gateway.request("GET", "/v1/nothing"));
    EXPECT_FALSE(json::parse(next.body).contains("type")) << "the shape is of each request";
}

TEST_F(messages_api, the_id_of_the_request_stands_where_its_libraries_look) {
    auto body = asks(json::array({user_says("hi")}));
    for (const bool streamed : {false, true}) {
        body["stream"] = streamed;
        const auto r = gateway.ask("POST", "/v1/messages", body.dump(), key, "");
        EXPECT_EQ(r.status, 200);
        EXPECT_FALSE(r.field("request-id").empty());
        EXPECT_EQ(r.field("request-id"), r.field("x-request-id"));
    }
    EXPECT_EQ(gateway.ask("GET", "/v1/models").field("request-id"), "");
}

TEST_F(messages_api, models_come_in_its_form) {
    const auto ask = [&](const std::string& path) { return gateway.ask("GET", path, "", key, ""); };
    const auto r = ask("/v1/models?limit=20");
    EXPECT_EQ(r.status, 200) << r.body;
    EXPECT_EQ(r.field("request-id"), r.field("x-request-id"));
    const auto list = json::parse(r.body);
    EXPECT_EQ(list["data"][0], json({{"type", "model"},
                                     {"id", "openclaw"},
                                     {"display_name", "openclaw"},
                                     {"created_at", "1970-01-01T00:00:00Z"}}));
    EXPECT_EQ(list["has_more"], false);
    EXPECT_EQ(list["first_id"], "openclaw");
    EXPECT_EQ(list["last_id"], list["data"].back()["id"]);
    EXPECT_EQ(json::parse(ask("/v1/models/mock%2Fgpt-4").body)["display_name"], "mock/gpt-4");
    const auto unknown = ask("/v1/models/claude-9");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(json::parse(unknown.body)["error"]["type"], "not_found_error");
}

TEST_F(messages_api, tokens_are_counted_without_asking_a_model) {
    auto body = asks(json::array({user_says("hi")}));
    body.erase("max_tokens");
    const auto count = [&](int status = 200) {
        const auto r = gateway.ask("POST", "/v1/messages/count_tokens", body.dump(), key, "");
        EXPECT_EQ(r.status, status) << r.body;
        return json::parse(r.body);
    };
    const auto few = count()["input_tokens"].get<int>();
    EXPECT_GT(few, 0);
    body["system"] = std::string(400, 'x');
    EXPECT_GE(count()["input_tokens"].get<int>(), few + 100);
    const auto with_system = count()["input_tokens"].get<int>();
    body["messages"] = json::array({user_says(std::string(4'000, 'x'))});
    EXPECT_GE(count()["input_tokens"].get<int>(), with_system + 900);
    body["model"] = "mock/gpt-4";
    EXPECT_GE(count()["input_tokens"].get<int>(), with_system + 900);
    for (const char* name : {"claude-unheard-of", "openclaw/nobody"}) {
        body["model"] = name;
        EXPECT_EQ(count(404)["error"]["type"], "not_found_error");
    }
    body["messages"] = json::array();
    EXPECT_EQ(count(400)["error"]["type"], "invalid_request_error");
    EXPECT_EQ(model.times_asked(), 0u);
}

TEST(messages_api_limits, a_full_door_has_the_shape_of_the_api) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.max_http_connections = 1;
    test::gateway_fixture gateway(settings);
    test::wire_client first(gateway.port());
    EXPECT_EQ(first.ask(gateway.request("GET", "/v1/models")).status, 200);
    const auto r = gateway.ask("POST", "/v1/messages", "{}");
    EXPECT_EQ(r.status, 503);
    EXPECT_EQ(json::parse(r.body)["error"]["type"], "overloaded_error") << r.body;
}

TEST_F(messages_api, a_failure_in_a_stream_is_an_error_event) {
    model.break_after("Hel");
    const auto events = stream(asks(json::array({user_says("hi")})));
    ASSERT_FALSE(events.names.empty());
    EXPECT_EQ(events.names.back(), "error");
    EXPECT_EQ(events.at(events.data.size() - 1)["error"]["type"], "api_error");
}

TEST_F(messages_api, a_refusal_is_an_answer) {
    for (const std::string said : {"", "I would rather not."}) {
        model.decline(said);
        const auto whole = post(asks(json::array({user_says("hi")})));
        EXPECT_EQ(whole["stop_reason"], "refusal");
        EXPECT_EQ(whole["content"].size(), said.empty() ? 0u : 1u);
        model.decline(said);
        const auto events = stream(asks(json::array({user_says("hi")})));
        ASSERT_GE(events.data.size(), 3u);
        EXPECT_EQ(events.names.front(), "message_start");
        EXPECT_EQ(events.at(events.data.size() - 2)["delta"]["stop_reason"], "refusal");
        EXPECT_EQ(events.names.back(), "message_stop");
    }
}

TEST_F(messages_api, a_stop_sequence_that_was_met_is_named) {
    auto body = asks(json::array({user_says("hi")}));
    body["stop_sequences"] = {"DONE", "END"};
    for (int i = 0; i < 3; ++i) model.stop_at("So far", i == 2 ? "else" : "END");
    const auto whole = post(body);
    EXPECT_EQ(whole["stop_reason"], "stop_sequence");
    EXPECT_EQ(whole["stop_sequence"], "END");
    const auto events = stream(body);
    const auto end = events.at(events.data.size() - 2)["delta"];
    EXPECT_EQ(end["stop_reason"], "stop_sequence");
    EXPECT_EQ(end["stop_sequence"], "END");
    const auto other = post(body);
    EXPECT_EQ(other["stop_reason"], "end_turn") << "nobody has asked for that one";
    EXPECT_TRUE(other["stop_sequence"].is_null());
    model.stop_at("So far", "END");
    const json chat{{"model", "openclaw"}, {"stop", "END"}, {"messages", json::array({user_says("hi")})}};
    const auto r = gateway.ask("POST", "/v1/chat/completions", chat.dump());
    EXPECT_EQ(json::parse(r.body)["choices"][0]["finish_reason"], "stop") << r.body;
}

TEST_F(messages_api, an_answer_that_was_cut_says_so) {
    model.stop_short("Hel");
    EXPECT_EQ(post(asks(json::array({user_says("hi")})))["stop_reason"], "max_tokens");
}

}  // namespace
}  // namespace openclaw
