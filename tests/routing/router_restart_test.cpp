// The end of a process and the start of the next one.

#include "routing/inbound_json.hpp"
#include "routing/router_fixture.hpp"

namespace openclaw::routing {
namespace {

using store::run_state;
using texts = std::vector<std::string>;

class restart_test : public router_test {
protected:
    void leave(const std::string& run, const std::string& text, const std::string& of = session,
               run_state state = run_state::waiting, std::uint32_t attempts = 0) {
        store->leave_behind(run, of, "main", parse_json(to_stored(message(text))).value(), state,
                            attempts);
    }
    // Begins to stop; `stopped` is set at the end.
    void begin_stop(milliseconds grace) {
        asio::co_spawn(io, r->stop(grace), [this](std::exception_ptr) { stopped = true; });
        io.restart();
        io.poll();
    }
    // What the next process would be: the same store, a later epoch.
    void start_again() {
        r.reset();
        ++store->own_epoch;
        auto no_tools = tools::registry();
        std::swap(tools, no_tools);
        start();
    }
    bool stopped = false;
};

TEST_F(restart_test, what_was_left_is_answered_once_and_in_order) {
    leave("s1", "1", session, run_state::running);
    leave("t1", "t", "agent:main:t");
    leave("s2", "2");
    start();
    const auto now = submit(message("3", session, "s3")).value();
    EXPECT_EQ(now.status, admission::progress::started);
    for (const char* run : {"s1", "s2", "s3", "t1"}) wait_for(run);
    auto asked = model.asked();
    EXPECT_EQ(asked.size(), 4u);
    std::erase(asked, "t");
    EXPECT_EQ(asked, (texts{"1", "2", "3"}));
    texts said;
    for (const auto& row : store->transcript(session)) said.push_back(row.text());
    EXPECT_EQ(said, (texts{"1", "re: 1", "2", "re: 2", "3", "re: 3"}));
}

TEST_F(restart_test, a_redelivery_of_what_was_left_starts_nothing) {
    leave("k", "hold 1");
    start();
    EXPECT_EQ(submit(message("hold 1", session, "k")).value().status,
              admission::progress::in_flight);
    until_spoken();
    model.release("hold 1");
    wait_for("k");
    EXPECT_EQ(model.asked().size(), 1u);
}

TEST_F(restart_test, a_row_that_cannot_be_read_does_not_stop_the_others) {
    store->leave_behind("bad", session, "main", json("not an object"));
    store->leave_behind("worse", "agent::", "", json::object());
    leave("good", "1");
    start();
    wait_for("good");
    EXPECT_EQ(store->run("good").state, run_state::done);
}

// A store whose inbox is read slowly.
class slow_inbox_store final : public test::memory_store {
public:
    task<result<std::vector<openclaw::store::run_row>>> waiting(std::int64_t after,
                                                                std::size_t limit) override {
        if (after == 0 && !std::exchange(begun_, true)) co_await go_on.wait();
        co_return co_await memory_store::waiting(after, limit);
    }
    gate go_on;

private:
    bool begun_ = false;
};

TEST_F(restart_test, a_message_accepted_while_the_inbox_is_read_runs_once) {
    auto slow = std::make_unique<slow_inbox_store>();
    auto& disk = *slow;
    store = std::move(slow);
    leave("old", "1");
    start();
    const auto run = send("2");
    EXPECT_TRUE(model.asked().empty()) << "older messages go first";
    disk.go_on.open();
    wait_for("old");
    wait_for(run);
    wait_for(send("3"));
    EXPECT_EQ(model.asked(), (texts{"1", "2", "3"}));
}

TEST_F(restart_test, the_steps_that_were_done_are_not_done_again) {
    leave("k", "time 1", session, run_state::running);
    chat_message asked;
    asked.role = role::assistant;
    asked.parts.emplace_back(tool_call{"c1", "time", "{}"});
    chat_message told;
    told.role = role::tool;
    told.parts.emplace_back(tool_result{"c1", "time", "noon", false});
    ASSERT_TRUE(test::run(io, store->step({.run_id = "k", .number = 1, .epoch = 1, .row = asked})));
    ASSERT_TRUE(test::run(io, store->step({.run_id = "k", .number = 2, .epoch = 1, .row = told})));
    start();
    wait_for("k");
    EXPECT_EQ(model.asked().size(), 1u);
    EXPECT_EQ(store->transcript(session).size(), 4u);
    EXPECT_EQ(test::run(io, store->steps("k")).value().size(), 2u);
}

TEST_F(restart_test, a_running_turn_may_end_before_the_process_does) {
    start();
    const auto run = send("hold 1");
    const auto next = send("2");
    until_spoken();
    begin_stop(milliseconds(20'000));
    EXPECT_FALSE(stopped);
    const auto refused = submit(message("3"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    model.release("hold 1");
    until([&] { return stopped; });
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_EQ(sink->count(turn_event::kind::final), 1u);
    EXPECT_EQ(store->run(next).state, run_state::waiting);
    start_again();
    wait_for(next);
    EXPECT_EQ(model.asked(), (texts{"hold 1", "2"}));
}

TEST_F(restart_test, after_the_grace_a_turn_is_left_for_the_next_start) {
    start();
    const auto run = send("hold 1");
    until_spoken();
    begin_stop(milliseconds(0));
    until([&] { return stopped; });
    EXPECT_EQ(store->run(run).state, run_state::running);
    EXPECT_TRUE(store->transcript(session).empty());
    EXPECT_EQ(sink->count(turn_event::kind::failed), 0u) << "it has not ended";
    model.release("hold 1");
    start_again();
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_EQ(store->transcript(session).size(), 2u);
}

TEST_F(restart_test, what_ended_the_process_five_times_is_put_aside) {
    leave("poison", "1", session, run_state::running, 5);
    leave("last try", "t", "agent:main:t", run_state::running, 4);
    leave("next", "2");
    start();
    for (const char* run : {"poison", "last try", "next"}) wait_for(run);
    EXPECT_EQ(store->run("poison").state, run_state::dead);
    EXPECT_EQ(store->run("last try").state, run_state::done);
    EXPECT_EQ(store->run("last try").attempts, 5u);
    auto asked = model.asked();
    std::erase(asked, "t");
    EXPECT_EQ(asked, texts{"2"}) << "the session goes on without it";
    const auto rows = store->transcript(session);
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[0].text(), "1");
    EXPECT_NE(rows[1].failure.find("ended 5 times"), std::string::npos) << rows[1].failure;
}

// Those that ran beside what ended the process are not put aside with it.
TEST_F(restart_test, turns_that_stood_in_two_deaths_go_one_at_a_time) {
    leave("first", "hold 1", "agent:main:a", run_state::running, 2);
    leave("second", "hold 2", "agent:main:b", run_state::running, 4);
    leave("other", "3", "agent:main:c", run_state::running, 1);
    start();
    wait_for("other");
    until_spoken("agent:main:a");
    EXPECT_EQ(store->run("first").attempts, 3u);
    EXPECT_EQ(store->run("second").attempts, 4u) << "it waits, so that no death is laid to it";
    model.release("hold 1");
    until_spoken("agent:main:b");
    EXPECT_EQ(store->run("second").attempts, 5u);
    model.release("hold 2");
    for (const char* run : {"first", "second"}) wait_for(run);
    EXPECT_EQ(store->run("second").state, run_state::done);
}

TEST_F(restart_test, a_turn_that_waits_to_go_alone_can_be_stopped) {
    leave("first", "hold 1", "agent:main:a", run_state::running, 2);
    leave("second", "hold 2", "agent:main:b", run_state::running, 2);
    start();
    until_spoken("agent:main:a");
    EXPECT_EQ(r->abort("agent:main:b", "second", "rpc"), texts{"second"});
    wait_for("second");
    EXPECT_EQ(store->run("second").state, run_state::aborted);
    begin_stop(milliseconds(0));
    until([&] { return stopped; });
    EXPECT_EQ(store->run("first").attempts, 2u);
    EXPECT_EQ(model.asked(), texts{"hold 1"});
}

TEST_F(restart_test, what_was_called_back_does_not_go_on_in_the_next_process) {
    leave("waited", "1");
    leave("ran", "2", session, run_state::running, 1);
    leave("other", "3");
    ASSERT_TRUE(test::run(io, store->call_back({"waited", "ran"}, "rpc")));
    start();
    for (const char* run : {"waited", "ran", "other"}) wait_for(run);
    EXPECT_EQ(store->run("waited").state, run_state::aborted);
    EXPECT_EQ(store->run("ran").state, run_state::aborted);
    EXPECT_EQ(store->run("other").state, run_state::done);
    EXPECT_EQ(model.asked(), texts{"3"});
}

TEST_F(restart_test, a_call_is_on_record_when_it_is_confirmed) {
    start();
    const auto first = send("hold 1");
    const auto second = send("2");
    until_spoken();
    const auto runs = test::run(io, r->call_back(session, "", "rpc"));
    ASSERT_TRUE(runs);
    EXPECT_EQ(*runs, (texts{first, second}));
    for (const auto& run : {first, second}) EXPECT_EQ(store->run(run).called_back, "rpc");
    for (const auto& run : {first, second}) wait_for(run);
}

TEST_F(restart_test, a_call_that_is_not_on_record_is_not_confirmed) {
    start();
    const auto run = send("hold 1");
    until_spoken();
    store->fail_call_back(error(errc::disk_full, "the disk is full"));
    const auto runs = test::run(io, r->call_back(session, run, "rpc"));
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().code, errc::disk_full);
    EXPECT_NE(runs.error().message.find("a restart would go on with it"), std::string::npos);
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::aborted) << "but it is stopped";
}

TEST_F(restart_test, the_sender_of_a_dead_letter_is_told_where_it_came_from) {
    auto m = message("1");
    m.deliver = true;
    store->leave_behind("poison", session, "main", parse_json(to_stored(m)).value(), run_state::running, 5);
    start();
    wait_for("poison");
    ASSERT_EQ(store->deliveries().size(), 1u);
    EXPECT_EQ(store->deliveries()[0].reply_id, "poison:1");
    EXPECT_NE(store->deliveries()[0].text.find("was put aside"), std::string::npos);
}

TEST_F(restart_test, a_dead_letter_is_said_again_once) {
    leave("poison", "1", session, run_state::running, 5);
    start();
    wait_for("poison");
    const auto letters = test::run(io, r->dead_letters(0, 10)).value();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].text, "1");
    EXPECT_EQ(letters[0].channel, "test");
    const auto again = test::run(io, r->retry_dead_letter("poison")).value();
    EXPECT_NE(again.run_id, "poison");
    wait_for(again.run_id);
    EXPECT_EQ(model.asked(), texts{"1"});
    EXPECT_EQ(test::run(io, r->retry_dead_letter("poison")).error().code, errc::not_found);
    EXPECT_EQ(test::run(io, r->dead_letters(0, 10)).value().size(), 0u);
}

// A store that is out of order once, between what is said again and its end as a letter.
class forgetful_store final : public test::memory_store {
public:
    task<result<void>> discard_dead_letter(std::string run_id) override {
        if (!std::exchange(failed_, true)) co_return error(errc::storage, "out of order");
        co_return co_await memory_store::discard_dead_letter(std::move(run_id));
    }

private:
    bool failed_ = false;
};

TEST_F(restart_test, a_retry_that_was_cut_off_says_it_once) {
    store = std::make_unique<forgetful_store>();
    leave("poison", "1", session, run_state::running, 5);
    start();
    wait_for("poison");
    EXPECT_FALSE(test::run(io, r->retry_dead_letter("poison")));
    const auto again = test::run(io, r->retry_dead_letter("poison")).value();
    wait_for(again.run_id);
    EXPECT_EQ(model.asked(), texts{"1"});
    EXPECT_TRUE(test::run(io, r->dead_letters(0, 10)).value().empty());
}

TEST_F(restart_test, a_dead_letter_may_be_thrown_away) {
    leave("poison", "1", session, run_state::running, 5);
    start();
    wait_for("poison");
    EXPECT_TRUE(test::run(io, r->discard_dead_letter("poison")));
    EXPECT_EQ(test::run(io, r->discard_dead_letter("poison")).error().code, errc::not_found);
    EXPECT_FALSE(test::run(io, r->find_dead_letter("poison")).value().has_value());
}

// Else five restarts in good order would count as five deaths.
TEST_F(restart_test, an_attempt_that_is_left_in_good_order_is_not_a_death) {
    start();
    const auto run = send("hold 1");
    until_spoken();
    begin_stop(milliseconds(0));
    until([&] { return stopped; });
    EXPECT_EQ(store->run(run).attempts, 0u);
}

TEST_F(restart_test, stopping_does_not_wait_for_a_full_disk) {
    start();
    for (int i = 0; i < 20; ++i) store->fail_commit(error(errc::disk_full, "no space"));
    const auto run = send("hold 1");
    until_spoken();
    model.release("hold 1");
    begin_stop(milliseconds(0));
    until([&] { return stopped; });
    EXPECT_LT(store->run(run).state, run_state::done);
}

}  // namespace
}  // namespace openclaw::routing
