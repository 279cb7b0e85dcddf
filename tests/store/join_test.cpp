#include "store/store_fixture.hpp"

#include <gtest/gtest.h>

namespace openclaw::store {
namespace {

// Messages that take part in the turn of another one.
class join_test : public store_test {
protected:
    void SetUp() override {
        store_test::SetUp();
        host = accepted("host");
        guest = accepted("guest");
    }
    message_join joining(std::vector<std::int64_t> messages) {
        message_join j;
        j.into = host;
        j.messages = std::move(messages);
        j.at_ms = time.unix_ms();
        j.epoch = s->epoch();
        return j;
    }
    run_row row(const std::string& run) { return get(s->find_run(run)).value().value(); }

    std::int64_t host = 0, guest = 0;
};

TEST_F(join_test, a_guest_ends_with_the_turn_and_as_it_does) {
    ASSERT_TRUE(get(s->join(joining({guest}))));
    EXPECT_EQ(row("guest").state, run_state::running);
    EXPECT_EQ(row("guest").joined, host);
    accepted("other");
    ASSERT_TRUE(get(s->commit(turn("host", host))));
    EXPECT_EQ(row("guest").state, run_state::done);
    EXPECT_EQ(row("guest").outcome, row("host").outcome);
    EXPECT_EQ(row("other").state, run_state::waiting);
}

TEST_F(join_test, a_restart_finds_who_takes_part_and_the_words_that_went_in) {
    auto j = joining({guest});
    auto& step = j.steps.emplace_back();
    step.run_id = "host";
    step.number = 1;
    step.epoch = s->epoch();
    step.row = user_message("rather this");
    step.row.id = "guest:user";
    ASSERT_TRUE(get(s->join(std::move(j))));
    reopen();
    const auto left = get(s->waiting(0, 10)).value();
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].joined, 0);
    EXPECT_EQ(left[1].joined, host);
    const auto steps = get(s->steps("host")).value();
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].row.id, "guest:user");
    EXPECT_EQ(steps[0].row.role, role::user);
}

TEST_F(join_test, to_say_it_twice_changes_nothing) {
    ASSERT_TRUE(get(s->join(joining({guest}))));
    ASSERT_TRUE(get(s->join(joining({guest}))));
    EXPECT_EQ(row("guest").joined, host);
}

TEST_F(join_test, takes_all_or_none) {
    const auto ended = accepted("ended");
    ASSERT_TRUE(get(s->commit(turn("ended", ended))));
    const auto elsewhere = accepted("elsewhere", "agent:a:other");
    for (const auto other : {ended, elsewhere, host, std::int64_t{99}}) {
        EXPECT_EQ(get(s->join(joining({guest, other}))).error().code, errc::conflict) << other;
        EXPECT_EQ(row("guest").joined, 0);
    }
    ASSERT_TRUE(get(s->commit(turn("host", host))));
    EXPECT_EQ(get(s->join(joining({guest}))).error().code, errc::conflict) << "too late";
    EXPECT_EQ(row("guest").state, run_state::waiting);
}

TEST_F(join_test, a_guest_of_a_dead_turn_is_a_dead_letter_of_its_own) {
    ASSERT_TRUE(get(s->join(joining({guest}))));
    auto c = turn("host", host);
    c.state = run_state::dead;
    ASSERT_TRUE(get(s->commit(std::move(c))));
    const auto letters = get(s->dead_letters(0, 10)).value();
    ASSERT_EQ(letters.size(), 2u);
    EXPECT_EQ(letters[1].body, R"({"text":"hello"})");
    // Its words go with its session.
    ASSERT_TRUE(get(s->clear_history("agent:a:main", 100)));
    EXPECT_EQ(get(s->dead_letters(0, 10)).value().size(), 2u);
    ASSERT_TRUE(get(s->delete_session("agent:a:main")).value());
    EXPECT_TRUE(get(s->dead_letters(0, 10)).value().empty());
    EXPECT_EQ(row("guest").outcome, "");
}

TEST_F(join_test, is_fenced_by_a_newer_owner) {
    auto late = joining({guest});
    reopen();
    ASSERT_TRUE(get(s->start_again(host, 1)));
    EXPECT_EQ(get(s->join(std::move(late))).error().code, errc::conflict);
}

}  // namespace
}  // namespace openclaw::store
