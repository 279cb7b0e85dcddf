#include "store_fixture.hpp"

namespace openclaw::store {
namespace {

class accept_test : public store_test {};

TEST_F(accept_test, keeps_a_message) {
    auto request = message("r1", "agent:a:main", "d1");
    request.priority = 2;
    const auto got = get(s->accept(request)).value();
    EXPECT_TRUE(got.fresh);
    EXPECT_GT(got.run.inbox_id, 0);
    EXPECT_EQ(got.run.run_id, "r1");
    EXPECT_EQ(got.run.state, run_state::waiting);
    const auto found = get(s->find_run("r1")).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->inbox_id, got.run.inbox_id);
    EXPECT_EQ(found->session, "agent:a:main");
    EXPECT_EQ(found->priority, 2);
    EXPECT_EQ(found->received_ms, time.unix_ms());
    EXPECT_EQ(found->body, "");
    EXPECT_FALSE(get(s->find_run("r2")).value());
}

TEST_F(accept_test, makes_the_session_of_its_first_message) {
    accepted("r1");
    const auto row = get(s->find_session("agent:a:main")).value();
    ASSERT_TRUE(row);
    EXPECT_EQ(row->agent, "a");
    EXPECT_EQ(row->last_seq, 0);
    EXPECT_EQ(row->created_ms, time.unix_ms());
    EXPECT_EQ(get(s->stats()).value().sessions, 1);
    accepted("r2");
    EXPECT_EQ(get(s->stats()).value().sessions, 1);
}

TEST_F(accept_test, takes_a_redelivery_for_the_message_it_repeats) {
    const auto first = get(s->accept(message("r1", "agent:a:main", "d1"))).value();
    const auto again = get(s->accept(message("r2", "agent:a:main", "d1"))).value();
    EXPECT_FALSE(again.fresh);
    EXPECT_EQ(again.run.run_id, "r1");
    EXPECT_EQ(again.run.inbox_id, first.run.inbox_id);
    EXPECT_FALSE(get(s->find_run("r2")).value());
}

TEST_F(accept_test, takes_a_run_id_for_the_message_it_repeats) {
    accepted("r1");
    EXPECT_FALSE(get(s->accept(message("r1"))).value().fresh);
}

TEST_F(accept_test, refuses_the_run_id_of_another_session) {
    accepted("r1");
    const auto other = get(s->accept(message("r1", "agent:a:other")));
    ASSERT_TRUE(other.has_error());
    EXPECT_EQ(other.error().code, errc::conflict);
}

TEST_F(accept_test, tells_how_a_repeated_message_ended) {
    const auto id = get(s->accept(message("r1", "agent:a:main", "d1"))).value().run.inbox_id;
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    const auto again = get(s->accept(message("r9", "agent:a:main", "d1"))).value();
    EXPECT_FALSE(again.fresh);
    EXPECT_EQ(again.run.state, run_state::done);
    EXPECT_EQ(again.run.outcome, R"({"text":"a"})");
}

TEST_F(accept_test, of_a_hundred_redeliveries_at_once_one_is_fresh) {
    std::vector<std::optional<result<accept_result>>*> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(&begin(s->accept(message("r" + std::to_string(i), "agent:a:main", "d"))));
    }
    run_all();
    int fresh = 0;
    for (auto* slot : all) {
        ASSERT_TRUE(slot->has_value());
        fresh += (*slot)->value().fresh ? 1 : 0;
        EXPECT_EQ((*slot)->value().run.run_id, "r0");
    }
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(get(s->waiting(0, 1000)).value().size(), 1u);
}

TEST_F(accept_test, gives_back_what_waits_in_the_order_of_arrival) {
    for (int i = 0; i < 50; ++i) {
        begin(s->accept(message("r" + std::to_string(i), "agent:a:" + std::to_string(i % 3))));
    }
    run_all();
    std::vector<run_row> all;
    while (true) {
        auto page = get(s->waiting(all.empty() ? 0 : all.back().inbox_id, 7)).value();
        if (page.empty()) break;
        EXPECT_LE(page.size(), 7u);
        for (auto& row : page) all.push_back(std::move(row));
    }
    ASSERT_EQ(all.size(), 50u);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].run_id, "r" + std::to_string(i));
        EXPECT_EQ(all[i].body, R"({"text":"hello"})");
    }
}

TEST_F(accept_test, counts_attempts_and_waits_again_after_a_restart) {
    const auto id = accepted("r1");
    s->note_started(id, 77);
    reopen();
    s->note_started(id, 88);
    reopen();
    const auto rows = get(s->waiting(0, 10)).value();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].attempts, 2u);
    EXPECT_EQ(rows[0].started_ms, 88);
    EXPECT_EQ(rows[0].state, run_state::running);
}

TEST_F(accept_test, counts_the_attempt_of_an_earlier_message_before_it_begins) {
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->start_again(id, 77)));
    EXPECT_EQ(get(s->find_run("r1")).value()->attempts, 1u);
    s->note_left(id);
    accepted("r2");  // comes after the note
    EXPECT_EQ(get(s->find_run("r1")).value()->attempts, 0u);
    s->note_left(id);
    accepted("r3");
    EXPECT_EQ(get(s->find_run("r1")).value()->attempts, 0u) << "never fewer than none";
}

TEST_F(accept_test, keeps_dead_letters_until_they_are_discarded) {
    for (const char* run : {"r1", "r2", "r3"}) {
        auto end = turn(run, accepted(run));
        end.state = std::string_view(run) == "r2" ? run_state::done : run_state::dead;
        ASSERT_TRUE(get(s->commit(std::move(end))));
    }
    const auto letters = get(s->dead_letters(0, 10)).value();
    ASSERT_EQ(letters.size(), 2u);
    EXPECT_EQ(letters[0].run_id, "r1");
    EXPECT_EQ(letters[0].body, R"({"text":"hello"})");
    EXPECT_EQ(get(s->dead_letters(letters[0].inbox_id, 10)).value().size(), 1u);
    EXPECT_EQ(get(s->stats()).value().dead_letters, 2);
    EXPECT_TRUE(get(s->waiting(0, 10)).value().empty());
    ASSERT_TRUE(get(s->discard_dead_letter("r1")));
    EXPECT_EQ(get(s->discard_dead_letter("r1")).error().code, errc::not_found);
    EXPECT_EQ(get(s->discard_dead_letter("r2")).error().code, errc::not_found);
    EXPECT_FALSE(get(s->find_dead_letter("r1")).value().has_value());
    EXPECT_TRUE(get(s->find_dead_letter("r3")).value().has_value());
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::failed);
}

TEST_F(accept_test, remembers_what_was_called_back_until_it_ends) {
    for (const char* run : {"r1", "r2", "r3"}) accepted(run);
    ASSERT_TRUE(get(s->commit(turn("r3", 3))));
    ASSERT_TRUE(get(s->call_back({"r1", "r3", "nobody"}, "rpc")));
    reopen();
    const auto rows = get(s->waiting(0, 10)).value();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].called_back, "rpc");
    EXPECT_EQ(rows[0].body, R"({"text":"hello"})");
    EXPECT_EQ(rows[1].called_back, "");
    EXPECT_EQ(get(s->find_run("r3")).value()->called_back, "") << "it had ended";
}

TEST_F(accept_test, does_not_begin_what_has_ended) {
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    s->note_started(id, 99);
    accepted("r2");  // comes after the note
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::done);
    EXPECT_EQ(get(s->find_run("r1")).value()->attempts, 0u);
}

}  // namespace
}  // namespace openclaw::store
