#include "support/gateway_fixture.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

struct invoke_case {
    const char* name;
    const char* body;
    int status;
    const char* type;      // of the error
    const char* message;
};
void PrintTo(const invoke_case& c, std::ostream* out) { *out << c.name; }

class tools_invoke : public testing::TestWithParam<invoke_case> {};

TEST_P(tools_invoke, refuses) {
    test::gateway_fixture gateway;
    const auto& c = GetParam();
    const auto r = gateway.ask("POST", "/tools/invoke", c.body);
    EXPECT_EQ(r.status, c.status);
    EXPECT_EQ(json::parse(r.body),
              json({{"ok", false}, {"error", {{"type", c.type}, {"message", c.message}}}}));
}

const std::vector<invoke_case> invoke_cases{
    {"no_json", "{", 400, "invalid_request", "not valid JSON at byte 2"},
    {"no_object", "[]", 400, "invalid_request", "The body must be a JSON object."},
    {"no_name", "{}", 400, "invalid_request", "`tool` is missing"},
    {"name_of_another_type", R"({"tool":7})", 400, "invalid_request", "`tool` must be a string"},
    {"two_names", R"({"tool":"time","name":"date"})", 400, "invalid_request",
     "`tool` and `name` are two words for the same; send one"},
    {"unknown", R"({"tool":"nothing"})", 404, "not_found", "Tool not available: nothing"},
    {"denied", R"({"tool":"exec"})", 404, "not_found", "Tool not available: exec"},
    {"no_args", R"({"tool":"time","args":[]})", 400, "invalid_request", "`args` must be an object"},
    {"action", R"({"tool":"time","action":"tell"})", 400, "invalid_request",
     "`action` is nothing that this tool takes"},
    {"dry_run", R"({"tool":"time","dryRun":true})", 400, "invalid_request",
     "`dryRun` is not in effect in this version"},
    {"dry_run_of_another_type", R"({"tool":"time","dryRun":"no"})", 400, "invalid_request",
     "`dryRun` must be true or false"},
    {"another_agents_session", R"({"tool":"time","sessionKey":"agent:main:x","agentId":"other"})", 400,
     "invalid_request", "the session belongs to agent \"main\", not to \"other\""},
    {"no_such_agent", R"({"tool":"time","agentId":"other"})", 404, "not_found",
     "there is no agent \"other\""},
    {"no_such_agents_session", R"({"tool":"time","sessionKey":"agent:other:x"})", 404, "not_found",
     "there is no agent \"other\""},
};
INSTANTIATE_TEST_SUITE_P(, tools_invoke, testing::ValuesIn(invoke_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(tools_invoke_route, runs_a_tool) {
    test::gateway_fixture gateway;
    for (const char* body : {R"({"tool":"time","args":{}})", R"({"name":"time"})",
                             R"({"tool":"time","args":null,"sessionKey":"main","dryRun":false})",
                             R"({"tool":"time","idempotencyKey":"k"})"}) {
        const auto r = gateway.ask("POST", "/tools/invoke", body);
        EXPECT_EQ(r.status, 200) << body << r.body;
        const auto answer = json::parse(r.body);
        EXPECT_EQ(answer["ok"], true);
        const auto text = answer["result"]["content"][0]["text"].get<std::string>();
        EXPECT_EQ(text.substr(0, 2), "20") << text;
    }
}

TEST(tools_invoke_route, tells_what_the_tool_says_of_its_arguments) {
    test::gateway_fixture gateway;
    const auto r = gateway.ask("POST", "/tools/invoke",
                               R"({"tool":"time","args":{"utc_offset_minutes":"yesterday"}})");
    EXPECT_EQ(r.status, 400);
    EXPECT_EQ(json::parse(r.body)["error"]["type"], "tool_error");
}

TEST(tools_invoke_route, has_its_limits) {
    test::gateway_fixture gateway;
    const auto get = gateway.ask("GET", "/tools/invoke");
    EXPECT_EQ(get.status, 405);
    EXPECT_EQ(get.field("allow"), "POST");
    const std::string large(2 << 20, ' ');
    EXPECT_EQ(gateway.ask("POST", "/tools/invoke", R"({"tool":"time"})" + large).status, 413);
}

}  // namespace
}  // namespace openclaw::ingress
