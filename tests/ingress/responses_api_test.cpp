// POST /v1/responses and /v1/embeddings over the wire.

#include "ingress/scripted_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace openclaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json asks(const json& input) {
    return {{"model", "openclaw"}, {"input", input}};
}
json with_tool(json body) {
    body["tools"] = json::array({{{"type", "function"},
                                  {"name", "weather"},
                                  {"parameters", {{"type", "object"}}}}});
    return body;
}
json output_of(const std::string& id, const std::string& text) {
    return {{"type", "function_call_output"}, {"call_id", id}, {"output", text}};
}

class responses_api : public testing::Test {
protected:
    json post(const json& body, int status = 200) {
        const auto r = gateway.ask("POST", "/v1/responses", body.dump());
        EXPECT_EQ(r.status, status) << r.body;
        return json::parse(r.body);
    }
    test::sse_events stream(json body) {
        body["stream"] = true;
        const auto r = gateway.ask("POST", "/v1/responses", body.dump());
        EXPECT_EQ(r.status, 200) << r.body;
        EXPECT_EQ(r.field("content-type"), "text/event-stream; charset=utf-8");
        return test::sse_events(r.body);
    }

    test::scripted_model model;
    test::gateway_fixture gateway{model.settings()};
};

TEST_F(responses_api, a_response_comes_as_a_whole) {
    model.say("Hello there");
    auto body = asks("hi");
    body["instructions"] = "Be brief.";
    const auto r = post(body);
    EXPECT_TRUE(r["id"].get<std::string>().starts_with("resp_"));
    EXPECT_EQ(r["object"], "response");
    EXPECT_EQ(r["status"], "completed");
    EXPECT_EQ(r["model"], "openclaw");
    EXPECT_TRUE(r["created_at"].is_number_integer());
    ASSERT_EQ(r["output"].size(), 1u);
    const auto& item = r["output"][0];
    EXPECT_EQ(item["type"], "message");
    EXPECT_EQ(item["role"], "assistant");
    EXPECT_EQ(item["status"], "completed");
    EXPECT_EQ(item["content"][0]["type"], "output_text");
    EXPECT_EQ(item["content"][0]["text"], "Hello there");
    EXPECT_EQ(r["usage"]["input_tokens"], 11);
    EXPECT_EQ(r["usage"]["output_tokens"], 7);
    EXPECT_EQ(r["usage"]["total_tokens"], 18);
    EXPECT_THAT(model.asked(0)["messages"][0]["content"].get<std::string>(), HasSubstr("Be brief."));
}

TEST_F(responses_api, a_stream_has_the_events_in_their_order) {
    model.say("Hello there");
    const auto events = stream(asks("hi"));
    std::vector<std::string> names;
    for (const auto& name : events.names) {
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    EXPECT_THAT(names, ElementsAre("response.created", "response.in_progress",
                                   "response.output_item.added", "response.content_part.added",
                                   "response.output_text.delta", "response.output_text.done",
                                   "response.content_part.done", "response.output_item.done",
                                   "response.completed", ""));
    EXPECT_EQ(events.data.back(), "[DONE]");
    std::string text;
    for (std::size_t i = 0; i + 1 < events.data.size(); ++i) {
        const auto e = events.at(i);
        EXPECT_EQ(e["type"], events.names[i]);
        EXPECT_EQ(e["sequence_number"], i);
        if (e["type"] == "response.output_text.delta") text += e["delta"].get<std::string>();
    }
    EXPECT_EQ(text, "Hello there");
    const auto done = events.at(events.data.size() - 2)["response"];
    EXPECT_EQ(done["output"][0]["content"][0]["text"], "Hello there");
    EXPECT_EQ(done["id"], events.at(0)["response"]["id"]);
    EXPECT_EQ(done["usage"]["total_tokens"], 18);
}

TEST_F(responses_api, calls_are_items_of_the_output) {
    model.call({{"c1", "weather", R"({"town":"Oslo"})"}}, "Let me see.");
    const auto r = post(with_tool(asks("weather?")));
    ASSERT_EQ(r["output"].size(), 2u);
    EXPECT_EQ(r["output"][0]["content"][0]["text"], "Let me see.");
    const auto& item = r["output"][1];
    EXPECT_EQ(item["type"], "function_call");
    EXPECT_EQ(item["call_id"], "c1");
    EXPECT_EQ(item["name"], "weather");
    EXPECT_EQ(item["arguments"], R"({"town":"Oslo"})");
    EXPECT_EQ(item["status"], "completed");
    EXPECT_EQ(r["status"], "completed");
    EXPECT_EQ(r["tools"][0]["name"], "weather");
}

TEST_F(responses_api, a_stream_has_the_calls_after_the_text) {
    model.call({{"c1", "weather", "{}"}, {"c2", "weather", ""}});
    const auto events = stream(with_tool(asks("weather?")));
    EXPECT_THAT(events.names,
                ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                            "response.function_call_arguments.delta",
                            "response.function_call_arguments.done", "response.output_item.done",
                            "response.output_item.added", "response.function_call_arguments.delta",
                            "response.function_call_arguments.done", "response.output_item.done",
                            "response.completed", ""));
    EXPECT_EQ(events.at(2)["item"]["arguments"], "");
    EXPECT_EQ(events.at(2)["item"]["status"], "in_progress");
    EXPECT_EQ(events.at(4)["arguments"], "{}");
    EXPECT_EQ(events.at(4)["item_id"], events.at(5)["item"]["id"]);
    EXPECT_EQ(events.at(6)["output_index"], 1);
    EXPECT_EQ(events.at(10)["response"]["output"].size(), 2u);
}

