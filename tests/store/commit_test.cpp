#include "store/row_codec.hpp"
#include "store/tables.hpp"

#include "store_fixture.hpp"

namespace openclaw::store {
namespace {

class commit_test : public store_test {
protected:
    turn_step step_of(const std::string& run, std::int64_t number, std::int64_t epoch) {
        turn_step step;
        step.run_id = run;
        step.number = number;
        step.epoch = epoch;
        step.row.role = role::tool;
        step.row.id = "step-" + std::to_string(number);
        step.row.timestamp_ms = 5;
        step.row.parts = {tool_result{"c1", "exec", "out", false}};
        return step;
    }
    std::vector<std::string> texts(std::size_t limit = 100, std::int64_t before = 0) {
        std::vector<std::string> out;
        for (const auto& row : get(s->history("agent:a:main", limit, before)).value()) {
            out.push_back(row.text());
        }
        return out;
    }
    // Makes the session the property of a start that is still to come.
    void hand_over_session() {
        auto c = turn("newer");
        c.epoch = s->epoch() + 1;
        ASSERT_TRUE(get(s->commit(c)));
    }
};

TEST_F(commit_test, changes_all_that_the_end_of_a_turn_changes) {
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->step(step_of("r1", 1, s->epoch()))));
    auto c = turn("r1", id);
    c.deliveries = {reply("r1:1"), reply("r1:2")};
    EXPECT_EQ(get(s->commit(c)).value().first_seq, 1);

    const auto session = get(s->find_session("agent:a:main")).value();
    ASSERT_TRUE(session);
    EXPECT_EQ(session->agent, "a");
    EXPECT_EQ(session->last_seq, 2);
    EXPECT_EQ(session->usage.total(), 18);
    EXPECT_EQ(session->provider, "local");
    EXPECT_EQ(session->model, "echo");
    EXPECT_EQ(session->epoch, s->epoch());
    EXPECT_EQ(session->created_ms, time.unix_ms());
    EXPECT_EQ(texts(), (std::vector<std::string>{"q r1", "a r1"}));
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::done);
    EXPECT_TRUE(get(s->waiting(0, 10)).value().empty());
    EXPECT_TRUE(get(s->steps("r1")).value().empty());
    EXPECT_EQ(get(s->due_deliveries("test", "default", time.unix_ms(), 10)).value().size(), 2u);
}

TEST_F(commit_test, grows_the_session_turn_by_turn) {
    ASSERT_TRUE(get(s->commit(turn("r1"))));
    time.advance(milliseconds(1000));
    auto second = turn("r2");
    second.provider = second.model = "";
    EXPECT_EQ(get(s->commit(second)).value().first_seq, 3);
    const auto session = get(s->find_session("agent:a:main")).value();
    EXPECT_EQ(session->last_seq, 4);
    EXPECT_EQ(session->usage.input, 20);
    EXPECT_EQ(session->model, "echo") << "a turn without a model keeps the last one's";
    EXPECT_EQ(session->updated_ms, session->created_ms + 1000);
    EXPECT_EQ(get(s->stats()).value().sessions, 1);
}

TEST_F(commit_test, leaves_no_run_of_a_message_that_was_never_accepted) {
    ASSERT_TRUE(get(s->commit(turn("direct"))));
    EXPECT_EQ(texts().size(), 2u);
    EXPECT_FALSE(get(s->find_run("direct")).value());
}

TEST_F(commit_test, ends_a_message_whose_accept_was_not_waited_for) {
    accepted("r1");
    auto c = turn("r1");
    c.state = run_state::aborted;
    c.may_be_accepted = true;
    ASSERT_TRUE(get(s->commit(c)));
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::aborted);
    EXPECT_TRUE(get(s->waiting(0, 10)).value().empty());
    c.run_id = "never-accepted";
    EXPECT_TRUE(get(s->commit(c)));
}

TEST_F(commit_test, leaves_a_run_that_can_be_found) {
    ASSERT_TRUE(get(s->commit(turn("r1", accepted("r1")))));
    const auto run = get(s->find_run("r1")).value();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->state, run_state::done);
    EXPECT_EQ(run->outcome, R"({"text":"a"})");
    EXPECT_EQ(run->ended_ms, time.unix_ms());
}

TEST_F(commit_test, ends_a_message_once) {
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    auto again = turn("r1", id);
    again.deliveries = {reply("r1:1")};
    const auto refused = get(s->commit(again));
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, errc::conflict);
    EXPECT_EQ(texts().size(), 2u);
    EXPECT_EQ(get(s->find_session("agent:a:main")).value()->usage.total(), 18);
    EXPECT_EQ(get(s->stats()).value().pending_deliveries, 0);
}

