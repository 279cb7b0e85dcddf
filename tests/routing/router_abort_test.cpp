// Turns that their sender calls back.

#include "routing/router_fixture.hpp"

namespace openclaw::routing {
namespace {

using store::run_state;
using runs = std::vector<std::string>;

class abort_test : public router_test {
protected:
    runs abort(const std::string& run = {}, const std::string& of = session) {
        return r->abort(of, run, "rpc");
    }
};

TEST_F(abort_test, a_running_turn_keeps_what_it_has_said) {
    start();
    const auto run = send("hold 1");
    until_spoken();
    EXPECT_EQ(abort(), runs{run});
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::aborted);
    const auto rows = store->transcript(session);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].text(), "part ");
    EXPECT_EQ(rows[1].stop_reason, "aborted");
    const auto event = sink->only(turn_event::kind::aborted);
    EXPECT_EQ(event.stop_reason, "rpc");
    EXPECT_EQ(event.message.text(), "part ");
    EXPECT_EQ(sink->count(turn_event::kind::final), 0u);
    EXPECT_EQ(sink->count(turn_event::kind::failed), 0u);
    // The session goes on, and knows what was said.
    wait_for(send("2"));
    EXPECT_EQ(model.rows_seen().back(), 4u);
}

// The wait for its acceptance, before its first tool, ends with the abort; the write does not.
TEST_F(abort_test, a_turn_called_back_while_it_is_accepted_is_not_left_waiting) {
    gate disk;
    store->accept_gate = &disk;
    start();
    auto m = message("time now");
    m.durability = durability::with_answer;
    const auto run = submit(m).value().run_id;
    until_asked(1);
    io.poll();
    EXPECT_EQ(abort(), runs{run});
    until([&] { return sink->count(turn_event::kind::aborted) == 1; });
    EXPECT_EQ(store->accepts(), 1u);
    EXPECT_EQ(store->run(run).state, run_state::aborted);
}

TEST_F(abort_test, a_turn_that_takes_too_long_fails_and_the_session_goes_on) {
    turn_timeout = milliseconds(20);
    start();
    const auto run = send("hold 1");
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::failed);
    EXPECT_EQ(sink->only(turn_event::kind::failed).failure.code, errc::timed_out);
    wait_for(send("2"));
    EXPECT_EQ(sink->count(turn_event::kind::final), 1u);
}

// Looks at the session at the moment at which its run ends.
class looking_sink final : public reply_sink {
public:
    looking_sink(const router& r, std::string of) : router_(r), session_(std::move(of)) {}
    void on_event(const turn_event_ptr& event) override {
        if (event->is_end()) running = router_.runs_of(session_).ids.size();
    }
    std::optional<std::size_t> running;

private:
    const router& router_;
    const std::string session_;
};

TEST_F(abort_test, who_hears_of_an_end_sees_nothing_run) {
    start();
    const auto looks = std::make_shared<looking_sink>(*r, session);
    const auto taken = test::run(io, r->submit(message("1"), looks)).value();
    wait_for(taken.run_id);
    EXPECT_EQ(looks->running, 0u);
}

TEST_F(abort_test, a_waiting_turn_never_begins) {
    start();
    const auto first = send("hold 1");
    const auto second = send("2");
    const auto third = send("3");
    until_spoken();
    EXPECT_EQ(abort(second), runs{second});
    EXPECT_EQ(store->run(first).state, run_state::running);
    model.release("hold 1");
    for (const auto& run : {first, second, third}) wait_for(run);
    EXPECT_EQ(store->run(first).state, run_state::done);
    EXPECT_EQ(store->run(second).state, run_state::aborted);
    EXPECT_EQ(store->run(third).state, run_state::done);
    EXPECT_EQ(model.asked(), (runs{"hold 1", "3"}));
    EXPECT_EQ(sink->count(turn_event::kind::aborted), 1u);
}

TEST_F(abort_test, without_a_run_the_whole_session_stops) {
    start();
    const auto first = send("hold 1");
    const auto second = send("2");
    const auto other = send("hold 3", "agent:main:t");
    until_spoken();
    until_spoken("agent:main:t");
    EXPECT_EQ(abort(), (runs{first, second}));
    wait_for(first);
    wait_for(second);
    EXPECT_EQ(store->run(second).state, run_state::aborted);
    EXPECT_EQ(store->run(other).state, run_state::running);
}

