#include "agents/anthropic_request.hpp"
#include "agents/openai_request.hpp"

#include "agents/stubs.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using namespace test_stubs;

// A conversation with everything in it: a picture, a thought, two calls at once, one of them
// failed, and a further question.
std::vector<chat_message> rich_conversation() {
    auto question = user_message("What time is it?");
    question.parts.push_back(image_part{"image/png", "iVBORw=="});
    auto calling = calling_row({{"call.1", "time", ""}, {"call_2", "time", "{\"bad\":"}}, "Let me see.");
    calling.parts.insert(calling.parts.begin(), thinking_part{"hm", "sig=="});
    auto answer = assistant_message("Noon.");
    answer.parts.insert(answer.parts.begin(), thinking_part{"unsigned", ""});
    return {question, calling, tool_row("call.1", "12:00"), tool_row("call_2", "bad", true), answer,
            user_message("Thanks")};
}

std::vector<tool_definition> one_tool() {
    return {{"time", "Tells the time.", json{{"type", "object"}}}};
}

completion_request request_for(const std::vector<chat_message>& rows,
                               const std::vector<tool_definition>& tools) {
    completion_request request;
    request.model = "m-1";
    request.system = "Be brief.";
    request.messages = rows;
    request.tools = tools;
    request.max_tokens = 100;
    return request;
}

json golden(const std::string& text) {
    return json::parse(text);
}

TEST(openai_request_test, matches_the_recorded_body) {
    const auto rows = rich_conversation();
    const auto tools = one_tool();
    EXPECT_EQ(golden(openai_body(request_for(rows, tools), false)), golden(R"j({
        "model": "m-1", "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 100,
        "messages": [
          {"role": "system", "content": "Be brief."},
          {"role": "user", "content": [
            {"type": "text", "text": "What time is it?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}]},
          {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": "call.1", "type": "function", "function": {"name": "time", "arguments": "{}"}},
            {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": "{\"bad\":"}}]},
          {"role": "tool", "tool_call_id": "call.1", "content": "12:00"},
          {"role": "tool", "tool_call_id": "call_2", "content": "Error: bad"},
          {"role": "assistant", "content": "Noon."},
          {"role": "user", "content": "Thanks"}],
        "tools": [{"type": "function", "function":
          {"name": "time", "description": "Tells the time.", "parameters": {"type": "object"}}}]})j"));
}

TEST(openai_request_test, sends_what_the_caller_wishes) {
    const std::vector<chat_message> rows{user_message("hi")};
    auto request = request_for(rows, {});
    request.system.clear();
    request.sampling = {0.5, 0.9, 77, {"END"}};
    EXPECT_EQ(golden(openai_body(request, true)), golden(R"j({
        "model": "m-1", "stream": true, "stream_options": {"include_usage": true},
        "max_completion_tokens": 100, "temperature": 0.5, "top_p": 0.9, "stop": ["END"],
        "messages": [{"role": "user", "content": "hi"}]})j"));
}

TEST(request_test, the_choice_among_tools_is_told) {
    using kind = tool_choice::kind;
    const std::vector<chat_message> rows{user_message("hi")};
    const auto tools = one_tool();
    struct { tool_choice choice; std::string openai, anthropic; } cases[]{
        {{}, R"j([null, null])j", "null"},
        {{kind::any, "", false}, R"j(["required", null])j", R"j({"type": "any"})j"},
        {{kind::named, "time", false},
         R"j([{"type": "function", "function": {"name": "time"}}, null])j",
         R"j({"type": "tool", "name": "time"})j"},
        {{kind::automatic, "", true}, R"j([null, false])j",
         R"j({"type": "auto", "disable_parallel_tool_use": true})j"},
    };
    const auto member = [](const json& body, const char* key) {
        return body.contains(key) ? body[key] : json(nullptr);
    };
    for (const auto& c : cases) {
        auto request = request_for(rows, tools);
        request.choice = c.choice;
        const auto openai = golden(openai_body(request, false));
        EXPECT_EQ(json::array({member(openai, "tool_choice"), member(openai, "parallel_tool_calls")}),
                  golden(c.openai));
        EXPECT_EQ(member(anthropic_body(request, anthropic_current), "tool_choice"),
                  golden(c.anthropic));
    }
}

TEST(openai_request_test, a_call_without_text_has_null_content) {
    const std::vector<chat_message> rows{user_message("hi"), calling_row({{"a", "time", "{}"}}),
                                         tool_row("a", "12:00")};
    const auto body = golden(openai_body(request_for(rows, {}), false));
    EXPECT_TRUE(body["messages"][2]["content"].is_null());
}

TEST(anthropic_request_test, matches_the_recorded_body) {
    const auto rows = rich_conversation();
    const auto tools = one_tool();
    EXPECT_EQ(anthropic_body(request_for(rows, tools), anthropic_current), golden(R"j({
        "model": "m-1", "stream": true, "max_tokens": 100,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
          {"role": "user", "content": [
            {"type": "text", "text": "What time is it?"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}}]},
          {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": "sig=="},
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "call_1", "name": "time", "input": {}},
            {"type": "tool_use", "id": "call_2", "name": "time", "input": {}}]},
          {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "call_1", "content": "12:00", "is_error": false},
            {"type": "tool_result", "tool_use_id": "call_2", "content": "bad", "is_error": true}]},
          {"role": "assistant", "content": [{"type": "text", "text": "Noon."}]},
          {"role": "user", "content": [{"type": "text", "text": "Thanks"}]}],
        "tools": [{"name": "time", "description": "Tells the time.",
                   "input_schema": {"type": "object"}}]})j"));
}

