#include "channels/outbox.hpp"

#include "channels/fake_channel.hpp"
#include "channels/stub_store.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw::channels {
namespace {

using kind = send_outcome::kind;
using store::delivery_state;
using testing::ElementsAre;

class outbox_test : public testing::Test {
protected:
    asio::io_context io;
    task_group tasks;
    test::fake_channel link;
    test::stub_store store;
    manual_time time;
    seeded_random random{1};
    metrics::registry metrics;
    int sent = 0;
    outbox box{{io.get_executor(), tasks, link, store, time, random, metrics, [this] { ++sent; }}};

    void TearDown() override {
        tasks.stop();
        box.stop();
        openclaw::test::run(io, tasks.join());
    }
    // Lets everything happen that needs no passing of time.
    void settle() {
        io.restart();
        while (io.poll() > 0) {}
    }
    void start() {
        tasks.spawn(io.get_executor(), "outbox", box.run());
        settle();
    }
    std::vector<std::int64_t> ended() const {
        std::vector<std::int64_t> ids;
        for (const auto& [id, end] : store.endings) ids.push_back(id);
        return ids;
    }
    double counted(const std::string& outcome) {
        return metrics.make_counter("openclaw_channel_deliveries_total",
                                    "Attempts to send a reply through a channel, by outcome; sent, failed "
                                    "and unknown are a reply's last",
                                    {{"channel", "fake"}, {"outcome", outcome}}).value();
    }
};

TEST_F(outbox_test, sends_what_the_last_process_left) {
    store.add(1, "a");
    store.add(2, "b");
    start();
    EXPECT_TRUE(store.pending.empty());
    EXPECT_THAT(ended(), testing::UnorderedElementsAre(1, 2));
    EXPECT_EQ(sent, 2);
    EXPECT_EQ(counted("sent"), 2);
}

TEST_F(outbox_test, sleeps_until_it_is_woken) {
    start();
    const int reads = store.reads;
    store.add(1, "a");
    settle();
    EXPECT_EQ(store.reads, reads);
    box.wake();
    settle();
    EXPECT_THAT(ended(), ElementsAre(1));
}

TEST_F(outbox_test, a_retry_holds_back_the_same_peer_only) {
    store.add(1, "a");
    store.add(2, "a");
    store.add(3, "b");
    link.script["a"] = {{kind::retry, "429", std::chrono::hours(1)}};
    start();
    EXPECT_THAT(link.attempts, testing::UnorderedElementsAre(1, 3));
    ASSERT_TRUE(store.pending.contains(1));
    EXPECT_EQ(store.pending[1].attempts, 1U);
    EXPECT_EQ(store.pending[1].next_ms, time.unix_ms() + 3'600'000);

    box.wake();
    settle();
    EXPECT_EQ(link.attempts.size(), 2U) << "its time has not come";

    time.advance(std::chrono::hours(1));
    box.wake();
    settle();
    link.attempts.erase(link.attempts.begin(), link.attempts.begin() + 2);
    EXPECT_THAT(link.attempts, ElementsAre(1, 2));
    EXPECT_TRUE(store.pending.empty());
    EXPECT_EQ(counted("retry"), 1);
}

TEST_F(outbox_test, wakes_by_itself_when_a_retry_is_due) {
    store.add(1, "a").next_ms = time.unix_ms() + 1;
    start();
    io.restart();
    while (store.pending.contains(1) && io.run_one() > 0) time.advance(milliseconds(1));
    EXPECT_THAT(ended(), ElementsAre(1));
}

TEST_F(outbox_test, serves_a_bounded_number_of_peers_at_once) {
    for (int i = 1; i <= 40; ++i) store.add(i, "peer " + std::to_string(i));
    start();
    EXPECT_EQ(store.endings.size(), 40U);
    EXPECT_EQ(link.most_on_the_way, outbox::max_senders);
}

TEST_F(outbox_test, looks_past_a_page_that_is_held_back) {
    const auto many = static_cast<std::int64_t>(outbox::first_page) + 10;
    for (std::int64_t i = 1; i <= many; ++i) store.add(i, "a");
    store.pending[1].next_ms = time.unix_ms() + 3'600'000;
    store.add(many + 1, "b");
    start();
    EXPECT_THAT(link.attempts, ElementsAre(many + 1));
}

TEST_F(outbox_test, an_exception_is_an_unknown_outcome) {
    store.add(1, "a");
    link.throwing_peer = "a";
    start();
    ASSERT_EQ(store.endings.size(), 1U);
    EXPECT_EQ(store.endings[0].second.state, delivery_state::unknown);
    EXPECT_THAT(store.endings[0].second.detail, testing::HasSubstr("a bug of the channel"));
    EXPECT_EQ(sent, 0);
}

TEST_F(outbox_test, what_is_cut_off_by_the_end_is_recorded_as_unknown) {
    store.add(1, "a");
    store.add(2, "a");
    link.hanging_peer = "a";
    start();
    EXPECT_THAT(link.attempts, ElementsAre(1));
    box.stop();
    settle();
    EXPECT_TRUE(store.endings.empty()) << "it may still end well";
    tasks.stop();
    openclaw::test::run(io, tasks.join());
    ASSERT_EQ(store.endings.size(), 1U);
    EXPECT_EQ(store.endings[0].second.state, delivery_state::unknown);
    EXPECT_TRUE(store.pending.contains(2));
}

TEST_F(outbox_test, its_begin_is_on_record_before_it_is_sent) {
    store.add(1, "a");
    store.refuse_writes = 1;
    start();
    EXPECT_TRUE(link.attempts.empty());
    io.restart();
    while (link.attempts.empty() && io.run_one() > 0) {}
    EXPECT_THAT(store.begun, ElementsAre(1));
    EXPECT_EQ(store.pending[1].next_ms, openclaw::store::delivery_begun);
}

TEST_F(outbox_test, what_was_on_its_way_when_a_gateway_ended_is_not_sent_again) {
    store.add(1, "a").next_ms = openclaw::store::delivery_begun;
    store.add(2, "a");
    start();
    EXPECT_THAT(link.attempts, ElementsAre(2));
    EXPECT_THAT(ended(), ElementsAre(1, 2));
    EXPECT_EQ(store.endings[0].second.state, delivery_state::unknown);
    EXPECT_EQ(store.endings[1].second.state, delivery_state::sent);
    EXPECT_EQ(counted("unknown"), 1);
    EXPECT_EQ(counted("sent"), 1);
}

TEST_F(outbox_test, a_service_that_knows_replies_gets_one_in_doubt_again) {
    link.knows_ids = true;
    link.script["a"] = {{kind::unknown, "cut", {}}};
    store.add(1, "a").next_ms = openclaw::store::delivery_begun;
    store.add(2, "a");
    start();
    EXPECT_THAT(link.attempts, ElementsAre(1)) << "its place in the order stays";
    EXPECT_EQ(counted("unknown"), 0) << "it has not ended";
    time.advance(std::chrono::minutes(5));
    box.wake();
    settle();
    EXPECT_THAT(link.attempts, ElementsAre(1, 1, 2));
    EXPECT_TRUE(store.begun.empty());
    EXPECT_EQ(counted("retry"), 1);
    EXPECT_EQ(counted("sent"), 2);
}

TEST_F(outbox_test, one_in_doubt_is_sent_again_where_that_is_configured) {
    outbox again{{io.get_executor(), tasks, link, store, time, random, metrics, [this] { ++sent; },
                  when_unknown::retry}};
    link.script["a"] = {{kind::unknown, "cut", {}}};
    store.add(1, "a");
    tasks.spawn(io.get_executor(), "outbox", again.run());
    settle();
    EXPECT_TRUE(store.pending.contains(1));
    time.advance(std::chrono::minutes(5));
    again.wake();
    settle();
    EXPECT_THAT(link.attempts, ElementsAre(1, 1));
    EXPECT_EQ(counted("sent"), 1);
    again.stop();
    settle();
}

TEST_F(outbox_test, a_reply_is_counted_when_its_end_is_on_record) {
    link.knows_ids = true;
    store.add(1, "a");
    store.refuse_writes = 1;
    start();
    EXPECT_THAT(link.attempts, ElementsAre(1));
    EXPECT_EQ(counted("sent"), 0);
    io.restart();
    while (store.pending.contains(1) && io.run_one() > 0) {}
    settle();
    EXPECT_EQ(counted("sent"), 1);
}

TEST_F(outbox_test, is_not_sent_again_while_its_end_cannot_be_recorded) {
    link.knows_ids = true;
    store.add(1, "a");
    store.refuse_writes = 1;
    start();
    box.wake();
    settle();
    EXPECT_THAT(link.attempts, ElementsAre(1));
    io.restart();
    while (store.pending.contains(1) && io.run_one() > 0) {}
    EXPECT_THAT(link.attempts, ElementsAre(1));
    EXPECT_THAT(ended(), ElementsAre(1));
}

TEST_F(outbox_test, rows_read_while_their_sender_ended_are_not_sent_again) {
    store.add(1, "a");
    tasks.spawn(io.get_executor(), "outbox", box.run());
    while (link.attempts.empty()) io.run_one();
    // This look begins while the reply is on its way and ends after it was recorded.
    store.stale_by = 50;
    box.wake();
    settle();
    EXPECT_GE(store.reads, 2);
    EXPECT_THAT(ended(), ElementsAre(1));
    EXPECT_THAT(link.attempts, ElementsAre(1));
}

TEST_F(outbox_test, survives_a_store_that_cannot_be_read) {
    store.add(1, "a");
    store.refuse_reads = 1;
    start();
    EXPECT_TRUE(link.attempts.empty());
    box.wake();
    settle();
    EXPECT_THAT(ended(), ElementsAre(1));
}

}  // namespace
}  // namespace openclaw::channels
