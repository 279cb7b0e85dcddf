#include "agents/echo_provider.hpp"

#include "agents/stubs.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace test_stubs;

class echo_test : public ::testing::Test {
protected:
    chat_message say(const std::vector<chat_message>& rows, bool with_time = true) {
        const std::vector<tool_definition> tools{{"time", "", json::object()}};
        completion_request request;
        request.model = "echo";
        request.messages = rows;
        if (with_time) request.tools = tools;
        return test::run(io, echo.complete(request, heard)).value().message;
    }

    asio::io_context io;
    echo_provider echo;
    collector heard;
};

TEST_F(echo_test, says_it_back_and_introduces_itself_once) {
    const auto first = say({user_message("hello")});
    EXPECT_THAT(first.text(), ::testing::StartsWith("You said: hello"));
    EXPECT_THAT(first.text(), HasSubstr("openclaw config set agents.defaults.model"));
    EXPECT_EQ(heard.text, first.text());
    EXPECT_GT(heard.deltas, 1);
    EXPECT_EQ(first.stop_reason, "stop");
    const auto second = say({user_message("hello"), first, user_message("again")});
    EXPECT_EQ(second.text(), "You said: again");
}

TEST_F(echo_test, cuts_deltas_between_characters) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "日本";
    const auto row = say({user_message("x"), assistant_message("y"), user_message(text)});
    EXPECT_EQ(heard.text, "You said: " + text);
    EXPECT_EQ(row.text(), heard.text);
}

TEST_F(echo_test, survives_text_that_is_no_utf8) {
    const auto row = say({user_message(std::string(100, '\xff'))});
    EXPECT_EQ(heard.text, row.text());
}

TEST_F(echo_test, time_asks_for_the_tool_and_answers_with_its_result) {
    std::vector<chat_message> rows{user_message("/time")};
    const auto asking = say(rows);
    ASSERT_EQ(calls_in(asking).size(), 1u);
    EXPECT_EQ(asking.stop_reason, "toolUse");
    rows.push_back(asking);
    rows.push_back(tool_row(calls_in(asking)[0].id, "noon"));
    EXPECT_EQ(say(rows).text(), "The time is noon.");
}

TEST_F(echo_test, tells_what_a_clients_tool_gave) {
    auto given = tool_row("1", "12 degrees");
    std::get<tool_result>(given.parts[0]).name = "weather";
    EXPECT_EQ(say({user_message("x"), calling_row({{"1", "weather", ""}}), given}).text(),
              "The tool said: 12 degrees");
}

TEST_F(echo_test, time_is_only_text_when_the_tool_is_not_offered) {
    EXPECT_THAT(say({user_message("/time")}, false).text(), HasSubstr("You said: /time"));
}

}  // namespace
}  // namespace openclaw::agents