TEST_F(responses_api, a_response_is_gone_on_from) {
    model.call({{"c1", "weather", "{}"}});
    model.say("It rains.");
    model.say("Take a coat.");
    auto body = with_tool(asks("weather?"));
    const auto first = post(body);
    body["previous_response_id"] = first["id"];
    body["input"] = json::array({output_of("c1", "rain")});
    const auto second = post(body);
    EXPECT_EQ(second["output"][0]["content"][0]["text"], "It rains.");
    EXPECT_EQ(second["previous_response_id"], first["id"]);
    EXPECT_NE(second["id"], first["id"]);
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "tool"));
    auto last = asks("what to wear?");
    last["previous_response_id"] = second["id"];
    EXPECT_EQ(post(last)["output"][0]["content"][0]["text"], "Take a coat.");
    EXPECT_THAT(model.roles(2), ElementsAre("user", "assistant", "tool", "assistant", "user"));
    model.say("Hello");
    post(asks("hi"));
    EXPECT_THAT(model.roles(3), ElementsAre("user")) << "without one, a session of its own";
}

// The OpenAI API's meaning: a response has one past, however often it is gone on from.
TEST_F(responses_api, continuations_of_one_response_do_not_see_each_other) {
    const auto after = [&](const json& response, const char* text) {
        auto body = asks(text);
        body["previous_response_id"] = response["id"];
        return post(body);
    };
    const auto said = [&](std::size_t n) {
        std::vector<std::string> texts;
        const auto messages = model.asked(n)["messages"];
        for (const auto& m : messages) {
            if (m["role"] == "user") texts.push_back(m["content"].get<std::string>());
        }
        return texts;
    };
    const auto first = post(asks("one"));
    const auto left = after(first, "left");
    const auto right = after(first, "right");
    EXPECT_THAT(model.roles(2), ElementsAre("user", "assistant", "user"));
    EXPECT_THAT(said(2), ElementsAre("one", "right"));
    after(left, "more left");
    EXPECT_THAT(said(3), ElementsAre("one", "left", "more left"));
    after(right, "more right");
    EXPECT_THAT(said(4), ElementsAre("one", "right", "more right"));
    after(right, "else right");
    EXPECT_THAT(said(5), ElementsAre("one", "right", "else right"));
    EXPECT_EQ(json::parse(gateway.ask("GET", "/api/sessions?includeUnknown=true").body)["count"], 3);
}

TEST_F(responses_api, continuations_at_once_do_not_see_each_other) {
    const auto first = post(asks("one"));
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            auto body = asks("two");
            body["previous_response_id"] = first["id"];
            post(body);
        });
    }
    for (auto& c : clients) c.join();
    ASSERT_EQ(model.times_asked(), 9u);
    for (std::size_t n = 1; n < 9; ++n) {
        EXPECT_THAT(model.roles(n), ElementsAre("user", "assistant", "user")) << n;
    }
}

TEST_F(responses_api, a_continuation_that_comes_to_nothing_copies_nothing) {
    auto body = asks("one");
    body["user"] = "ann";
    const auto first = post(body);
    body["input"] = "two";
    post(body);
    auto wrong = with_tool(asks("three"));
    wrong["previous_response_id"] = first["id"];
    wrong["input"] = json::array({output_of("c1", "rain")});
    EXPECT_EQ(gateway.ask("POST", "/v1/responses", wrong.dump()).status, 400);
    const auto all = json::parse(gateway.ask("GET", "/api/sessions?includeUnknown=true").body);
    EXPECT_EQ(all["sessions"].size(), 1u) << all;
}

TEST_F(responses_api, what_a_user_said_since_is_not_part_of_a_response) {
    auto body = asks("one");
    body["user"] = "ann";
    const auto first = post(body);
    body["input"] = "two";
    post(body);
    body["input"] = "three";
    body["previous_response_id"] = first["id"];
    post(body);
    EXPECT_THAT(model.roles(2), ElementsAre("user", "assistant", "user"));
    body.erase("previous_response_id");
    body["input"] = "four";
    post(body);
    EXPECT_EQ(model.roles(3).size(), 5u) << "the user's session is as it was";
}

