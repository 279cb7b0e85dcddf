#include "routing/held_tool.hpp"
#include "routing/inbound_json.hpp"
#include "routing/router_fixture.hpp"

namespace openclaw::routing {
namespace {

using store::run_state;
using texts = std::vector<std::string>;

// Messages that come while their session is busy, by the mode of its queue.
class modes_test : public router_test {
protected:
    std::shared_ptr<recording_sink> say(const std::string& key, queue_mode mode, std::string text,
                                        const std::string& to = session) {
        auto m = message(std::move(text), to, key);
        m.queue = mode;
        auto own = std::make_shared<recording_sink>();
        EXPECT_TRUE(test::run(io, r->submit(std::move(m), own)));
        return own;
    }
    texts said(const std::string& in = session) const {
        texts all;
        for (const auto& row : store->transcript(in)) all.push_back(row.text());
        return all;
    }
};

TEST_F(modes_test, what_is_collected_is_answered_together) {
    sessions.queue.debounce = milliseconds(0);
    start();
    say("0", queue_mode::followup, "hold 0");
    until_spoken();
    const auto first = say("1", queue_mode::collect, "one");
    const auto second = say("2", queue_mode::collect, "two");
    EXPECT_EQ(r->waiting_in(session, 10).total, 2u);
    model.release("hold 0");
    wait_for("2");
    EXPECT_EQ(said(), (texts{"hold 0", "part re: hold 0", "one", "two", "re: two"}));
    EXPECT_EQ(first->only(kind::final).message.text(), "re: two");
    const auto joined = second->only(kind::final);
    EXPECT_TRUE(joined.message.parts.empty());
    EXPECT_EQ(joined.stop_reason, "joined");
    EXPECT_EQ(store->run("1").state, run_state::done);
    EXPECT_EQ(store->run("2").state, run_state::done);
    EXPECT_EQ(store->run("2").joined, store->run("1").inbox_id);
    EXPECT_EQ(store->run("2").outcome, store->run("1").outcome);
}

TEST_F(modes_test, a_turn_of_what_is_collected_waits_until_nothing_more_comes) {
    sessions.queue.debounce = milliseconds(20);
    sessions.queue.mode = "collect";
    start();
    auto m = message("one", session, "1");
    ASSERT_TRUE(submit(std::move(m)));
    m = message("two", session, "2");
    ASSERT_TRUE(submit(std::move(m)));
    wait_for("1");
    EXPECT_EQ(said(), (texts{"one", "two", "re: two"}));
}

TEST_F(modes_test, a_failure_is_told_to_all_that_share_the_turn) {
    sessions.queue.debounce = milliseconds(5);
    start();
    const auto first = say("1", queue_mode::collect, "one");
    const auto second = say("2", queue_mode::collect, "fail two");
    wait_for("2");
    EXPECT_EQ(first->count(kind::failed), 1u);
    EXPECT_EQ(second->count(kind::failed), 1u);
    EXPECT_EQ(store->run("2").state, run_state::failed);
    EXPECT_EQ(said().front(), "one");
    EXPECT_EQ(said()[1], "fail two");
}

TEST_F(modes_test, words_go_into_the_turn_after_a_tool) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool));
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    until([&] { return first->count(kind::tool_started) == 1; });
    const auto second = say("2", queue_mode::steer, "rather this");
    in_tool.open();
    wait_for("2");
    EXPECT_EQ(model.asked(), (texts{"use wait", "rather this"}));
    EXPECT_EQ(first->only(kind::final).message.text(), "re: rather this");
    EXPECT_TRUE(second->only(kind::final).message.parts.empty());
    EXPECT_EQ(said(), (texts{"use wait", "", "", "rather this", "re: rather this"}));
    EXPECT_EQ(store->run("2").joined, store->run("1").inbox_id);
    EXPECT_EQ(store->run("2").state, run_state::done);
}

TEST_F(modes_test, words_that_the_store_does_not_take_have_a_turn_of_their_own) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool));
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    until([&] { return first->count(kind::tool_started) == 1; });
    const auto second = say("2", queue_mode::steer, "rather this");
    store->fail_join(error(errc::disk_full, "no space"));
    in_tool.open();
    wait_for("2");
    EXPECT_EQ(said(), (texts{"use wait", "", "", "re: use wait", "rather this", "re: rather this"}));
    EXPECT_EQ(second->only(kind::final).message.text(), "re: rather this");
}

TEST_F(modes_test, words_that_come_too_late_have_a_turn_of_their_own) {
    start();
    say("1", queue_mode::followup, "hold 1");
    until_spoken();
    say("2", queue_mode::steer, "two");
    model.release("hold 1");
    wait_for("2");
    EXPECT_EQ(said(), (texts{"hold 1", "part re: hold 1", "two", "re: two"}));
}

TEST_F(modes_test, a_turn_that_is_stopped_ends_what_went_into_it) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool));
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    until([&] { return first->count(kind::tool_started) == 1; });
    const auto second = say("2", queue_mode::steer, "hold this");
    in_tool.open();
    until_asked(2);
    EXPECT_EQ(r->session_of("2"), session);
    EXPECT_EQ(r->abort(session, "2", "rpc"), texts{"1"});
    wait_for("2");
    EXPECT_EQ(second->only(kind::aborted).stop_reason, "rpc");
    EXPECT_EQ(store->run("2").state, run_state::aborted);
    EXPECT_EQ(said()[1], "hold this");
}

