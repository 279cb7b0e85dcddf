// The `agent` events that follow from a turn's.

#include "ingress/agent_stream.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using kind = turn_event::kind;

struct fixed_answer final : answer_so_far {
    explicit fixed_answer(std::string t) : said(std::move(t)) {}
    std::string text() const override { return said; }
    std::string said;
};

class agent_stream_test : public testing::Test {
protected:
    turn_event event(kind what) {
        turn_event e;
        e.what = what;
        e.run = run;
        e.seq = ++seq;
        e.at_ms = now;
        e.started_ms = 1'000;
        e.so_far = std::make_shared<fixed_answer>(said);
        return e;
    }
    std::vector<agent_event> delta(const std::string& text) {
        said += text;
        auto e = event(kind::delta);
        e.text = text;
        return stream.step(e);
    }
    std::vector<agent_event> tool(kind what, bool is_error = false) {
        auto e = event(what);
        e.call = {"c1", "time", R"({"zone":"UTC"})"};
        e.text = what == kind::tool_ended ? "noon" : "";
        e.is_error = is_error;
        return stream.step(e);
    }

    std::shared_ptr<const run_identity> run =
        std::make_shared<run_identity>(run_identity{"r", "agent:main:s", "main"});
    agent_stream stream;
    std::int64_t seq = 0, now = 2'000;
    std::string said;
};

TEST_F(agent_stream_test, text_waits_until_the_last_was_a_while_ago) {
    ASSERT_EQ(delta("a").size(), 1u) << "the first comes at once";
    EXPECT_TRUE(delta("b").empty());
    now += 99;
    EXPECT_TRUE(delta("c").empty());
    now += 1;
    const auto due = delta("d");
    ASSERT_EQ(due.size(), 1u);
    EXPECT_TRUE(due[0].droppable);
    EXPECT_EQ(due[0].payload["stream"], "assistant");
    EXPECT_EQ(due[0].payload["seq"], 4);
    EXPECT_EQ(due[0].payload["data"]["text"], "abcd");
    EXPECT_EQ(due[0].payload["data"]["delta"], "bcd");
}

TEST_F(agent_stream_test, what_waits_comes_before_the_end) {
    delta("a");
    delta("b");
    const auto end = stream.step(event(kind::final));
    ASSERT_EQ(end.size(), 2u);
    EXPECT_EQ(end[0].payload["data"]["delta"], "b");
    EXPECT_EQ(end[0].payload["seq"], 2);
    EXPECT_EQ(end[1].payload["stream"], "lifecycle");
    EXPECT_EQ(end[1].payload["seq"], 3);
    EXPECT_EQ(end[1].payload["data"]["phase"], "end");
    EXPECT_EQ(end[1].payload["data"]["aborted"], false);
}

TEST_F(agent_stream_test, a_tool_is_an_item_for_all_and_a_stream_for_some) {
    delta("let me look");
    delta(" …");
    const auto begun = tool(kind::tool_started);
    ASSERT_EQ(begun.size(), 3u);
    EXPECT_EQ(begun[0].payload["data"]["delta"], " …") << "what was said before it comes first";
    EXPECT_EQ(begun[1].payload["stream"], "item");
    EXPECT_EQ(begun[1].payload["data"]["phase"], "start");
    EXPECT_EQ(begun[1].payload["data"]["toolCallId"], "c1");
    EXPECT_FALSE(begun[1].for_tool_watchers);
    EXPECT_EQ(begun[2].payload["stream"], "tool");
    EXPECT_EQ(begun[2].payload["data"]["args"], json({{"zone", "UTC"}}));
    EXPECT_TRUE(begun[2].for_tool_watchers);
    const auto ended = tool(kind::tool_ended, true);
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[0].payload["data"]["status"], "failed");
    EXPECT_EQ(ended[1].payload["data"]["phase"], "result");
    EXPECT_EQ(ended[1].payload["data"]["isError"], true);
    EXPECT_EQ(ended[1].payload["data"]["result"]["content"][0]["text"], "noon");
}

TEST_F(agent_stream_test, ends_say_how) {
    auto aborted = event(kind::aborted);
    aborted.stop_reason = "rpc";
    const auto stop = stream.step(aborted);
    ASSERT_EQ(stop.size(), 1u);
    EXPECT_EQ(stop[0].payload["data"],
              json({{"phase", "end"}, {"startedAt", 1'000}, {"endedAt", 2'000}, {"aborted", true},
                    {"stopReason", "rpc"}, {"status", "cancelled"}}));
    auto failed = event(kind::failed);
    failed.failure = error(errc::billing, "card 1234 declined");
    const auto data = stream.step(failed)[0].payload["data"];
    EXPECT_EQ(data["phase"], "error");
    EXPECT_EQ(data["error"], "The model provider wants its bill paid.") << "its class, no detail";
}

TEST_F(agent_stream_test, a_run_that_nobody_heard_the_end_of_leaves_nothing) {
    delta("a");
    delta("b");
    stream.forget(event(kind::final));
    EXPECT_EQ(stream.step(event(kind::final)).size(), 1u) << "no text waits any more";
}

}  // namespace
}  // namespace openclaw::ingress
