#include "ingress/openai_request.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

json user_says(const json& content) {
    return {{"role", "user"}, {"content", content}};
}
json good() {
    return {{"model", "openclaw"}, {"messages", json::array({user_says("hi")})}};
}
json image(const std::string& url) {
    return {{"type", "image_url"}, {"image_url", {{"url", url}}}};
}

result<client_request> parse(const json& body) {
    const auto text = dump(body);
    return parse_openai_request(json_document::parse(text).value().root());
}

struct patch_case {
    std::string name;
    json patch;            // RFC 7396, of a good body
    std::string problem;   // a part of the message; empty: it passes
};
void PrintTo(const patch_case& c, std::ostream* out) { *out << c.name; }

class openai_bodies : public testing::TestWithParam<patch_case> {};

TEST_P(openai_bodies, pass_or_name_the_field) {
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

json messages(const json& list) {
    return {{"messages", list}};
}
json images(int count) {
    json parts = json::array();
    for (int i = 0; i < count; ++i) parts.push_back(image("data:image/png;base64,QQ=="));
    return messages(json::array({user_says(parts)}));
}

json calling(const std::string& id) {
    return {{"role", "assistant"},
            {"content", nullptr},
            {"tool_calls", json::array({{{"id", id},
                                         {"type", "function"},
                                         {"function", {{"name", "look"}, {"arguments", "{}"}}}}})}};
}
json tool_says(const std::string& id, const std::string& content) {
    return {{"role", "tool"}, {"tool_call_id", id}, {"content", content}};
}
json with_tools(const std::vector<std::string>& names, const json& choice = nullptr) {
    json tools = json::array();
    for (const auto& name : names) tools.push_back({{"type", "function"}, {"function", {{"name", name}}}});
    return {{"tools", tools}, {"tool_choice", choice}};
}
std::vector<std::string> names(int count) {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back("t" + std::to_string(i));
    return out;
}

const json system_row{{"role", "system"}, {"content", "be brief"}};
const json empty_assistant{{"role", "assistant"}, {"content", nullptr}};
const json text_part_of_hi{{"type", "text"}, {"text", "hi"}};

const std::vector<patch_case> bodies{
    {"plain", json::object(), ""},
    {"unknown_members", {{"logit_bias", {{"1", 2}}}, {"store", false}}, ""},
    {"no_model", {{"model", nullptr}}, "`model`"},
    {"model_number", {{"model", 4}}, "`model`"},
    {"stream_text", {{"stream", "yes"}}, "`stream`"},
    {"no_messages", {{"messages", nullptr}}, "`messages`"},
    {"messages_object", messages({{"role", "user"}}), "`messages`"},
    {"messages_empty", messages(json::array()), "Missing user message in `messages`."},
    {"system_only", messages(json::array({system_row})), "Missing user message in `messages`."},
    {"message_text", messages(json::array({"hi"})), "`role`"},
    {"unknown_role", messages(json::array({{{"role", "king"}, {"content", "x"}}, user_says("hi")})),
     "`role`"},
    {"content_number", messages(json::array({user_says(7)})), "`content`"},
    {"content_empty", messages(json::array({user_says("")})), "empty"},
    {"content_parts", messages(json::array({user_says(json::array({text_part_of_hi}))})), ""},
    {"unknown_part", messages(json::array({user_says(json::array({{{"type", "video"}}}))})),
     "`video`"},
    {"part_text", messages(json::array({user_says(json::array({"hi"}))})), "content part"},
    {"assistant_null", messages(json::array({empty_assistant, user_says("hi")})), ""},
    {"image_inline", images(8), ""},
    {"too_many_images", images(9), "8 images"},
    {"image_remote",
     messages(json::array({user_says(json::array({image("http://10.0.0.1/x.png")}))})), "data:"},
    {"image_no_base64",
     messages(json::array({user_says(json::array({image("data:image/png,raw")}))})), "data:"},
    {"image_html",
     messages(json::array({user_says(json::array({image("data:text/html;base64,QQ==")}))})), "data:"},
    {"temperature_0", {{"temperature", 0}}, ""},
    {"temperature_2", {{"temperature", 2}}, ""},
    {"temperature_over", {{"temperature", 2.01}}, "`temperature`"},
    {"temperature_under", {{"temperature", -0.1}}, "`temperature`"},
    {"temperature_text", {{"temperature", "1"}}, "`temperature`"},
    {"top_p_over", {{"top_p", 1.1}}, "`top_p`"},
    {"presence_over", {{"presence_penalty", 2.1}}, "`presence_penalty`"},
    {"frequency_under", {{"frequency_penalty", -2.1}}, "`frequency_penalty`"},
    {"max_tokens_0", {{"max_tokens", 0}}, "`max_tokens`"},
    {"max_tokens_half", {{"max_tokens", 1.5}}, "`max_tokens`"},
    {"max_tokens_huge", {{"max_tokens", 18'446'744'073'709'551'615ULL}}, "`max_tokens`"},
    {"max_completion_text", {{"max_completion_tokens", "9"}}, "`max_completion_tokens`"},
    {"n_1", {{"n", 1}}, ""},
    {"n_2", {{"n", 2}}, "`n`"},
    {"stop_text", {{"stop", "END"}}, ""},
    {"stop_4", {{"stop", {"a", "b", "c", "d"}}}, ""},
    {"stop_5", {{"stop", {"a", "b", "c", "d", "e"}}}, "`stop`"},
    {"stop_number", {{"stop", 1}}, "`stop`"},
    {"stop_mixed", {{"stop", {"a", 1}}}, "`stop`"},
    {"seed_number", {{"seed", 7}}, ""},
    {"seed_text", {{"seed", "7"}}, "`seed`"},
    {"tools_empty", {{"tools", json::array()}}, ""},
    {"tools_object", {{"tools", json::object()}}, "`tools` must be a list"},
    {"tool_nameless", {{"tools", json::array({{{"type", "function"}}})}}, "name of a tool"},
    {"tool_odd_name", with_tools({"a b"}), "`a b`"},
    {"tool_long_name", with_tools({std::string(129, 'a')}), "name of a tool"},
    {"tool_longest_name", with_tools({std::string(128, 'a')}), ""},
    {"tool_twice", with_tools({"a", "a"}), "twice"},
    {"tool_no_function", {{"tools", json::array({{{"type", "web_search"}}})}}, "`web_search`"},
    {"tool_bad_schema",
     {{"tools", json::array({{{"type", "function"},
                              {"function", {{"name", "a"}, {"parameters", 7}}}}})}},
     "schema of the tool `a`"},
    {"tools_128", with_tools(names(128)), ""},
    {"tools_129", with_tools(names(129)), "At most 128"},
    {"choice_auto_without_tools", {{"tool_choice", "auto"}}, ""},
    {"choice_required_without_tools", {{"tool_choice", "required"}}, "`tool_choice`"},
    {"choice_of_another",
     with_tools({"a"}, {{"type", "function"}, {"function", {{"name", "b"}}}}), "`b`"},
    {"choice_of_one", with_tools({"a"}, {{"type", "function"}, {"function", {{"name", "a"}}}}), ""},
    {"choice_odd", with_tools({"a"}, "sometimes"), "`tool_choice`"},
    {"parallel_text", {{"tools", json::array()}, {"parallel_tool_calls", "no"}}, "`parallel_tool_calls`"},
    {"role_function",
     messages(json::array({user_says("hi"), {{"role", "function"}, {"name", "f"}, {"content", "x"}}})),
     "`function`"},
    {"function_call",
     messages(json::array({user_says("hi"), {{"role", "assistant"}, {"function_call", {{"name", "f"}}}},
                           user_says("and?")})),
     "`function_call`"},
    {"function_call_null",
     messages(json::array({user_says("hi"),
                           {{"role", "assistant"}, {"content", "x"}, {"function_call", nullptr}},
                           user_says("and?")})),
     ""},
    {"functions", {{"functions", json::array({json::object()})}}, "`functions`"},
    {"format_text", {{"response_format", {{"type", "text"}}}}, ""},
    {"format_json", {{"response_format", {{"type", "json_object"}}}}, "`response_format`"},
    {"result_without_id", messages(json::array({user_says("hi"), {{"role", "tool"}}})),
     "`tool_call_id`"},
    {"call_without_id",
     messages(json::array({user_says("hi"), {{"role", "assistant"},
                                             {"tool_calls", json::array({json::object()})}}})),
     "`tool_calls`"},
    {"calls_without_results", messages(json::array({user_says("hi"), calling("c1")})),
     "have no results"},
    {"results_alone", messages(json::array({tool_says("c1", "x")})), ""},
};
INSTANTIATE_TEST_SUITE_P(, openai_bodies, testing::ValuesIn(bodies),
                         [](const auto& i) { return i.param.name; });

TEST(openai_request, a_body_that_is_no_object_is_refused) {
    for (const json& body : {json(nullptr), json::array(), json("x"), json(1)}) {
        EXPECT_FALSE(parse(body));
    }
}

TEST(openai_request, takes_the_conversation_apart) {
    auto body = good();
    body["messages"] = json::array(
        {{{"role", "system"}, {"content", "one"}},
         {{"role", "developer"}, {"content", "two"}},
         user_says("first question"),
         {{"role", "assistant"}, {"content", "first answer"}},
         user_says(json::array({{{"type", "text"}, {"text", "second"}},
                                {{"type", "text"}, {"text", "question"}},
                                image("data:image/png;base64,QQ==")})),
         {{"role", "assistant"}, {"content", "a prefill that is not asked"}}});
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
    body["user"] = "somebody";
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_EQ(r->system, "one\n\ntwo");
    ASSERT_EQ(r->context.size(), 2u);
    EXPECT_EQ(r->context[0].text(), "first question");
    EXPECT_EQ(r->context[1].role, role::assistant);
    EXPECT_EQ(r->text, "second\nquestion");
    ASSERT_EQ(r->images.size(), 1u);
    EXPECT_EQ(r->images[0].mime_type, "image/png");
    EXPECT_TRUE(r->stream);
    EXPECT_TRUE(r->include_usage);
    EXPECT_EQ(r->user, "somebody");
}

TEST(openai_request, results_go_on_from_the_calls) {
    auto body = good();
    body["messages"] = json::array({user_says("first"), calling("c0"), tool_says("c0", "old"),
                                    calling("c1"), tool_says("c1", "new")});
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_EQ(r->text, "");
    ASSERT_EQ(r->results.size(), 1u);
    EXPECT_EQ(r->results[0].call_id, "c1");
    EXPECT_EQ(r->results[0].text, "new");
    ASSERT_EQ(r->context.size(), 4u);
    EXPECT_EQ(std::get<tool_result>(r->context[2].parts[0]).name, "look");
    EXPECT_TRUE(r->context[3].has_tool_calls());
}

TEST(openai_request, a_question_may_follow_results) {
    auto body = good();
    body["messages"] = json::array({user_says("first"), calling("c1"), tool_says("c1", "new"),
                                    user_says("and now?")});
    const auto r = parse(body);
    ASSERT_TRUE(r) << r.error().to_string();
    EXPECT_EQ(r->text, "and now?");
    EXPECT_EQ(r->results.size(), 1u);
    EXPECT_EQ(r->context.size(), 2u);
}

// A model answers in the order of the members.
TEST(openai_request, a_schema_keeps_its_order) {
    const auto schema_in = [](const std::string& parameters) {
        const auto document = json_document::parse(
            R"({"model":"openclaw","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function",)"
            R"("function":{"name":"f","parameters":)" + parameters + "}}]}");
        const auto r = parse_openai_request(document->root());
        return r ? r->tools->offered[0].parameters.text() : r.error().message;
    };
    const std::string whole =
        R"({"type":"object","properties":{"zeta":{"type":"string","enum":["b","a"]},"alpha":{"b":1.5,)"
        R"("a":null}},"required":[],"$defs":{}})";
    EXPECT_EQ(schema_in(whole), whole);
    EXPECT_EQ(schema_in(R"({"z":1,"a":"\u00e9"})"), R"({"type":"object","z":1,"a":"é"})");
    EXPECT_EQ(schema_in("{}"), R"({"type":"object"})");
    EXPECT_EQ(schema_in("null"), R"({"type":"object","properties":{}})");
}

TEST(openai_request, tools_are_taken_with_the_choice) {
    auto body = good();
    EXPECT_FALSE(parse(body)->tools);
    body["tools"] = json::array({{{"type", "function"},
                                  {"function", {{"name", "look"},
                                                {"description", "looks"},
                                                {"strict", true},
                                                {"parameters", {{"type", "object"}}}}}}});
    body["tool_choice"] = "required";
    body["parallel_tool_calls"] = false;
    const auto r = parse(body);
    ASSERT_TRUE(r && r->tools);
    EXPECT_EQ(r->tools->offered[0].name, "look");
    EXPECT_EQ(r->tools->offered[0].description, "looks");
    EXPECT_EQ(r->tools->choice.what, tool_choice::kind::any);
    EXPECT_TRUE(r->tools->choice.one_at_a_time);
    body["tool_choice"] = "none";
    EXPECT_EQ(parse(body)->tools->choice.what, tool_choice::kind::none);
}

TEST(openai_request, null_is_as_good_as_absent) {
    auto body = good();
    for (const char* key : {"stream", "temperature", "max_tokens", "n", "seed", "stop", "tools",
                            "stream_options", "user"}) {
        body[key] = nullptr;
    }
    EXPECT_TRUE(parse(body));
}

TEST(openai_request, the_new_name_of_the_limit_wins) {
    auto body = good();
    body["max_tokens"] = 5;
    EXPECT_EQ(parse(body)->sampling.max_tokens, 5);
    body["max_completion_tokens"] = 7;
    EXPECT_EQ(parse(body)->sampling.max_tokens, 7);
}

TEST(openai_request, models_that_stand_for_agents) {
    for (const char* name : {"openclaw", "openclaw/default"}) EXPECT_EQ(agent_of_model(name), "");
    for (const char* name : {"openclaw/work", "openclaw:work", "agent:work"}) {
        EXPECT_EQ(agent_of_model(name), "work");
    }
    for (const char* name : {"", "openclaw/", "openclaw:", "agent:", "OpenClaw", "gpt-4",
                             "mock/gpt-4", "openclaws", "xopenclaw/work"}) {
        EXPECT_EQ(agent_of_model(name), std::nullopt) << name;
    }
}

}  // namespace
}  // namespace openclaw::ingress
