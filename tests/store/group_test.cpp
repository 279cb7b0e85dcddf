#include "fault_vfs.hpp"
#include "store_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace openclaw::store {
namespace {

// The store on a disk that does as it is told.
class group_test : public store_test {
protected:
    void SetUp() override {
        faults.reset();
        tuning.vfs = test::fault_vfs::name;
        open();
    }
    void TearDown() override {
        faults.reset();
        s.reset();
    }
    // Keeps the writer in the sync of a first transaction, so that what follows is one group.
    std::optional<result<accept_result>>& occupy_writer() {
        faults.hold();
        auto& first = begin(s->accept(message("first")));
        faults.wait_until_held();
        return first;
    }
    double groups() { return metrics.make_counter("openclaw_store_commits_total", "x").value(); }
    double errors(const std::string& kind) {
        return metrics.make_counter("openclaw_store_errors_total", "x", {{"kind", kind}}).value();
    }

    test::fault_vfs& faults = test::fault_vfs::get();
};

TEST_F(group_test, what_waits_during_a_sync_shares_the_next_one) {
    auto& first = occupy_writer();
    std::vector<std::optional<result<accept_result>>*> all;
    for (int i = 0; i < 64; ++i) all.push_back(&begin(s->accept(message("r" + std::to_string(i)))));
    EXPECT_FALSE(first.has_value()) << "acknowledged before its sync";
    const auto before = groups();
    const int syncs = faults.syncs;
    faults.release();
    run_all();
    for (auto* slot : all) EXPECT_TRUE(slot->value().has_value());
    EXPECT_TRUE(first->has_value());
    EXPECT_EQ(groups() - before, 2);
    EXPECT_EQ(faults.syncs - syncs, 2);
    EXPECT_EQ(metrics.make_counter("openclaw_store_transactions_total", "x").value(), 65);
}

TEST_F(group_test, one_that_fails_takes_no_other_with_it) {
    occupy_writer();
    auto with_reply = [this](const std::string& run, const std::string& id) {
        auto c = turn(run, 0, "agent:a:" + run);
        c.deliveries = {reply(id)};
        return c;
    };
    auto& one = begin(s->commit(with_reply("r1", "same")));
    auto& two = begin(s->commit(with_reply("r2", "same")));  // fails after its first changes
    auto& three = begin(s->commit(with_reply("r3", "other")));
    faults.release();
    run_all();
    EXPECT_TRUE(one->has_value());
    ASSERT_TRUE(two->has_error());
    EXPECT_EQ(two->error().code, errc::conflict);
    EXPECT_TRUE(three->has_value());
    EXPECT_TRUE(get(s->find_session("agent:a:r1")).value());
    EXPECT_FALSE(get(s->find_session("agent:a:r2")).value());
    EXPECT_EQ(get(s->history("agent:a:r3", 10, 0)).value().size(), 2u) << "run twice, kept once";
    EXPECT_EQ(get(s->stats()).value().sessions, 3) << "and that of the first message";
}

TEST_F(group_test, an_expected_refusal_costs_the_group_nothing) {
    const auto id = accepted("r1");
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    occupy_writer();
    auto& good = begin(s->accept(message("r2")));
    auto& refused = begin(s->commit(turn("r1", id)));
    auto& also_good = begin(s->accept(message("r3")));
    const auto before = groups();
    faults.release();
    run_all();
    EXPECT_TRUE(good->has_value());
    EXPECT_EQ(refused->error().code, errc::conflict);
    EXPECT_TRUE(also_good->has_value());
    EXPECT_EQ(groups() - before, 2) << "the first, and one for the three";
}

TEST_F(group_test, a_full_disk_refuses_and_recovers) {
    const auto id = accepted("r1");
    faults.write_error = SQLITE_FULL;
    for (int i = 0; i < 3; ++i) {
        const auto refused = get(s->commit(turn("r1", id)));
        ASSERT_TRUE(refused.has_error());
        EXPECT_EQ(refused.error().code, errc::disk_full);
        EXPECT_EQ(refused.error().retry_after, milliseconds(5000));
        EXPECT_FALSE(refused.error().hint.empty());
    }
    EXPECT_EQ(get(s->find_run("r1")).value()->state, run_state::waiting) << "reads go on";
    EXPECT_TRUE(get(s->history("agent:a:main", 10, 0)).value().empty());
    EXPECT_EQ(errors("disk_full"), 3);
    faults.write_error = SQLITE_OK;
    ASSERT_TRUE(get(s->commit(turn("r1", id))));
    EXPECT_TRUE(fatal.empty());
    EXPECT_EQ(fullness, (std::vector<bool>{true, false})) << "told once each";
    reopen();
    EXPECT_EQ(get(s->history("agent:a:main", 10, 0)).value().size(), 2u);
}

TEST_F(group_test, a_failed_sync_stops_everything) {
    faults.sync_error = SQLITE_IOERR_FSYNC;
    EXPECT_EQ(get(s->accept(message("r1"))).error().code, errc::storage);
    faults.sync_error = SQLITE_OK;
    EXPECT_EQ(get(s->accept(message("r2"))).error().code, errc::storage);
    s->close();
    ASSERT_EQ(fatal.size(), 1u);
    EXPECT_EQ(fatal[0].code, errc::storage);
}

TEST_F(group_test, a_failed_sync_fails_what_waits_behind_it) {
    auto& first = occupy_writer();
    auto& second = begin(s->accept(message("r2")));
    faults.sync_error = SQLITE_IOERR_FSYNC;
    faults.release();
    run_all();
    EXPECT_EQ(first->error().code, errc::storage);
    EXPECT_EQ(second->error().code, errc::storage);
    EXPECT_EQ(fatal.size(), 1u);
}

TEST_F(group_test, a_write_error_at_the_commit_stops_everything) {
    faults.write_error = SQLITE_IOERR_WRITE;
    EXPECT_EQ(get(s->accept(message("r1"))).error().code, errc::storage);
    faults.write_error = SQLITE_OK;
    EXPECT_EQ(get(s->accept(message("r2"))).error().code, errc::storage);
    EXPECT_EQ(fatal.size(), 1u);
}

TEST_F(group_test, a_cancelled_waiter_changes_nothing_for_the_others) {
    occupy_writer();
    asio::cancellation_signal cancel;
    bool thrown = false;
    asio::co_spawn(io, s->accept(message("left")),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](std::exception_ptr e, const result<accept_result>&) {
                           thrown = e != nullptr;
                       }));
    io.restart();
    io.poll();
    auto& other = begin(s->accept(message("stays")));
    cancel.emit(asio::cancellation_type::terminal);
    io.restart();
    io.poll();
    EXPECT_TRUE(thrown) << "the waiter is let go at once";
    faults.release();
    run_all();
    EXPECT_TRUE(other->has_value());
    EXPECT_TRUE(get(s->find_run("left")).value()) << "the work was taken and is done";
}