TEST_F(modes_test, a_turn_is_interrupted) {
    start();
    const auto first = say("1", queue_mode::followup, "hold 1");
    until_spoken();
    say("2", queue_mode::interrupt, "two");
    wait_for("2");
    EXPECT_EQ(first->only(kind::aborted).stop_reason, "interrupted");
    EXPECT_EQ(said(), (texts{"hold 1", "part ", "two", "re: two"}));
}

TEST_F(modes_test, a_command_and_a_waiting_caller_interrupt_nobody) {
    sessions.queue.mode = "interrupt";
    start();
    say("1", queue_mode::followup, "hold 1");
    until_spoken();
    auto m = message("/status", session, "2");
    m.commands = true;
    ASSERT_TRUE(submit(std::move(m)));
    m = message("three", session, "3");
    m.durability = durability::with_answer;
    ASSERT_TRUE(submit(std::move(m)));
    model.release("hold 1");
    wait_for("2");
    EXPECT_EQ(store->run("1").state, run_state::done);
}

TEST_F(modes_test, what_has_joined_a_turn_ends_with_it_after_a_crash) {
    store->leave_behind("host", session, "main", parse_json(to_stored(message("one"))).value(),
                        run_state::running, 1);
    store->leave_behind("guest", session, "main", parse_json(to_stored(message("two"))).value(),
                        run_state::running, 1);
    store->leave_behind("own", session, "main", parse_json(to_stored(message("three"))).value());
    store::message_join join;
    join.into = store->run("host").inbox_id;
    join.messages = {store->run("guest").inbox_id};
    ASSERT_TRUE(test::run(io, store->join(std::move(join))));
    start();
    wait_for("own");
    EXPECT_EQ(said(), (texts{"one", "two", "re: two", "three", "re: three"}));
    EXPECT_EQ(store->run("guest").state, run_state::done);
}

// The walk through the inbox stops at a full session, and turns begin meanwhile.
TEST_F(modes_test, what_has_joined_a_turn_is_there_when_that_begins) {
    sessions.queue.cap = 1;
    const auto leave = [this](const char* run, const std::string& in, run_state state) {
        store->leave_behind(run, in, "main", parse_json(to_stored(message(run, in))).value(), state);
    };
    leave("host", session, run_state::running);
    for (const char* run : {"b1", "b2", "b3"}) leave(run, "agent:main:b", run_state::waiting);
    leave("guest", session, run_state::running);
    store::message_join join;
    join.into = store->run("host").inbox_id;
    join.messages = {store->run("guest").inbox_id};
    ASSERT_TRUE(test::run(io, store->join(std::move(join))));
    start();
    for (const char* run : {"host", "guest", "b3"}) wait_for(run);
    EXPECT_EQ(said(), (texts{"host", "guest", "re: guest"}));
}

TEST_F(modes_test, nobody_is_taken_along_by_what_ends_the_process) {
    sessions.queue.mode = "collect";
    sessions.queue.debounce = milliseconds(0);
    const auto body = parse_json(to_stored(message("one"))).value();
    store->leave_behind("dead", session, "main", body, run_state::running, 5);
    store->leave_behind("innocent", session, "main", parse_json(to_stored(message("two"))).value());
    start();
    wait_for("innocent");
    EXPECT_EQ(store->run("dead").state, run_state::dead);
    EXPECT_EQ(store->run("innocent").state, run_state::done);
}

TEST_F(modes_test, words_that_the_model_would_not_hear_any_more_wait) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool));
    max_steps = 1;
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    until([&] { return first->count(kind::tool_started) == 1; });
    say("2", queue_mode::steer, "two");
    in_tool.open();
    wait_for("2");
    EXPECT_EQ(said().back(), "re: two");
    EXPECT_EQ(store->run("2").joined, 0);
}

TEST_F(modes_test, what_takes_part_in_a_turn_is_shown_as_waiting_until_its_end) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool));
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    until([&] { return first->count(kind::tool_started) == 1; });
    say("2", queue_mode::steer, "hold this");
    in_tool.open();
    until_asked(2);
    ASSERT_EQ(r->waiting_in(session, 10).total, 1u);
    EXPECT_EQ(r->waiting_in(session, 10).first.front().text, "hold this");
    EXPECT_EQ(r->runs_of(session).ids, (texts{"1", "2"}));
    model.release("hold this");
    wait_for("2");
    EXPECT_EQ(r->waiting_in(session, 10).total, 0u);
}

TEST_F(modes_test, a_turn_that_cannot_be_stopped_loses_its_session) {
    gate in_tool;
    tools.add(std::make_unique<test_stubs::held_tool>("wait", in_tool, true));
    const int before = test_stubs::held_tool::ended;
    turn_timeout = milliseconds(5);
    sessions.queue.lease = milliseconds(5);
    start();
    const auto first = say("1", queue_mode::followup, "use wait");
    say("2", queue_mode::followup, "two");
    wait_for("2");
    EXPECT_EQ(first->only(kind::failed).failure.code, errc::timed_out);
    EXPECT_EQ(store->run("1").state, run_state::failed);
    EXPECT_EQ(r->stats().running, 0u);
    in_tool.open();
    until([&] { return test_stubs::held_tool::ended == before + 1; });
    EXPECT_EQ(first->count(kind::final), 0u);
    EXPECT_EQ(said(), (texts{"use wait", "", "two", "re: two"}));
}

}  // namespace
}  // namespace openclaw::routing
