#include "store/tables.hpp"
#include "store_fixture.hpp"

namespace openclaw::store {
namespace {

constexpr auto day = std::chrono::hours(24);

class upkeep_test : public store_test {
protected:
    swept_history slice(std::int64_t before, std::size_t limit, std::int64_t first) {
        return get(s->sweep_history(before, limit, first)).value();
    }
    // A walk to its end; how many rows went.
    std::size_t sweep(std::int64_t before, std::size_t limit) {
        std::size_t rows = 0;
        std::int64_t next = 0;
        do {
            const auto part = slice(before, limit, next);
            EXPECT_LE(part.rows, limit);
            rows += part.rows;
            next = part.next_session;
        } while (next != 0);
        return rows;
    }
    std::size_t sweep_messages(std::int64_t before) {
        return get(s->sweep_messages(before, 100)).value();
    }
    std::size_t rows_of(const std::string& session) {
        return get(s->history(session, 1000, 0)).value().size();
    }
};

TEST_F(upkeep_test, sweeps_old_rows_in_slices) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(get(s->commit(turn("old" + std::to_string(i)))));
    time.advance(std::chrono::hours(1));
    const auto border = time.unix_ms();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(s->commit(turn("new" + std::to_string(i)))));
    const auto first = slice(border, 8, 0);
    EXPECT_EQ(first.rows, 8u);
    EXPECT_EQ(rows_of("agent:a:main"), 18u);
    EXPECT_EQ(sweep(border, 8), 12u);
    EXPECT_EQ(sweep(border, 8), 0u);
    const auto left = get(s->history("agent:a:main", 100, 0)).value();
    ASSERT_EQ(left.size(), 6u);
    EXPECT_EQ(left[0].text(), "q new0");
    const auto session = get(s->find_session("agent:a:main")).value();
    EXPECT_EQ(session->first_seq, 21);
    EXPECT_EQ(session->row_count(), 6) << "what was swept is not counted";
    EXPECT_EQ(get(s->list_sessions({})).value().at(0).row_count(), 6);
    EXPECT_EQ(left[0].seq, 21) << "places in the transcript are never given again";
    EXPECT_EQ(get(s->commit(turn("next"))).value().first_seq, 27);
}

TEST_F(upkeep_test, sessions_go_when_nothing_of_them_is_left) {
    auto other = turn("r1");
    other.session = "agent:a:gone";
    ASSERT_TRUE(get(s->commit(other)));
    time.advance(std::chrono::hours(1));
    const auto border = time.unix_ms();
    ASSERT_TRUE(get(s->commit(turn("r2"))));
    EXPECT_EQ(sweep(border, 100), 3u) << "two rows and their session";
    EXPECT_FALSE(get(s->find_session("agent:a:gone")).value());
    EXPECT_TRUE(get(s->find_session("agent:a:main")).value());
    EXPECT_EQ(get(s->stats()).value().sessions, 1);
}

TEST_F(upkeep_test, walks_through_many_sessions_slice_by_slice) {
    for (int i = 0; i < 7; ++i) {
        auto c = turn("r" + std::to_string(i));
        c.session = "agent:a:" + std::to_string(i);
        ASSERT_TRUE(get(s->commit(c)));
        if (i == 3) time.advance(std::chrono::hours(1));
    }
    EXPECT_EQ(slice(time.unix_ms(), 2, 0).next_session, 1) << "its rows are gone, it goes with the next";
    EXPECT_EQ(sweep(time.unix_ms(), 2), 4u * 3u - 2u);
    EXPECT_EQ(get(s->stats()).value().sessions, 3);
    EXPECT_EQ(rows_of("agent:a:4"), 2u);
}

TEST_F(upkeep_test, the_walk_ends_with_the_sessions_that_are_old_enough) {
    for (int i = 0; i < 6; ++i) {
        auto c = turn("r" + std::to_string(i));
        c.session = "agent:a:" + std::to_string(i);
        ASSERT_TRUE(get(s->commit(c)));
        if (i == 1) time.advance(std::chrono::hours(1));
    }
    EXPECT_EQ(slice(time.unix_ms(), 3, 0).next_session, 2) << "there may be more of the second";
    EXPECT_EQ(slice(time.unix_ms(), 3, 3).next_session, 0) << "a slice of young ones";
}