TEST_F(commit_test, refuses_rows_that_do_not_belong_together) {
    const auto id = accepted("r1");
    EXPECT_EQ(get(s->commit(turn("r2", id))).error().code, errc::conflict);
    EXPECT_EQ(get(s->commit(turn("r1", id, "agent:a:other"))).error().code, errc::conflict);
    EXPECT_EQ(get(s->commit(turn("r1", id + 100))).error().code, errc::conflict);
    EXPECT_TRUE(texts().empty());
    EXPECT_FALSE(get(s->find_session("agent:a:other")).value());
}

TEST_F(commit_test, changes_nothing_when_a_delivery_is_refused) {
    auto first = turn("r1");
    first.deliveries = {reply("same")};
    ASSERT_TRUE(get(s->commit(first)));
    const auto id = accepted("r2");
    auto second = turn("r2", id);
    second.deliveries = {reply("other"), reply("same")};
    EXPECT_EQ(get(s->commit(second)).error().code, errc::conflict);
    EXPECT_EQ(texts().size(), 2u);
    EXPECT_EQ(get(s->find_run("r2")).value()->state, run_state::waiting);
    EXPECT_EQ(get(s->stats()).value().pending_deliveries, 1);
}

TEST_F(commit_test, is_fenced_by_a_newer_owner) {
    const auto id = accepted("r1");
    hand_over_session();
    EXPECT_EQ(get(s->commit(turn("r1", id))).error().code, errc::conflict);
    EXPECT_EQ(get(s->commit(turn("r2"))).error().code, errc::conflict);
    EXPECT_EQ(get(s->accept(message("r3"))).error().code, errc::conflict);
    EXPECT_EQ(get(s->step(step_of("r1", 1, s->epoch()))).error().code, errc::conflict);
    EXPECT_EQ(texts().size(), 2u);
    EXPECT_FALSE(get(s->find_run("r3")).value());
    // The new owner goes on where the old one was stopped.
    reopen();
    EXPECT_TRUE(get(s->step(step_of("r1", 1, s->epoch()))));
    EXPECT_TRUE(get(s->commit(turn("r1", id))));
    EXPECT_TRUE(get(s->accept(message("r3"))));
}

TEST_F(commit_test, is_fenced_when_a_newer_owner_has_begun_the_message) {
    const auto id = accepted("r1");
    const auto old = s->epoch();
    reopen();
    s->note_started(id, 1);
    accepted("r2");  // comes after the note
    auto late = turn("r1", id);
    late.epoch = old;
    EXPECT_EQ(get(s->commit(late)).error().code, errc::conflict);
    EXPECT_EQ(get(s->step(step_of("r1", 1, old))).error().code, errc::conflict);
    EXPECT_TRUE(get(s->commit(turn("r1", id))));
}

TEST_F(commit_test, keeps_the_body_of_a_failed_message_only) {
    for (const auto state : {run_state::done, run_state::failed, run_state::aborted}) {
        const auto run = "r-" + std::string(name_of(state));
        auto c = turn(run, accepted(run));
        c.state = state;
        ASSERT_TRUE(get(s->commit(c)));
        EXPECT_EQ(get(s->find_run(run)).value()->state, state);
    }
}

TEST_F(commit_test, keeps_rows_as_they_were) {
    auto c = turn("r1");
    chat_message row;
    row.role = role::assistant;
    row.id = "entry-7";
    row.timestamp_ms = 123;
    row.provider = "anthropic";
    row.model = "m";
    row.stop_reason = "toolUse";
    row.usage = {1, 2, 3, 4};
    row.parts = {thinking_part{"hm", "sig"}, tool_call{"c", "exec", R"({"a":1})"}};
    c.rows = {row, assistant_message("without id or time")};
    ASSERT_TRUE(get(s->commit(c)));
    const auto back = get(s->history("agent:a:main", 10, 0)).value();
    ASSERT_EQ(back.size(), 2u);
    EXPECT_EQ(back[0].id, "entry-7");
    EXPECT_EQ(back[0].role, role::assistant);
    EXPECT_EQ(back[0].seq, 1);
    EXPECT_EQ(back[0].timestamp_ms, 123);
    EXPECT_EQ(back[0].run_id, "r1");
    EXPECT_EQ(back[0].provider, "anthropic");
    EXPECT_EQ(back[0].model, "m");
    EXPECT_EQ(back[0].stop_reason, "toolUse");
    EXPECT_EQ(back[0].usage.cache_write, 4);
    EXPECT_EQ(encode_body(back[0]), encode_body(row));
    EXPECT_EQ(back[1].id, "r1:2");
    EXPECT_EQ(back[1].timestamp_ms, time.unix_ms());
}

