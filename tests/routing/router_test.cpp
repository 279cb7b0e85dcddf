// How messages are taken and their turns run.

#include "routing/router_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace openclaw::routing {
namespace {

using progress = admission::progress;
using store::run_state;

TEST_F(router_test, a_message_is_committed_before_its_sender_is_told) {
    gate disk;
    store->accept_gate = &disk;
    start();
    std::optional<result<admission>> told;
    asio::co_spawn(io, r->submit(message("hi"), sink),
                   [&](std::exception_ptr, result<admission> a) { told = std::move(a); });
    until([&] { return r->stats().waiting == 1; });
    io.poll();
    EXPECT_FALSE(told.has_value());
    EXPECT_TRUE(model.asked().empty());
    disk.open();
    until([&] { return told.has_value(); });
    ASSERT_TRUE(*told);
    EXPECT_EQ(store->accepts(), 1u);
    EXPECT_EQ((*told)->status, progress::started);
    EXPECT_EQ((*told)->session, session);
    EXPECT_EQ((*told)->agent, "main");
    wait_for((*told)->run_id);
}

TEST_F(router_test, a_sender_that_goes_away_leaves_no_message_without_a_turn) {
    gate disk;
    store->accept_gate = &disk;
    start();
    asio::cancellation_signal gone;
    bool ended = false;
    asio::co_spawn(io, r->submit(message("hi", session, "k"), nullptr),
                   asio::bind_cancellation_slot(
                       gone.slot(), [&](std::exception_ptr, result<admission>) { ended = true; }));
    until([&] { return r->stats().waiting == 1; });
    io.poll();
    gone.emit(asio::cancellation_type::terminal);
    until([&] { return ended; });
    disk.open();
    wait_for("k");
    EXPECT_EQ(store->run("k").state, run_state::done);
    EXPECT_EQ(r->stats().waiting, 0u);
}

TEST_F(router_test, a_stop_ends_those_who_wait_to_be_accepted) {
    gate disk;
    store->accept_gate = &disk;
    start();
    std::optional<result<admission>> told;
    asio::co_spawn(io, r->submit(message("hi"), sink),
                   [&](std::exception_ptr, result<admission> a) { told = std::move(a); });
    until([&] { return r->stats().waiting == 1; });
    io.poll();
    test::run(io, r->stop(milliseconds(0)));
    until([&] { return told.has_value(); });
    ASSERT_FALSE(*told);
    EXPECT_EQ(told->error().code, errc::unavailable);
    EXPECT_EQ(r->stats().waiting, 0u);
}

TEST_F(router_test, the_events_of_a_turn_come_in_order) {
    start();
    const auto run = send("hi");
    wait_for(run);
    std::vector<kind> kinds;
    std::int64_t seq = 0;
    for (const auto& e : sink->all()) {
        kinds.push_back(e->what);
        EXPECT_EQ(e->seq, ++seq);
        EXPECT_EQ(e->run->run_id, run);
        EXPECT_EQ(e->run->session, session);
    }
    EXPECT_EQ(kinds, (std::vector{kind::started, kind::delta, kind::final}));
    const auto final = sink->only(kind::final);
    EXPECT_EQ(final.message.text(), "re: hi");
    EXPECT_EQ(final.message.seq, 2);
    EXPECT_EQ(final.stop_reason, "stop");
}

TEST_F(router_test, whoever_watches_hears_of_the_message_before_its_turn) {
    const auto watching = std::make_shared<recording_sink>();
    observer = watching;
    start();
    const auto run = send("hi");
    wait_for(run);
    const auto all = watching->all();
    ASSERT_GE(all.size(), 2u);
    EXPECT_EQ(all[0]->what, kind::accepted);
    EXPECT_EQ(all[0]->run->run_id, run);
    EXPECT_EQ(all[1]->what, kind::started);
    EXPECT_EQ(all[1]->seq, 1);
}

TEST_F(router_test, the_answer_is_in_the_transcript_and_on_the_record) {
    start();
    const auto run = send("hi");
    wait_for(run);
    const auto rows = store->transcript(session);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].role, role::user);
    EXPECT_EQ(rows[0].id, run + ":user");
    EXPECT_EQ(rows[1].id, run + ":1");
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_EQ(parse_json(store->run(run).outcome).value()["text"], "re: hi");
}