TEST_F(group_test, close_commits_what_is_queued) {
    occupy_writer();
    auto& last = begin(s->accept(message("last")));
    s->note_started(1, 5);
    faults.release();
    s->close();
    run_all();
    EXPECT_TRUE(last->has_value());
    EXPECT_EQ(get(s->accept(message("late"))).error().code, errc::unavailable);
    EXPECT_EQ(get(s->find_run("last")).error().code, errc::unavailable);
    s->close();
    EXPECT_FALSE(std::filesystem::exists(dir.path() / "state/openclaw.db-wal"));
    reopen();
    EXPECT_TRUE(get(s->find_run("last")).value());
}

TEST_F(group_test, a_full_queue_refuses_at_once) {
    queue_limit = 3;
    reopen();
    occupy_writer();
    for (int i = 0; i < 3; ++i) begin(s->accept(message("r" + std::to_string(i))));
    auto& refused = begin(s->accept(message("r4")));
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->error().code, errc::queue_full);
    EXPECT_GT(refused->error().retry_after.count(), 0);
    s->note_started(1, 5);  // has places of its own
    faults.release();
    run_all();
    EXPECT_EQ(get(s->waiting(0, 10)).value().size(), 4u);
    EXPECT_EQ(get(s->find_run("first")).value()->attempts, 1u);
    EXPECT_EQ(errors("queue_full"), 1);
}

}  // namespace
}  // namespace openclaw::store