TEST_F(commit_test, what_one_call_reads_is_bounded_by_bytes) {
    auto c = turn("r1");
    c.rows.clear();
    for (int i = 1; i <= 4; ++i) {
        auto row = user_message(std::string(5 << 20, 'x'));
        row.id = "row" + std::to_string(i);
        c.rows.push_back(std::move(row));
    }
    ASSERT_TRUE(get(s->commit(std::move(c))));
    const auto newest = get(s->history("agent:a:main", 100, 0)).value();
    ASSERT_EQ(newest.size(), 3u) << "the first, and until 8 MiB are passed";
    EXPECT_EQ(newest.back().seq, 4);
    const auto oldest = get(s->history_from("agent:a:main", 2, 100)).value();
    ASSERT_EQ(oldest.size(), 3u);
    EXPECT_EQ(oldest.front().seq, 2);
    EXPECT_EQ(get(s->history_from("agent:a:main", 3, 1)).value().front().seq, 3);
}

TEST_F(commit_test, history_is_a_window) {
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(get(s->commit(turn(std::to_string(i)))));
    EXPECT_EQ(texts(3), (std::vector<std::string>{"a 4", "q 5", "a 5"}));
    EXPECT_EQ(texts(2, 4), (std::vector<std::string>{"a 1", "q 2"}));
    EXPECT_EQ(texts(10, 3), (std::vector<std::string>{"q 1", "a 1"}));
    EXPECT_TRUE(texts(10, 1).empty());
    EXPECT_TRUE(texts(0).empty());
    EXPECT_TRUE(get(s->history("agent:a:none", 10, 0)).value().empty());
}

TEST_F(commit_test, steps_come_back_in_order_after_a_restart) {
    accepted("r1");
    for (const std::int64_t n : {2, 1, 10}) {
        ASSERT_TRUE(get(s->step(step_of("r1", n, s->epoch()))));
    }
    reopen();
    const auto steps = get(s->steps("r1")).value();
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0].number, 1);
    EXPECT_EQ(steps[2].number, 10);
    EXPECT_EQ(steps[0].epoch, s->epoch() - 1);
    EXPECT_EQ(steps[0].row.role, role::tool);
    EXPECT_EQ(steps[0].row.id, "step-1");
    EXPECT_EQ(steps[0].row.timestamp_ms, 5);
    EXPECT_EQ(std::get<tool_result>(steps[0].row.parts.at(0)).text, "out");
}

TEST_F(commit_test, a_step_needs_a_run_that_goes_on) {
    EXPECT_EQ(get(s->step(step_of("r1", 1, s->epoch()))).error().code, errc::not_found);
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    EXPECT_EQ(get(s->step(step_of("r1", 1, s->epoch()))).error().code, errc::conflict);
    EXPECT_TRUE(get(s->steps("r1")).value().empty());
}

TEST_F(commit_test, a_transcript_is_emptied_in_slices_and_begins_anew) {
    const std::string key = "agent:a:main";
    for (const std::string run : {"r1", "r2", "r3"}) ASSERT_TRUE(get(s->commit(turn(run, 0, key))));
    ASSERT_TRUE(get(s->commit(turn("other", 0, "agent:a:other"))));
    const auto before = get(s->find_session(key)).value();
    EXPECT_EQ(get(s->delete_session(key)).error().code, errc::conflict) << "it has a transcript";
    EXPECT_EQ(get(s->clear_history(key, 4)).value(), 4u);
    EXPECT_EQ(get(s->history(key, 10, 0)).value().size(), 2u);
    EXPECT_EQ(get(s->clear_history(key, 4)).value(), 2u);
    const auto after = get(s->find_session(key)).value();
    ASSERT_TRUE(after);
    EXPECT_EQ(after->id, before->id);
    EXPECT_EQ(after->last_seq, 0);
    EXPECT_EQ(after->usage.total(), 0);
    EXPECT_EQ(after->last_state, run_state::waiting);
    ASSERT_TRUE(get(s->commit(turn("r4", 0, key))));
    EXPECT_EQ(get(s->history(key, 10, 0)).value().front().seq, 1);
    EXPECT_EQ(get(s->find_session(key)).value()->last_state, run_state::done);
    EXPECT_EQ(get(s->history("agent:a:other", 10, 0)).value().size(), 2u);
}

