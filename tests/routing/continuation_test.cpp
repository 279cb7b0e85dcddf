#include "routing/continuation.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

chat_message calls(const std::vector<std::string>& ids) {
    chat_message row;
    row.role = role::assistant;
    for (const auto& id : ids) row.parts.push_back(tool_call{id, "look", "{}"});
    return row;
}
chat_message gave(const std::string& id) {
    chat_message row;
    row.role = role::tool;
    row.parts.push_back(tool_result{id, "look", "old", false});
    return row;
}
std::vector<tool_result> results(const std::vector<std::string>& ids) {
    std::vector<tool_result> out;
    for (const auto& id : ids) out.push_back({id, "", "new", false});
    return out;
}

struct continuation_case {
    std::string name;
    std::vector<chat_message> conversation;
    std::vector<std::string> sent;
    std::vector<std::string> added;
    std::string problem;    // empty: it passes
};
void PrintTo(const continuation_case& c, std::ostream* out) { *out << c.name; }

class continuations : public testing::TestWithParam<continuation_case> {};

TEST_P(continuations, add_what_is_missing_or_name_the_call) {
    const auto& c = GetParam();
    const auto rows = rows_of_results(c.conversation, results(c.sent));
    if (!c.problem.empty()) {
        ASSERT_FALSE(rows);
        EXPECT_EQ(rows.error().code, errc::invalid_input);
        EXPECT_NE(rows.error().message.find(c.problem), std::string::npos) << rows.error().message;
        return;
    }
    ASSERT_TRUE(rows) << rows.error().to_string();
    std::vector<std::string> added;
    for (const auto& row : *rows) {
        const auto& outcome = std::get<tool_result>(row.parts.at(0));
        EXPECT_EQ(row.role, role::tool);
        EXPECT_EQ(outcome.name, "look");
        EXPECT_EQ(outcome.text, "new");
        added.push_back(outcome.call_id);
    }
    EXPECT_EQ(added, c.added);
}

const chat_message question = user_message("go"), answer = assistant_message("done");

INSTANTIATE_TEST_SUITE_P(
    , continuations,
    testing::Values(
        continuation_case{"one", {question, calls({"a"})}, {"a"}, {"a"}, ""},
        continuation_case{"two_in_another_order", {question, calls({"a", "b"})}, {"b", "a"}, {"b", "a"}, ""},
        continuation_case{"beside_one_of_the_agent", {question, calls({"own", "a"}), gave("own")}, {"a"},
                          {"a"}, ""},
        continuation_case{"sent_again", {question, calls({"a"}), gave("a")}, {"a"}, {}, ""},
        continuation_case{"twice_in_one_request", {question, calls({"a"})}, {"a", "a"}, {"a"}, ""},
        continuation_case{"nothing_was_called", {question, answer}, {"a"}, {}, "`a`"},
        continuation_case{"no_conversation", {}, {"a"}, {}, "`a`"},
        continuation_case{"answered_since", {question, calls({"a"}), gave("a"), answer}, {"a"}, {}, "`a`"},
        continuation_case{"asked_since", {question, calls({"a"}), question}, {"a"}, {}, "`a`"},
        continuation_case{"another_call", {question, calls({"a"})}, {"b"}, {}, "`b`"},
        continuation_case{"one_is_missing", {question, calls({"a", "b"})}, {"a"}, {}, "`b`"}),
    [](const auto& i) { return i.param.name; });

TEST(continuation, a_stopped_answer_makes_room_for_another) {
    auto stopped = assistant_message("It r");
    stopped.stop_reason = "aborted";
    std::vector<chat_message> all{question, calls({"a"}), gave("a"), stopped, stopped};
    drop_stopped_answer(all);
    ASSERT_EQ(all.size(), 3u);
    drop_stopped_answer(all);
    EXPECT_EQ(all.size(), 3u);
    EXPECT_TRUE(rows_of_results(all, results({"a"}))->empty());
}

TEST(drop_answer_to, takes_the_answer_that_was_given_on_the_same_results) {
    const auto asked = [] {
        return std::vector<chat_message>{question, calls({"a"}), gave("a")};
    };
    auto all = asked();
    all.push_back(assistant_message("done"));
    auto other = all;
    drop_answer_to(other, results({"b"}), "");
    EXPECT_EQ(other.size(), 4u) << "of another call";
    drop_answer_to(all, results({"a"}), "");
    EXPECT_EQ(all.size(), 3u);
    EXPECT_TRUE(rows_of_results(all, results({"a"}))->empty());
    all = asked();
    all.push_back(user_message("and?"));
    all.push_back(assistant_message("done"));
    other = all;
    drop_answer_to(other, results({"a"}), "what?");
    EXPECT_EQ(other.size(), 5u) << "on another question";
    drop_answer_to(all, results({"a"}), "and?");
    EXPECT_EQ(all.size(), 3u);
}

TEST(continuation, the_last_exchange_begins_with_its_question) {
    std::vector<chat_message> all{question, answer, user_message("again"), calls({"a"}), gave("a")};
    const auto last = take_last_exchange(all);
    ASSERT_EQ(all.size(), 2u);
    ASSERT_EQ(last.size(), 3u);
    EXPECT_EQ(last[0].text(), "again");
    std::vector<chat_message> without{calls({"a"})};
    EXPECT_EQ(take_last_exchange(without).size(), 1u);
    EXPECT_TRUE(without.empty());
}

}  // namespace
}  // namespace openclaw::routing