TEST_F(router_test, a_redelivery_starts_no_second_turn) {
    start();
    ASSERT_TRUE(submit(message("hold x", session, "k")));
    until_spoken();
    const auto during = submit(message("hold x", session, "k")).value();
    EXPECT_EQ(during.status, progress::in_flight);
    EXPECT_EQ(during.run_id, "k");
    model.release("hold x");
    wait_for("k");
    // The message may have changed its words, and its bindings, on the way: the key is what counts.
    const auto after = submit(message("other", "", "k")).value();
    EXPECT_EQ(after.status, progress::ended);
    EXPECT_EQ(after.session, session);
    EXPECT_EQ(after.run.state, run_state::done);
    EXPECT_EQ(parse_json(after.run.outcome).value()["text"], "part re: hold x");
    EXPECT_EQ(model.asked().size(), 1u);
    EXPECT_EQ(r->stats().waiting, 0u);
}

// Neither lost in silence nor answered with what was said elsewhere.
TEST_F(router_test, a_key_of_another_session_is_refused) {
    start();
    wait_for(submit(message("one", session, "k")).value().run_id);
    const auto other = submit(message("two", "agent:main:t", "k"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, errc::conflict);
    EXPECT_EQ(model.asked().size(), 1u);
    EXPECT_EQ(r->stats().waiting, 0u);
}

// A caller that waits for its own answer hears that there will be none.
TEST_F(router_test, a_stop_dismisses_those_whose_turn_has_not_begun) {
    start();
    send("hold 1");
    until_spoken();
    auto waiting = message("2");
    waiting.durability = durability::with_answer;
    ASSERT_TRUE(submit(std::move(waiting)));
    const auto kept = send("3");
    stop();
    EXPECT_EQ(sink->count(kind::failed), 1u) << "the one whose caller waits";
    EXPECT_EQ(store->run(kept).state, run_state::waiting) << "for the next process";
}

TEST_F(router_test, the_same_key_in_another_channel_is_another_message) {
    start();
    auto first = message("one");
    auto second = message("two");
    first.idempotency_key = second.idempotency_key = "k";
    second.origin.channel = "other";
    const auto a = submit(first).value();
    const auto b = submit(second).value();
    EXPECT_EQ(b.status, progress::started);
    wait_for(a.run_id);
    wait_for(b.run_id);
    EXPECT_EQ(model.asked().size(), 2u);
}

TEST_F(router_test, the_turns_of_a_session_run_one_after_the_other) {
    start();
    const auto first = send("hold 1");
    const auto second = send("2");
    const auto third = send("3");
    until_spoken();
    EXPECT_EQ(model.asked(), (std::vector<std::string>{"hold 1"}));
    model.release("hold 1");
    for (const auto& run : {first, second, third}) wait_for(run);
    EXPECT_EQ(model.asked(), (std::vector<std::string>{"hold 1", "2", "3"}));
    // Each turn knows all before it: the system's words, then two rows per earlier turn.
    EXPECT_EQ(model.rows_seen(), (std::vector<std::size_t>{2, 4, 6}));
}

TEST_F(router_test, two_sessions_run_side_by_side) {
    start();
    const auto slow = send("hold 1");
    const auto quick = send("2", "agent:main:t");
    wait_for(quick);
    EXPECT_EQ(store->run(slow).state, run_state::running);
    EXPECT_EQ(r->stats().running, 1u);
    model.release("hold 1");
    wait_for(slow);
}

TEST_F(router_test, no_more_turns_run_than_allowed) {
    sessions.max_concurrent = 1;
    start();
    const auto a = send("hold a", "agent:main:a");
    const auto b = send("hold b", "agent:main:b");
    until_spoken("agent:main:a");
    EXPECT_EQ(r->stats().running, 1u);
    EXPECT_EQ(r->stats().waiting, 1u);
    // A reload that allows more takes effect at once.
    sessions.max_concurrent = 2;
    r->configure(sessions, {}, build_agents());
    until_spoken("agent:main:b");
    EXPECT_EQ(r->stats().running, 2u);
    model.release("hold a");
    model.release("hold b");
    wait_for(a);
    wait_for(b);
}

TEST_F(router_test, a_session_that_left_memory_is_read_again) {
    sessions.max_concurrent = 1;
    start();
    wait_for(send("1"));
    wait_for(send("2", "agent:main:t"));
    EXPECT_EQ(r->stats().lanes, 1u);
    wait_for(send("3"));
    EXPECT_EQ(model.rows_seen(), (std::vector<std::size_t>{2, 2, 4}));
}

TEST_F(router_test, a_full_session_refuses_and_the_others_go_on) {
    start();
    send("hold 1");
    until_spoken();
    for (std::size_t i = 0; i < 100; ++i) ASSERT_TRUE(submit(message("more")));
    const auto accepted = store->accepts();
    const auto refused = submit(message("too much"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::queue_full);
    EXPECT_GT(refused.error().retry_after.count(), 0);
    EXPECT_EQ(store->accepts(), accepted);
    wait_for(send("other", "agent:main:t"));
}

TEST_F(router_test, a_refused_accept_gives_its_place_back) {
    start();
    store->fail_accept(error(errc::disk_full, "no space"));
    const auto refused = submit(message("hi"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::disk_full);
    EXPECT_EQ(r->stats().waiting, 0u);
    wait_for(send("again"));
}

struct bad_case {
    const char* name;
    std::string text, session, agent;
    errc code;
};
class refusals : public router_test, public testing::WithParamInterface<bad_case> {};

TEST_P(refusals, take_no_place_and_write_nothing) {
    start();
    auto m = message(GetParam().text, GetParam().session);
    m.agent = GetParam().agent;
    const auto refused = submit(std::move(m));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, GetParam().code);
    EXPECT_EQ(r->stats().waiting, 0u);
    EXPECT_EQ(store->accepts(), 0u);
}

const bad_case bad_cases[] = {
    {"empty", "", "main", "", errc::invalid_input},
    {"too_long", std::string((1 << 20) + 1, 'x'), "main", "", errc::too_large},
    {"no_such_agent_in_the_key", "hi", "agent:ghost:x", "", errc::not_found},
    {"no_such_agent_by_name", "hi", "main", "ghost", errc::not_found},
    {"no_such_agent_and_no_session", "hi", "", "ghost", errc::not_found},
    {"no_session_key", "hi", "agent:main:", "", errc::invalid_input},
};
INSTANTIATE_TEST_SUITE_P(router, refusals, testing::ValuesIn(bad_cases),
                         [](const auto& i) { return i.param.name; });

TEST_F(router_test, an_answer_that_its_caller_waits_for_costs_one_commit) {
    start();
    auto m = message("hi");
    m.durability = durability::with_answer;
    const auto run = submit(m).value().run_id;
    until([&] { return sink->count(kind::final) == 1; });
    EXPECT_EQ(store->accepts(), 0u);
    EXPECT_EQ(store->commits(), 1u);
    EXPECT_EQ(store->transcript(session).size(), 2u);
    EXPECT_FALSE(test::run(io, r->wait(run, milliseconds(0))).known) << "no row tells of it";
}

// Its session was to be forgotten with it; who knows its name by then and goes on finds it whole.
TEST_F(router_test, a_message_behind_the_only_one_of_a_session_knows_what_was_said) {
    start();
    auto m = message("hold 1");
    m.durability = durability::with_answer;
    m.fresh_session = true;
    ASSERT_TRUE(submit(m));
    until_spoken();
    const auto second = send("and 2");
    model.release("hold 1");
    wait_for(second);
    EXPECT_EQ(model.rows_seen(), (std::vector<std::size_t>{2, 4})) << "the agent's own row among them";
}

TEST_F(router_test, with_a_tool_step_the_message_is_accepted_first) {
    start();
    auto m = message("time now");
    m.durability = durability::with_answer;
    const auto run = submit(m).value().run_id;
    wait_for(run);
    EXPECT_EQ(store->accepts(), 1u);
    EXPECT_EQ(store->commits(), 1u);
    const auto steps = test::run(io, store->steps(run)).value();
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].number, 1);
    EXPECT_TRUE(steps[0].row.has_tool_calls());
    EXPECT_EQ(steps[1].number, 2);
    EXPECT_EQ(steps[1].row.role, role::tool);
    EXPECT_EQ(sink->count(kind::tool_started), 1u);
    EXPECT_EQ(sink->count(kind::tool_ended), 1u);
    EXPECT_EQ(store->transcript(session).size(), 4u);
}