TEST_F(commit_test, a_message_is_found_by_its_id) {
    ASSERT_TRUE(get(s->commit(turn("r1", 0, "k"))));
    ASSERT_TRUE(get(s->commit(turn("r1b", 0, "other"))));
    const auto found = get(s->find_message("k", "r1:2")).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->text(), "a r1");
    EXPECT_EQ(found->seq, 2);
    EXPECT_FALSE(get(s->find_message("other", "r1:2")).value().has_value());
    EXPECT_FALSE(get(s->find_message("nobody", "r1:2")).value().has_value());
}

TEST_F(commit_test, a_session_may_begin_like_another) {
    for (const char* run : {"r1", "r2", "r3"}) ASSERT_TRUE(get(s->commit(turn(run, 0, "k"))));
    session_fork fork;
    fork.from = "k";
    fork.run_id = "r2";
    fork.key = "fork";
    fork.agent = "a";
    fork.limit = 3;
    session_patch choice;
    choice.key = "k";
    choice.wanted_model = "house/m";
    ASSERT_TRUE(get(s->patch_session(choice)));
    ASSERT_TRUE(get(s->fork_session(fork)));
    EXPECT_TRUE(get(s->find_session("fork")).value()->background);
    EXPECT_EQ(get(s->find_session("fork")).value()->wanted_model, "house/m");
    ASSERT_TRUE(get(s->commit(turn("r4", 0, "fork"))));
    std::string said;
    for (const auto& row : get(s->history("fork", 10, 0)).value()) {
        said += std::to_string(row.seq) + " " + row.text() + ", ";
    }
    EXPECT_EQ(said, "2 a r1, 3 q r2, 4 a r2, 5 q r4, 6 a r4, ");
    EXPECT_EQ(get(s->history("k", 10, 0)).value().size(), 6u);
    const auto made = get(s->find_session("fork")).value();
    EXPECT_EQ(made->row_count(), 5);
    EXPECT_FALSE(made->background) << "somebody came back to it";
    EXPECT_EQ(get(s->fork_session(fork)).error().code, errc::conflict);
    fork.key = "other";
    fork.run_id = "r9";
    EXPECT_EQ(get(s->fork_session(fork)).error().code, errc::not_found);
    EXPECT_FALSE(get(s->find_session("other")).value().has_value());
}

// The rows of a copy bear the runs of the first.
TEST_F(commit_test, to_empty_a_copy_leaves_what_became_of_the_others_messages) {
    auto end = turn("r1", accepted("r1", "k"), "k");
    end.outcome = R"({"text":"yes"})";
    ASSERT_TRUE(get(s->commit(std::move(end))));
    ASSERT_TRUE(get(s->fork_session({"k", "r1", "fork", "a", 10, 0})));
    ASSERT_EQ(get(s->clear_history("fork", 100)).value(), 2u);
    EXPECT_EQ(get(s->find_run("r1")).value()->outcome, R"({"text":"yes"})");
    ASSERT_EQ(get(s->clear_history("k", 100)).value(), 2u);
    EXPECT_EQ(get(s->find_run("r1")).value()->outcome, "");
}

TEST_F(commit_test, a_fork_takes_what_one_call_reads_at_most) {
    auto large = turn("r1", 0, "k");
    large.rows = {user_message(std::string(max_read_bytes, 'x')), user_message("small"),
                  user_message("last")};
    ASSERT_TRUE(get(s->commit(large)));
    session_fork fork{"k", "r1", "fork", "a", 10, 0};
    ASSERT_TRUE(get(s->fork_session(fork)));
    EXPECT_EQ(get(s->history("fork", 10, 0)).value().size(), 2u);
}

TEST_F(commit_test, a_session_is_deleted_once) {
    ASSERT_TRUE(get(s->commit(turn("r1", 0, "k"))));
    ASSERT_EQ(get(s->clear_history("k", 100)).value(), 2u);
    EXPECT_TRUE(get(s->delete_session("k")).value());
    EXPECT_FALSE(get(s->delete_session("k")).value());
    EXPECT_EQ(get(s->clear_history("k", 100)).value(), 0u);
    EXPECT_EQ(get(s->stats()).value().sessions, 0);
    EXPECT_FALSE(get(s->find_session("k")).value().has_value());
}

