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
               run_state state = run_state::waiting) {
        store->leave_behind(run, of, "main", parse_json(to_stored(message(text))).value(), state);
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
        if (after == 0) co_await go_on.wait();
        co_return co_await memory_store::waiting(after, limit);
    }
    gate go_on;
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
    EXPECT_EQ(sink->only(turn_event::kind::failed).failure.code, errc::unavailable);
    model.release("hold 1");
    start_again();
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_EQ(store->transcript(session).size(), 2u);
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