TEST_F(upkeep_test, a_row_from_the_future_holds_up_no_other) {
    auto c = turn("r1");
    c.rows[0].timestamp_ms = time.unix_ms() + 1'000'000'000;
    ASSERT_TRUE(get(s->commit(c)));
    time.advance(std::chrono::hours(1));
    EXPECT_EQ(sweep(time.unix_ms(), 100), 1u);
    EXPECT_EQ(rows_of("agent:a:main"), 1u);
}

TEST_F(upkeep_test, remembers_ended_messages_for_a_day_at_least) {
    const auto id = get(s->accept(message("r1", "agent:a:main", "d1"))).value().run.inbox_id;
    auto c = turn("r1", id);
    c.deliveries = {reply("1")};
    ASSERT_TRUE(get(s->commit(c)));
    const auto sent = get(s->due_deliveries("test", "default", time.unix_ms(), 1)).value().at(0);
    ASSERT_TRUE(get(s->finish_delivery(sent.id, delivery_state::sent, "", 0)));
    accepted("waits");
    time.advance(day - std::chrono::hours(1));
    EXPECT_EQ(sweep(time.unix_ms(), 100), 3u) << "the two rows of the transcript, the session";
    EXPECT_EQ(sweep_messages(time.unix_ms()), 0u);
    EXPECT_FALSE(get(s->accept(message("r2", "agent:a:main", "d1"))).value().fresh);
    time.advance(std::chrono::hours(2));
    EXPECT_EQ(sweep_messages(time.unix_ms()), 2u) << "the message and its delivery";
    EXPECT_FALSE(get(s->find_run("r1")).value());
    EXPECT_TRUE(get(s->find_run("waits")).value()) << "what has not ended stays, however old";
}

TEST_F(upkeep_test, does_not_sweep_a_delivery_that_is_pending) {
    auto c = turn("r1");
    c.deliveries = {reply("1")};
    ASSERT_TRUE(get(s->commit(c)));
    time.advance(day * 30);
    sweep(time.unix_ms(), 100);
    sweep_messages(time.unix_ms());
    EXPECT_EQ(get(s->stats()).value().pending_deliveries, 1);
    EXPECT_EQ(rows_of("agent:a:main"), 0u);
}

TEST_F(upkeep_test, writes_audit_records) {
    audit_record record;
    record.kind = "authentication";
    record.who = "somebody";
    record.what = "login";
    record.outcome = "refused";
    record.detail = {{"reason", "bad \xff"}};
    s->audit(record);
    s->close();
    connection_options how;
    how.path = (dir.path() / "state/openclaw.db").string();
    auto db = database::open(how).value();
    statement ask(*db, "SELECT at, kind, who, what, outcome, detail FROM audit");
    cursor row(ask);
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), time.unix_ms());
    EXPECT_EQ(row.text(1) + row.text(2) + row.text(3) + row.text(4),
              "authenticationsomebodyloginrefused");
    EXPECT_TRUE(parse_json(row.view(5)));
}

TEST_F(upkeep_test, one_damaged_row_leaves_the_others_readable) {
    ASSERT_TRUE(get(s->commit(turn("r1"))));
    s.reset();
    {
        connection_options how;
        how.path = (dir.path() / "state/openclaw.db").string();
        auto db = database::open(how).value();
        ASSERT_TRUE(db->exec("UPDATE transcript SET body = '{\"parts\":[' WHERE number & 4294967295 = 1"));
    }
    open();
    const auto rows = get(s->history("agent:a:main", 10, 0)).value();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_TRUE(rows[0].parts.empty());
    EXPECT_EQ(rows[1].text(), "a r1");
}

}  // namespace
}  // namespace openclaw::store
