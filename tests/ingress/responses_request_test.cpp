#include "ingress/responses_answer.hpp"
#include "ingress/responses_request.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

result<client_request> parse(const json& body) {
    const auto text = dump(body);
    return parse_responses_request(json_document::parse(text).value().root());
}

json with_input(const json& input) {
    return {{"model", "openclaw"}, {"input", input}};
}
const json call{{"type", "function_call"}, {"call_id", "c1"}, {"name", "look"}, {"arguments", "{}"}};
const json output{{"type", "function_call_output"}, {"call_id", "c1"}, {"output", "seen"}};
json says(const std::string& role, const json& content) {
    return {{"role", role}, {"content", content}};
}

struct body_case {
    std::string name;
    json patch;            // RFC 7396, of a good body
    std::string problem;   // a part of the message; empty: it passes
};
void PrintTo(const body_case& c, std::ostream* out) { *out << c.name; }

class responses_bodies : public testing::TestWithParam<body_case> {};

TEST_P(responses_bodies, pass_or_name_the_field) {
    const auto& c = GetParam();
    auto body = with_input("hi");
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

json tool(const std::string& name) {
    return {{"type", "function"}, {"name", name}, {"parameters", {{"type", "object"}}}};
}

const std::vector<body_case> bodies{
    {"plain", json::object(), ""},
    {"unknown_members", {{"store", false}, {"reasoning", {{"effort", "low"}}}}, ""},
    {"no_model", {{"model", nullptr}}, "`model`"},
    {"no_input", {{"input", nullptr}}, "`input`"},
    {"input_number", {{"input", 7}}, "`input`"},
    {"input_empty", {{"input", ""}}, "empty"},
    {"input_no_items", {{"input", json::array()}}, "Missing user message in `input`."},
    {"item_text", {{"input", json::array({"hi"})}}, "is not understood"},
    {"item_unknown", {{"input", json::array({{{"type", "computer_call"}}})}}, "`computer_call`"},
    {"item_role", {{"input", json::array({says("king", "hi")})}}, "`role`"},
    {"item_content", {{"input", json::array({says("user", 7)})}}, "`content`"},
    {"part_unknown",
     {{"input", json::array({says("user", json::array({{{"type", "input_file"}}}))})}},
     "`input_file`"},
    {"call_alone", {{"input", json::array({says("user", "hi"), call})}}, "have no results"},
    {"call_nameless", {{"input", json::array({{{"type", "function_call"}, {"call_id", "c"}}})}},
     "`function_call`"},
    {"output_alone", {{"input", json::array({output})}}, ""},
    {"output_nameless",
     {{"input", json::array({{{"type", "function_call_output"}, {"output", "x"}}})}}, "`call_id`"},
    {"output_number",
     {{"input", json::array({{{"type", "function_call_output"}, {"call_id", "c"}, {"output", 1}}})}},
     "`output`"},
    {"instructions_number", {{"instructions", 1}}, "`instructions`"},
    {"previous_number", {{"previous_response_id", 1}}, "`previous_response_id`"},
    {"tool", {{"tools", json::array({tool("look")})}}, ""},
    {"tool_built_in", {{"tools", json::array({{{"type", "web_search"}}})}}, "`web_search`"},
    {"choice_named",
     {{"tools", json::array({tool("look")})},
      {"tool_choice", {{"type", "function"}, {"name", "look"}}}}, ""},
    {"choice_unknown",
     {{"tools", json::array({tool("look")})},
      {"tool_choice", {{"type", "function"}, {"name", "other"}}}}, "`other`"},
    {"format_text", {{"text", {{"format", {{"type", "text"}}}}}}, ""},
    {"format_json", {{"text", {{"format", {{"type", "json_object"}}}}}}, "`text.format`"},
    {"format_schema", {{"text", {{"format", {{"type", "json_schema"}, {"name", "x"}}}}}}, "`json_schema`"},
    {"metadata_text", {{"metadata", "x"}}, "`metadata`"},
    {"metadata_number", {{"metadata", {{"a", 1}}}}, "`metadata`"},
    {"temperature_over", {{"temperature", 2.1}}, "`temperature`"},
    {"max_output_0", {{"max_output_tokens", 0}}, "`max_output_tokens`"},
};
INSTANTIATE_TEST_SUITE_P(, responses_bodies, testing::ValuesIn(bodies),
                         [](const auto& i) { return i.param.name; });

TEST(responses_request, takes_the_items_apart) {
    auto body = with_input(json::array(
        {says("developer", "be brief"), says("user", "first"),
         {{"type", "message"},
          {"role", "assistant"},
          {"content", json::array({{{"type", "output_text"}, {"text", "look"}}})}},
         call, {{"type", "reasoning"}, {"summary", json::array()}}, output,
         says("user", json::array({{{"type", "input_text"}, {"text", "and?"}},
                                   {{"type", "input_image"},
                                    {"image_url", "data:image/png;base64,QQ=="}}}))}));
    body["instructions"] = "Be kind.";
    body["user"] = "ann";
    body["max_output_tokens"] = 9;
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_EQ(r->system, "Be kind.\n\nbe brief");
    EXPECT_EQ(r->text, "and?");
    EXPECT_EQ(r->images.size(), 1u);
    ASSERT_EQ(r->results.size(), 1u);
    EXPECT_EQ(r->results[0].name, "look");
    EXPECT_EQ(r->results[0].text, "seen");
    ASSERT_EQ(r->context.size(), 2u);
    EXPECT_EQ(r->context[1].text(), "look");
    EXPECT_TRUE(r->context[1].has_tool_calls());
    EXPECT_EQ(r->user, "ann");
    EXPECT_EQ(r->sampling.max_tokens, 9);
}

TEST(responses_request, all_that_follows_a_response_is_new) {
    auto body = with_input(json::array({says("user", "one"), says("user", "two")}));
    EXPECT_EQ(parse(body)->text, "two");
    EXPECT_EQ(parse(body)->context.size(), 1u);
    body["previous_response_id"] = "resp_x";
    EXPECT_EQ(parse(body)->text, "one\n\ntwo");
    EXPECT_TRUE(parse(body)->context.empty());
}

TEST(response_ids, lead_back_to_run_and_session) {
    const std::string run = "0193b1c4-0000-7000-8000-000000000001";
    for (const std::string session : {"agent:main:a", "agent:main:\xff\xfe?>~", "x"}) {
        const auto id = response_id(run, session);
        EXPECT_EQ(id.find_first_of("+/="), std::string::npos) << id;
        const auto back = origin_of_response(id);
        ASSERT_TRUE(back) << id;
        EXPECT_EQ(back->run_id, run);
        EXPECT_EQ(back->session, session);
    }
    const std::vector<std::string> others{"", "resp_", "resp_abc", "chatcmpl_" + run + "_YQ", "resp_" + run,
                                          "resp_" + run + "_", "resp_" + run + "_%%"};
    for (const auto& id : others) {
        EXPECT_FALSE(origin_of_response(id)) << id;
    }
}

}  // namespace
}  // namespace openclaw::ingress
