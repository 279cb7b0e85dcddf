#include "openclaw/model/chat_message.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

std::vector<message_part> one_of_each() {
    return {text_part{"hi \"you\"\n"}, thinking_part{"hm", "sig=="}, image_part{"image/png", "AAEC"},
            tool_call{"c1", "exec", R"({"a": 1})"}, tool_result{"c1", "exec", "done", true}};
}

json form_of(const std::vector<message_part>& parts) {
    std::string text;
    json_writer out(text);
    write_parts(out, parts);
    return json::parse(text);
}

TEST(message_parts, have_the_shapes_of_the_wire) {
    EXPECT_EQ(form_of(one_of_each()), json::parse(R"([
        {"type":"text","text":"hi \"you\"\n"},
        {"type":"thinking","thinking":"hm","signature":"sig=="},
        {"type":"image","mimeType":"image/png","data":"AAEC"},
        {"type":"toolCall","id":"c1","name":"exec","arguments":"{\"a\": 1}"},
        {"type":"toolResult","toolCallId":"c1","toolName":"exec","text":"done","isError":true}])"));
}

TEST(message_parts, come_back_as_they_were) {
    const auto form = form_of(one_of_each());
    const auto back = parts_from_json(form);
    ASSERT_EQ(back.size(), 5u);
    EXPECT_EQ(form_of(back), form);
    EXPECT_EQ(std::get<tool_call>(back[3]).arguments, R"({"a": 1})");
    EXPECT_TRUE(std::get<tool_result>(back[4]).is_error);
}

TEST(message_parts, bytes_that_are_not_text_become_valid_json) {
    const auto form = form_of({tool_result{"c2", "web\\x", "broken \xff bytes", false}});
    EXPECT_EQ(form[0]["toolName"], "web\\x");
    EXPECT_EQ(form[0]["text"], "broken \uFFFD bytes");
    EXPECT_EQ(form_of({}), json::array());
}

TEST(message_parts, unknown_ones_are_dropped) {
    const auto parts = parts_from_json(
        json::parse(R"([{"type":"video"}, 7, null, {"text":"x"}, {"type":"text","text":"kept"}])"));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(std::get<text_part>(parts[0]).text, "kept");
    EXPECT_TRUE(parts_from_json(json("text")).empty());
    EXPECT_TRUE(parts_from_json(json()).empty());
}

TEST(message_parts, members_of_the_wrong_type_are_empty) {
    const auto parts = parts_from_json(json::parse(R"([{"type":"toolCall","id":5,"name":"n"}])"));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(std::get<tool_call>(parts[0]).id, "");
    EXPECT_EQ(std::get<tool_call>(parts[0]).name, "n");
}

TEST(chat_message, joins_its_texts_and_knows_its_calls) {
    chat_message m;
    m.parts = {text_part{"a"}, thinking_part{"no", ""}, text_part{"b"}};
    EXPECT_EQ(m.text(), "ab");
    EXPECT_FALSE(m.has_tool_calls());
    m.parts.emplace_back(tool_call{"1", "t", ""});
    EXPECT_TRUE(m.has_tool_calls());
    EXPECT_EQ(user_message("q").role, role::user);
    EXPECT_EQ(assistant_message("a").role, role::assistant);
    EXPECT_EQ(assistant_message("a").text(), "a");
}

TEST(token_usage, adds_up) {
    token_usage sum{1, 2, 3, 4};
    sum += {10, 20, 30, 40};
    EXPECT_EQ(sum.input, 11);
    EXPECT_EQ(sum.output, 22);
    EXPECT_EQ(sum.cache_read, 33);
    EXPECT_EQ(sum.cache_write, 44);
    EXPECT_EQ(sum.total(), 110);
}

TEST(role_names, read_back) {
    for (auto r : {role::user, role::assistant, role::tool}) EXPECT_EQ(role_from(name_of(r)), r);
    EXPECT_EQ(role_from("system"), role::user);
}

}  // namespace
}  // namespace openclaw
