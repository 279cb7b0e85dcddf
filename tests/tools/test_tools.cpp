#include "openclaw/tools/tool.hpp"

#include "support/run.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace openclaw::tools {
namespace {

using ::testing::HasSubstr;

// A tool that does what the test says.
class scripted_tool final : public tool {
public:
    explicit scripted_tool(std::function<result<std::string>(const json&)> act)
        : act_(std::move(act)) {}
    const tool_definition& definition() const override { return definition_; }
    bool repeatable() const override { return false; }
    task<result<std::string>> invoke(const json& arguments, const tool_context&) override {
        co_return act_(arguments);
    }

private:
    std::function<result<std::string>(const json&)> act_;
    tool_definition definition_{"act", "acts", json::object()};
};

class run_call_test : public ::testing::Test {
protected:
    run_call_test() {
        tools.add(std::make_unique<scripted_tool>([this](const json& arguments) {
            seen = arguments;
            return next();
        }));
        tools.add(make_time_tool(time));
    }

    tool_result call(const std::string& name, const std::string& arguments) {
        const tool_call c{"id-1", name, arguments};
        return test::run(io, run_call(tools, c, context));
    }

    asio::io_context io;
    manual_time time;
    registry tools;
    tool_context context;
    json seen;
    std::function<result<std::string>()> next = [] { return result<std::string>("done"); };
};

TEST_F(run_call_test, hands_over_arguments_and_brings_the_text_back) {
    const auto out = call("act", R"({"a":1})");
    EXPECT_EQ(seen, json({{"a", 1}}));
    EXPECT_EQ(out.text, "done");
    EXPECT_EQ(out.call_id, "id-1");
    EXPECT_EQ(out.name, "act");
    EXPECT_FALSE(out.is_error);
}

TEST_F(run_call_test, takes_no_arguments_for_an_empty_object) {
    for (const std::string arguments : {"", " \n", "{}"}) {
        seen = nullptr;
        EXPECT_FALSE(call("act", arguments).is_error);
        EXPECT_EQ(seen, json::object());
    }
}

TEST_F(run_call_test, turns_bad_arguments_into_a_result_without_running) {
    for (const std::string arguments : {"{\"a\":", "[1]", "7", "\"x\"", "nonsense"}) {
        const auto out = call("act", arguments);
        EXPECT_TRUE(out.is_error) << arguments;
        EXPECT_THAT(out.text, HasSubstr("arguments"));
        EXPECT_TRUE(seen.is_null()) << arguments;
    }
}

TEST_F(run_call_test, names_the_tools_when_it_does_not_know_one) {
    const auto out = call("sing", "{}");
    EXPECT_TRUE(out.is_error);
    EXPECT_THAT(out.text, HasSubstr("\"sing\""));
    EXPECT_THAT(out.text, HasSubstr("act, time"));
}

TEST_F(run_call_test, shows_an_error_of_the_tool_to_the_model) {
    next = [] { return error(errc::not_found, "no such city", "Try another."); };
    const auto out = call("act", "{}");
    EXPECT_TRUE(out.is_error);
    EXPECT_EQ(out.text, "no such city. Try another.");
}

TEST_F(run_call_test, survives_a_tool_that_throws) {
    next = []() -> result<std::string> { throw std::runtime_error("secret detail"); };
    const auto out = call("act", "{}");
    EXPECT_TRUE(out.is_error);
    EXPECT_THAT(out.text, Not(HasSubstr("secret detail")));
}

TEST_F(run_call_test, cuts_a_giant_result_between_characters) {
    next = [] {
        std::string text = "x";
        while (text.size() < 300'000) text += "é";
        return result<std::string>(text);
    };
    const auto out = call("act", "{}");
    EXPECT_FALSE(out.is_error);
    EXPECT_LT(out.text.size(), 270'000u);
    EXPECT_THAT(out.text, HasSubstr("é\n[cut here: the whole result has 300001 bytes]"));
}

struct time_case {
    const char* name;
    const char* arguments;
    const char* text;
    bool is_error;
};

class time_tool_test : public run_call_test, public ::testing::WithParamInterface<time_case> {};

TEST_P(time_tool_test, tells_the_time) {
    const auto out = call("time", GetParam().arguments);
    EXPECT_EQ(out.is_error, GetParam().is_error);
    EXPECT_THAT(out.text, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    offsets, time_tool_test,
    ::testing::Values(
        time_case{"utc", "", "2023-11-14T22:13:20Z (Tuesday)", false},
        time_case{"next_day", R"({"utc_offset_minutes":120})", "2023-11-15T00:13:20+02:00 (Wednesday)",
                  false},
        time_case{"west_with_minutes", R"({"utc_offset_minutes":-210})",
                  "2023-11-14T18:43:20-03:30 (Tuesday)", false},
        time_case{"too_far", R"({"utc_offset_minutes":841})", "-840 to 840", true},
        time_case{"no_number", R"({"utc_offset_minutes":"2h"})", "-840 to 840", true},
        time_case{"fraction", R"({"utc_offset_minutes":1.5})", "-840 to 840", true}),
    [](const auto& i) { return i.param.name; });

TEST(registry_test, finds_by_name_and_lists_in_order) {
    manual_time time;
    registry tools;
    EXPECT_EQ(tools.find("time"), nullptr);
    tools.add(make_time_tool(time));
    ASSERT_NE(tools.find("time"), nullptr);
    EXPECT_TRUE(tools.find("time")->repeatable());
    ASSERT_EQ(tools.definitions().size(), 1u);
    EXPECT_EQ(tools.definitions()[0].parameters.value()["type"], "object");
}

}  // namespace
}  // namespace openclaw::tools