TEST_F(abort_test, who_is_not_there_is_not_stopped) {
    start();
    const auto run = send("hold 1");
    until_spoken();
    EXPECT_TRUE(abort("another run").empty());
    EXPECT_TRUE(abort({}, "agent:main:nobody").empty());
    model.release("hold 1");
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_TRUE(abort(run).empty());
}

TEST_F(abort_test, a_turn_is_stopped_before_its_first_line_has_run) {
    start();
    until([&] { return r->stats().waiting == 0; });
    wait_for(send("0"));
    std::string run;
    runs stopped;
    // In one go: nothing of the turn runs between the two.
    auto both = [&]() -> task<> {
        auto taken = co_await r->submit(message("hold 1"), sink);
        run = taken.value().run_id;
        stopped = r->abort(session, run, "rpc");
    };
    test::run(io, both());
    EXPECT_EQ(stopped, runs{run});
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::aborted);
}

// A store whose history takes its time.
class slow_history_store final : public test::memory_store {
public:
    task<result<std::vector<chat_message>>> history(std::string key, std::size_t limit,
                                                    std::int64_t before) override {
        reading = true;
        co_await go_on.wait();
        co_return co_await memory_store::history(std::move(key), limit, before);
    }
    gate go_on;
    bool reading = false;
};

TEST_F(abort_test, a_turn_is_stopped_while_it_reads_its_history) {
    auto slow = std::make_unique<slow_history_store>();
    auto& disk = *slow;
    store = std::move(slow);
    start();
    const auto run = send("hold 1");
    until([&] { return disk.reading; });
    EXPECT_EQ(abort(run), runs{run});
    io.poll();
    disk.go_on.open();
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::aborted);
    EXPECT_TRUE(model.asked().empty());
}

using change = std::function<task<result<void>>()>;

class between_turns_test : public abort_test {
protected:
    // Begins to empty the session's transcript; the slot is filled when that is done.
    std::shared_ptr<std::optional<result<void>>> begin_clearing() {
        auto slot = std::make_shared<std::optional<result<void>>>();
        change clear = [this]() -> task<result<void>> {
            auto gone = co_await store->clear_history(session, 100);
            if (!gone) co_return gone.error();
            co_return result<void>();
        };
        asio::co_spawn(io, r->between_turns(session_key("main", "s"), std::move(clear)),
                       [slot](std::exception_ptr, result<void> done) { *slot = std::move(done); });
        io.restart();
        io.poll();
        return slot;
    }
};

TEST_F(between_turns_test, what_a_session_remembers_is_read_anew) {
    start();
    wait_for(send("1"));
    wait_for(send("2"));
    EXPECT_EQ(model.rows_seen().back(), 4u) << "the agent's own, three of the conversation";
    const auto done = begin_clearing();
    until([&] { return done->has_value(); });
    EXPECT_TRUE(**done);
    EXPECT_EQ(r->stats().lanes, 0u);
    wait_for(send("3"));
    EXPECT_EQ(model.rows_seen().back(), 2u);
    EXPECT_EQ(store->transcript(session).size(), 2u);
}

TEST_F(between_turns_test, a_change_waits_for_the_turns_before_it) {
    start();
    const auto first = send("hold 1");
    until_spoken();
    const auto second = send("2");
    const auto done = begin_clearing();
    const auto third = send("3");
    EXPECT_FALSE(done->has_value());
    EXPECT_EQ(r->runs_of(session).ids, (runs{first, second, third}));
    EXPECT_EQ(abort(first), runs{first});
    wait_for(third);
    ASSERT_TRUE(done->has_value());
    EXPECT_EQ(model.rows_seen().back(), 2u) << "the change came between the second and the third";
    EXPECT_TRUE(r->runs_of(session).ids.empty());
}

TEST_F(between_turns_test, a_stop_refuses_a_change_that_has_not_begun) {
    start();
    send("hold 1");
    until_spoken();
    const auto done = begin_clearing();
    stop();
    until([&] { return done->has_value(); });
    EXPECT_EQ((*done)->error().code, errc::unavailable);
}

}  // namespace
}  // namespace openclaw::routing
