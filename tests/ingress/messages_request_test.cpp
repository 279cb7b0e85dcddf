#include "ingress/messages_request.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

result<client_request> parse(const json& body) {
    const auto text = dump(body);
    return parse_messages_request(json_document::parse(text).value().root());
}

json says(const std::string& role, const json& content) {
    return {{"role", role}, {"content", content}};
}
json text_block(const std::string& text) {
    return {{"type", "text"}, {"text", text}};
}
json good() {
    return {{"model", "openclaw"}, {"max_tokens", 100}, {"messages", json::array({says("user", "hi")})}};
}
json messages(const json& list) {
    return {{"messages", list}};
}
json tool(const std::string& name) {
    return {{"name", name}, {"input_schema", {{"type", "object"}}}};
}
json blocks(const json& block) {
    return messages(json::array({says("user", json::array({block}))}));
}

const json use{{"type", "tool_use"}, {"id", "c1"}, {"name", "look"}, {"input", {{"a", 1}}}};
const json given{{"type", "tool_result"}, {"tool_use_id", "c1"}, {"content", "seen"}};
const json picture{{"type", "image"},
                   {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "QQ=="}}}};
const json remote{{"type", "image"}, {"source", {{"type", "url"}, {"url", "http://10.0.0.1/"}}}};

struct body_case {
    std::string name;
    json patch;            // RFC 7396, of a good body
    std::string problem;   // a part of the message; empty: it passes
};
void PrintTo(const body_case& c, std::ostream* out) { *out << c.name; }

class messages_bodies : public testing::TestWithParam<body_case> {};

TEST_P(messages_bodies, pass_or_name_the_field) {
    const auto& c = GetParam();
    auto body = good();
    body.merge_patch(c.patch);
    const auto r = parse(body);
    if (c.problem.empty()) {
        EXPECT_TRUE(r) << r.error().to_string();
    } else {
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, errc::invalid_input);
        EXPECT_NE(r.error().message.find(c.problem), std::string::npos) << r.error().message;
    }
}

const std::vector<body_case> bodies{
    {"plain", json::object(), ""},
    {"unknown_members", {{"service_tier", "auto"}, {"thinking", {{"type", "disabled"}}}}, ""},
    {"no_model", {{"model", nullptr}}, "model"},
    {"no_max_tokens", {{"max_tokens", nullptr}}, "max_tokens: Field required"},
    {"max_tokens_0", {{"max_tokens", 0}}, "`max_tokens`"},
    {"no_messages", {{"messages", nullptr}}, "messages"},
    {"messages_empty", messages(json::array()), "Missing user message"},
    {"role_system", messages(json::array({says("system", "x")})), "`role`"},
    {"content_number", messages(json::array({says("user", 7)})), "`content`"},
    {"block_document", blocks({{"type", "document"}}), "`document`"},
    {"block_text", messages(json::array({says("user", json::array({"hi"}))})), "a user message"},
    {"image", blocks(picture), ""},
    {"image_remote", blocks(remote), "base64"},
    {"result_alone", blocks(given), ""},
    {"result_nameless", blocks({{"type", "tool_result"}}), "`tool_use_id`"},
    {"result_image",
     blocks({{"type", "tool_result"}, {"tool_use_id", "c"}, {"content", json::array({picture})}}),
     "`image`"},
    {"use_nameless",
     messages(json::array({says("user", "hi"), says("assistant", json::array({{{"type", "tool_use"}}}))})),
     "`tool_use`"},
    {"use_alone", messages(json::array({says("user", "hi"), says("assistant", json::array({use}))})),
     "have no results"},
    {"temperature_over", {{"temperature", 1.1}}, "`temperature`"},
    {"stop_sequences", {{"stop_sequences", {"END"}}}, ""},
    {"stop_sequences_many", {{"stop_sequences", std::vector<std::string>(5, "END")}}, ""},
    {"stop_sequences_too_many", {{"stop_sequences", std::vector<std::string>(1'001, "END")}},
     "`stop_sequences`"},
    {"stop_sequences_number", {{"stop_sequences", 1}}, "`stop_sequences`"},
    {"metadata_text", {{"metadata", "x"}}, "`metadata`"},
    {"user_id_number", {{"metadata", {{"user_id", 1}}}}, "`user_id`"},
    {"system_number", {{"system", 1}}, "`system`"},
    {"tool", {{"tools", json::array({tool("look")})}}, ""},
    {"tool_custom", {{"tools", json::array({{{"type", "custom"}, {"name", "look"}}})}}, ""},
    {"tool_of_server",
     {{"tools", json::array({{{"type", "web_search_20250305"}, {"name", "web_search"}}})}},
     "`web_search_20250305`"},
    {"choice_any", {{"tools", json::array({tool("look")})}, {"tool_choice", {{"type", "any"}}}}, ""},
    {"choice_any_of_none", {{"tool_choice", {{"type", "any"}}}}, "`tool_choice`"},
    {"choice_text", {{"tool_choice", "any"}}, "`tool_choice`"},
    {"mcp_servers", {{"mcp_servers", json::array({json::object()})}}, "`mcp_servers`"},
    {"output_format", {{"output_config", {{"format", {{"type", "json_schema"}}}}}}, "format"},
};
INSTANTIATE_TEST_SUITE_P(, messages_bodies, testing::ValuesIn(bodies),
                         [](const auto& i) { return i.param.name; });

TEST(messages_request, takes_the_conversation_apart) {
    auto body = good();
    body["system"] = json::array({text_block("one"), text_block("two")});
    body["messages"] = json::array(
        {says("user", "first"),
         says("assistant", json::array({{{"type", "thinking"}, {"thinking", "hm"}, {"signature", "s"}},
                                        text_block("look"), use})),
         says("user", json::array({given, text_block("and?"), picture}))});
    body["stream"] = true;
    body["metadata"] = {{"user_id", "ann"}};
    body["stop_sequences"] = {"END"};
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_EQ(r->system, "one\ntwo");
    EXPECT_EQ(r->text, "and?");
    EXPECT_EQ(r->images.size(), 1u);
    ASSERT_EQ(r->results.size(), 1u);
    EXPECT_EQ(r->results[0].name, "look");
    ASSERT_EQ(r->context.size(), 2u);
    EXPECT_EQ(std::get<tool_call>(r->context[1].parts[1]).arguments, R"({"a":1})");
    EXPECT_TRUE(r->stream);
    EXPECT_EQ(r->user, "") << "whose conversation it is, is not for the user's name to say";
    EXPECT_EQ(r->sampling.max_tokens, 100);
    EXPECT_EQ(r->sampling.stop, (std::vector<std::string>{"END"}));
}

TEST(messages_request, results_alone_are_no_question) {
    auto body = good();
    auto failed = given;
    failed["is_error"] = true;
    failed["content"] = json::array({text_block("no such"), text_block("town")});
    body["messages"] = json::array({says("user", "first"), says("assistant", json::array({use})),
                                    says("user", json::array({failed}))});
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_TRUE(r->text.empty());
    ASSERT_EQ(r->results.size(), 1u);
    EXPECT_TRUE(r->results[0].is_error);
    EXPECT_EQ(r->results[0].text, "no such\ntown");
}

}  // namespace
}  // namespace openclaw::ingress