// What was said goes; that it was said stays, so that a message that comes again starts nothing.
TEST_F(commit_test, the_inbox_forgets_the_words_of_a_transcript_that_goes) {
    const std::string key = "agent:a:main";
    const auto first = get(s->accept(message("r1", key, "d1"))).value().run.inbox_id;
    auto failed = turn("r1", first);
    failed.state = run_state::failed;
    ASSERT_TRUE(get(s->commit(failed)));
    ASSERT_TRUE(get(s->commit(turn("r2", accepted("r2", key)))));
    ASSERT_TRUE(get(s->commit(turn("other", accepted("other", "agent:a:other"), "agent:a:other"))));
    accepted("waits", key);
    EXPECT_EQ(get(s->clear_history(key, 2)).value(), 2u);
    EXPECT_EQ(get(s->find_run("r1")).value()->outcome, "");
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::failed);
    EXPECT_NE(get(s->find_run("r2")).value()->outcome, "") << "its rows are in the next slice";
    get(s->clear_history(key, 100));
    ASSERT_TRUE(get(s->delete_session(key)).value());
    EXPECT_EQ(get(s->find_run("r2")).value()->outcome, "");
    EXPECT_NE(get(s->find_run("other")).value()->outcome, "");
    EXPECT_EQ(get(s->waiting(0, 10)).value().at(0).body, R"({"text":"hello"})");
    const auto again = get(s->accept(message("r9", key, "d1"))).value();
    EXPECT_FALSE(again.fresh);
    EXPECT_EQ(again.run.run_id, "r1");
    s->close();
    connection_options how;
    how.path = (dir.path() / "state/openclaw.db").string();
    auto db = database::open(how).value();
    statement ask(*db, "SELECT body FROM inbox WHERE run_id = 'r1'");
    cursor row(ask);
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0), "") << "the body of a failed message is words as well";
}

TEST_F(commit_test, a_dead_letter_outlives_its_transcript_and_goes_with_its_session) {
    auto dead = turn("r1", accepted("r1"));
    dead.state = run_state::dead;
    ASSERT_TRUE(get(s->commit(std::move(dead))));
    ASSERT_EQ(get(s->dead_letters(0, 10)).value().size(), 1u);
    ASSERT_EQ(get(s->clear_history("agent:a:main", 100)).value(), 2u);
    EXPECT_EQ(get(s->dead_letters(0, 10)).value().at(0).body, R"({"text":"hello"})");
    ASSERT_TRUE(get(s->delete_session("agent:a:main")).value());
    EXPECT_TRUE(get(s->dead_letters(0, 10)).value().empty());
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::failed);
}

// By their ids clients tell conversations of one name apart.
TEST_F(commit_test, an_id_is_never_given_twice) {
    ASSERT_TRUE(get(s->commit(turn("r1", 0, "k"))));
    const auto first = get(s->find_session("k")).value()->id;
    ASSERT_EQ(get(s->clear_history("k", 100)).value(), 2u);
    ASSERT_TRUE(get(s->delete_session("k")).value());
    reopen();
    ASSERT_TRUE(get(s->commit(turn("r2", 0, "k"))));
    const auto second = get(s->find_session("k")).value()->id;
    EXPECT_GT(second, first);
    time.advance(std::chrono::hours(1));
    get(s->sweep_history(time.unix_ms(), 100, 0));
    get(s->sweep_history(time.unix_ms(), 100, 0));
    ASSERT_FALSE(get(s->find_session("k")).value());
    ASSERT_TRUE(get(s->commit(turn("r3", 0, "k"))));
    EXPECT_GT(get(s->find_session("k")).value()->id, second);
}

TEST_F(commit_test, an_id_that_is_another_ones_is_a_conflict_and_changes_nothing) {
    accepted("r1", "k");
    const auto id = get(s->find_session("k")).value()->id;
    auto sent = message("r2", "k");
    sent.session_id = id + 1;
    EXPECT_EQ(get(s->accept(sent)).error().code, errc::conflict);
    EXPECT_FALSE(get(s->find_run("r2")).value());
    sent.session_id = id;
    EXPECT_TRUE(get(s->accept(sent)).value().fresh);
    auto early = message("r3", "nobody");
    early.session_id = id;
    EXPECT_EQ(get(s->accept(early)).error().code, errc::conflict);
    EXPECT_FALSE(get(s->find_session("nobody")).value()) << "nor is one made";
    session_patch patch;
    patch.key = "k";
    patch.pinned = true;
    patch.id = id + 1;
    EXPECT_EQ(get(s->patch_session(patch)).error().code, errc::conflict);
    EXPECT_FALSE(get(s->find_session("k")).value()->pinned);
    patch.id = id;
    EXPECT_TRUE(get(s->patch_session(patch)).value()->pinned);
}

}  // namespace
}  // namespace openclaw::store