TEST_F(router_test, a_tool_waits_until_its_message_is_accepted) {
    start();
    store->fail_accept(error(errc::disk_full, "no space"));
    auto m = message("time now");
    m.durability = durability::with_answer;
    ASSERT_TRUE(submit(m));
    until([&] { return sink->count(kind::failed) == 1; });
    EXPECT_EQ(sink->only(kind::failed).failure.code, errc::disk_full);
    EXPECT_EQ(sink->count(kind::tool_started), 0u);
}

TEST_F(router_test, a_failed_turn_is_on_record_and_goes_to_its_channel) {
    start();
    auto m = message("fail x");
    m.deliver = true;
    const auto run = submit(m).value().run_id;
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::failed);
    EXPECT_EQ(parse_json(store->run(run).outcome).value()["error"]["code"], "rejected");
    EXPECT_EQ(sink->only(kind::failed).failure.code, errc::rejected);
    const auto sent = store->deliveries();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].reply_id, run + ":1");
    EXPECT_EQ(sent[0].peer, "p");
    EXPECT_NE(sent[0].text.find("could not be answered"), std::string::npos);
    EXPECT_EQ(woken, std::vector<std::string>{"test"});
    wait_for(send("the next one"));
}

TEST_F(router_test, a_failed_turn_that_its_caller_waits_for_is_only_told) {
    start();
    auto m = message("fail x");
    m.durability = durability::with_answer;
    ASSERT_TRUE(submit(m));
    until([&] { return sink->count(kind::failed) == 1; });
    EXPECT_EQ(store->commits(), 0u);
}