TEST_F(responses_api, an_unknown_response_is_not_gone_on_from) {
    auto body = asks("hi");
    const auto known = post(body)["id"].get<std::string>();
    auto other = known;
    other[6] = other[6] == '1' ? '2' : '1';
    for (const auto& id : {other, std::string("resp_x"), known + "YQ"}) {
        body["previous_response_id"] = id;
        const auto e = post(body, 400)["error"];
        EXPECT_EQ(e["code"], "previous_response_not_found");
        EXPECT_THAT(e["message"].get<std::string>(), HasSubstr("not found"));
    }
    EXPECT_EQ(model.times_asked(), 1u);
}

TEST_F(responses_api, a_user_has_one_session_here_and_in_chat_completions) {
    auto body = asks("one");
    body["user"] = "ann";
    post(body);
    const json chat{{"model", "openclaw"},
                    {"user", "ann"},
                    {"messages", json::array({{{"role", "user"}, {"content", "two"}}})}};
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", chat.dump()).status, 200);
    EXPECT_THAT(model.roles(1), ElementsAre("user", "assistant", "user"));
}

TEST_F(responses_api, what_was_asked_is_repeated) {
    auto body = asks("hi");
    EXPECT_TRUE(post(body)["instructions"].is_null());
    EXPECT_EQ(post(body)["metadata"], json::object());
    body["instructions"] = "Be brief.";
    body["metadata"] = {{"order", "7"}};
    const auto r = post(body);
    EXPECT_EQ(r["instructions"], "Be brief.");
    EXPECT_EQ(r["metadata"], body["metadata"]);
}

TEST_F(responses_api, an_answer_that_was_cut_is_incomplete) {
    model.stop_short("Hel");
    model.stop_short("Hel");
    const auto r = post(asks("hi"));
    EXPECT_EQ(r["status"], "incomplete");
    EXPECT_EQ(r["incomplete_details"]["reason"], "max_output_tokens");
    const auto events = stream(asks("hi"));
    EXPECT_EQ(events.names[events.names.size() - 2], "response.incomplete");
    EXPECT_EQ(r["output"][0]["status"], "incomplete");
    const auto end = events.at(events.names.size() - 2)["response"];
    EXPECT_EQ(end["output"][0]["status"], "incomplete");
    EXPECT_EQ(events.at(events.names.size() - 3)["item"]["status"], "incomplete");
}

TEST_F(responses_api, a_failure_in_a_stream_is_a_failed_response) {
    model.break_after("Hel");
    const auto events = stream(asks("hi"));
    ASSERT_GE(events.names.size(), 2u);
    EXPECT_EQ(events.data.back(), "[DONE]");
    const auto failed = events.at(events.names.size() - 2);
    EXPECT_EQ(failed["type"], "response.failed");
    EXPECT_EQ(failed["response"]["status"], "failed");
    EXPECT_EQ(failed["response"]["error"]["code"], "server_error");
    EXPECT_EQ(failed["response"]["output"][0]["content"][0]["text"], "Hel");
}

TEST_F(responses_api, what_is_wrong_is_named) {
    EXPECT_EQ(post({{"model", "openclaw/nobody"}, {"input", "hi"}}, 400)["error"]["message"],
              "Unknown agent 'nobody'.");
    EXPECT_THAT(post({{"model", "gpt-4"}, {"input", "hi"}}, 400)["error"]["message"].get<std::string>(),
                HasSubstr("Invalid `model`."));
    EXPECT_THAT(post({{"model", "local/echo"}, {"input", "hi"}}, 400)["error"]["message"]
                    .get<std::string>(), HasSubstr("does not speak Responses"));
    EXPECT_EQ(gateway.ask("POST", "/v1/responses", "[]").status, 400);
    EXPECT_EQ(gateway.ask("GET", "/v1/responses").status, 405);
}

TEST_F(responses_api, vectors_are_a_providers) {
    const auto ask = [&](const std::string& name) {
        return gateway.ask("POST", "/v1/embeddings", json{{"model", name}, {"input", "x"}}.dump());
    };
    const auto none = ask("openclaw");
    EXPECT_EQ(none.status, 500);
    EXPECT_EQ(json::parse(none.body)["error"]["type"], "api_error");
    EXPECT_EQ(ask("nobody/x").status, 400);
    EXPECT_EQ(ask("local/echo").status, 400);
    EXPECT_EQ(ask("mock/gpt-4").status, 200);
    EXPECT_EQ(model.asked(0), json({{"model", "gpt-4"}, {"input", "x"}}));
}

}  // namespace
}  // namespace openclaw