TEST(anthropic_request_test, the_text_keeps_the_order_of_schemas) {
    const std::string schema = R"({"type":"object","properties":{"zeta":{},"alpha":{}}})";
    const std::vector<chat_message> rows{user_message("hi")};
    std::vector<tool_definition> tools;
    tools.push_back({"a", "first", json_schema(json::parse(schema), schema)});
    tools.push_back({"b", "", json_schema(json::parse(schema), schema)});
    const auto request = request_for(rows, tools);
    const auto text = anthropic_text(request, anthropic_current);
    EXPECT_NE(text.find(R"("input_schema":)" + schema + "}"), std::string::npos) << text;
    EXPECT_EQ(json::parse(text), anthropic_body(request, anthropic_current));
    const auto plain = request_for(rows, {});
    EXPECT_EQ(json::parse(anthropic_text(plain, anthropic_current)),
              anthropic_body(plain, anthropic_current));
}

TEST(anthropic_request_test, only_the_classic_version_gets_sampling) {
    const std::vector<chat_message> rows{user_message("hi")};
    auto request = request_for(rows, {});
    request.sampling = {0.5, 0.9, 77, {"END"}};
    const auto current = anthropic_body(request, anthropic_current);
    EXPECT_FALSE(current.contains("temperature"));
    EXPECT_FALSE(current.contains("top_p"));
    EXPECT_EQ(current["stop_sequences"], json({"END"}));
    const auto classic = anthropic_body(request, anthropic_classic);
    EXPECT_EQ(classic["temperature"], 0.5);
    EXPECT_EQ(classic["top_p"], 0.9);
}

TEST(anthropic_request_test, merges_rows_so_that_roles_alternate_and_results_come_first) {
    const std::vector<chat_message> rows{user_message("one"), user_message("two"),
                                         calling_row({{"a", "time", ""}}), user_message("hurry"),
                                         tool_row("a", "")};
    auto request = request_for(rows, {});
    request.system = " ";
    const auto body = anthropic_body(request, anthropic_current);
    EXPECT_FALSE(body.contains("system"));
    EXPECT_EQ(body["messages"], golden(R"j([
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "time", "input": {}}]},
        {"role": "user", "content": [
          {"type": "tool_result", "tool_use_id": "a", "content": "(no output)", "is_error": false},
          {"type": "text", "text": "hurry"}]}])j"));
}

TEST(anthropic_request_test, never_sends_blank_text_and_begins_with_the_user) {
    auto silent = assistant_message(" \n");
    const std::vector<chat_message> rows{assistant_message("hello"), silent, user_message("")};
    const auto body = anthropic_body(request_for(rows, {}), anthropic_current);
    EXPECT_EQ(body["messages"], golden(R"j([
        {"role": "user", "content": [{"type": "text", "text": "(earlier conversation)"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "hello"}]},
        {"role": "user", "content": [{"type": "text", "text": "(empty message)"}]}])j"));
}

TEST(anthropic_request_test, gives_redacted_thoughts_back_as_they_came) {
    chat_message thinking;
    thinking.role = role::assistant;
    thinking.parts = {thinking_part{"", "redacted:opaque"}, text_part{"so"}};
    const std::vector<chat_message> rows{user_message("hi"), thinking, user_message("go on")};
    const auto body = anthropic_body(request_for(rows, {}), anthropic_current);
    EXPECT_EQ(body["messages"][1]["content"][0],
              json({{"type", "redacted_thinking"}, {"data", "opaque"}}));
}

}  // namespace
}  // namespace openclaw::agents