TEST_F(router_test, an_answer_goes_out_in_the_commit_of_its_turn) {
    start();
    auto m = message("hi");
    m.deliver = true;
    m.origin.thread = "17";
    const auto run = submit(m).value().run_id;
    wait_for(run);
    const auto sent = store->deliveries();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].channel, "test");
    EXPECT_EQ(sent[0].thread, "17");
    EXPECT_EQ(sent[0].text, "re: hi");
    EXPECT_EQ(sent[0].run_id, run);
    EXPECT_EQ(woken.size(), 1u);
}

TEST_F(router_test, a_full_disk_delays_an_accepted_turn_and_does_not_lose_it) {
    start();
    store->fail_commit(error(errc::disk_full, "no space"));
    const auto run = send("hi");
    wait_for(run);
    EXPECT_EQ(store->run(run).state, run_state::done);
    EXPECT_EQ(store->transcript(session).size(), 2u);
    EXPECT_EQ(sink->count(kind::final), 1u);
    EXPECT_EQ(model.asked().size(), 1u);
}

TEST_F(router_test, on_a_full_disk_a_caller_that_waits_is_told) {
    start();
    store->fail_commit(error(errc::disk_full, "no space"));
    auto m = message("hi");
    m.durability = durability::with_answer;
    ASSERT_TRUE(submit(m));
    until([&] { return sink->all().size() == 3; });
    EXPECT_EQ(sink->only(kind::failed).failure.code, errc::disk_full);
}

TEST_F(router_test, resolve_gives_the_canonical_key) {
    start();
    EXPECT_EQ(r->resolve("main", "").value().str(), "agent:main:main");
    EXPECT_EQ(r->resolve("x", "other").value().str(), "agent:other:x");
    EXPECT_EQ(r->resolve("agent:other:x", "").value().str(), "agent:other:x");
    EXPECT_EQ(r->resolve("agent:other:x", "main").error().code, errc::invalid_input);
}

TEST_F(router_test, wait_tells_how_a_run_stands) {
    start();
    const auto unknown = test::run(io, r->wait("nobody", milliseconds(0)));
    EXPECT_FALSE(unknown.known);
    const auto run = send("hold 1");
    until_spoken();
    const auto now = test::run(io, r->wait(run, milliseconds(0)));
    EXPECT_TRUE(now.known);
    EXPECT_FALSE(now.ended);
    const auto soon = test::run(io, r->wait(run, milliseconds(1)));
    EXPECT_FALSE(soon.ended);
    model.release("hold 1");
    const auto at_the_end = test::run(io, r->wait(run, milliseconds(20'000)));
    EXPECT_TRUE(at_the_end.ended);
    EXPECT_EQ(at_the_end.row.state, run_state::done);
}

TEST_F(router_test, wait_knows_the_end_of_a_run_that_had_no_row) {
    start();
    auto m = message("hold 1");
    m.durability = durability::with_answer;
    const auto run = submit(m).value().run_id;
    until_spoken();
    model.release("hold 1");
    wait_for(run);
}

}  // namespace
}  // namespace openclaw::routing
