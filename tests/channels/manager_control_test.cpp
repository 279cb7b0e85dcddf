// An operator stops one account and starts it again.

#include "openclaw/channels/manager.hpp"

#include "channels/fake_channel.hpp"
#include "channels/stub_store.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

namespace openclaw::channels {
namespace {

class manager_control : public testing::Test {
protected:
    manager_control() {
        auto made = std::make_unique<test::fake_channel>();
        link = made.get();
        channels.add(std::move(made));
        channels.start();
        settle();
    }
    ~manager_control() override { openclaw::test::run(io, channels.stop()); }

    static task<result<routing::admission>> submit(inbound_message) {
        co_return routing::admission();
    }
    void settle() {
        io.restart();
        while (io.poll() > 0) {}
    }
    result<channel_status> set_running(bool on, const std::string& channel = "fake") {
        auto done = openclaw::test::run(io, channels.set_running(channel, "", on));
        settle();
        return done;
    }
    void expect_sent(std::int64_t id) {
        store.add(id, "peer").channel = "fake";
        channels.wake("fake", "default");
        settle();
        EXPECT_EQ(link->attempts.back(), id);
    }

    asio::io_context io;
    test::stub_store store;
    manual_time time;
    seeded_random random{1};
    metrics::registry metrics;
    metrics::health_board health;
    test::fake_channel* link = nullptr;
    manager channels{{io, submit, store, time, random, metrics, health}};
};

TEST_F(manager_control, stops_and_starts_again) {
    expect_sent(1);
    for (int i = 0; i < 2; ++i) {
        const auto stopped = set_running(false);
        ASSERT_TRUE(stopped) << stopped.error().to_string();
        EXPECT_EQ(stopped->state, link_state::stopped);
        EXPECT_FALSE(link->running);
    }
    EXPECT_EQ(health.overall(), metrics::health::healthy) << "that is as it was asked for";
    store.add(2, "peer").channel = "fake";
    channels.wake("fake", "default");
    settle();
    EXPECT_EQ(link->attempts, std::vector<std::int64_t>{1}) << "it waits for the next start";
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(set_running(true));
    EXPECT_TRUE(link->running);
    EXPECT_EQ(channels.status()[0].state, link_state::connected);
    EXPECT_EQ(link->attempts, (std::vector<std::int64_t>{1, 2}));
    expect_sent(3);
}

TEST_F(manager_control, tries_one_again_that_did_not_start) {
    ASSERT_TRUE(set_running(false));
    link->start_error = "no such key";
    ASSERT_TRUE(set_running(true));
    EXPECT_EQ(channels.status()[0].state, link_state::failed);
    link->start_error.clear();
    ASSERT_TRUE(set_running(true));
    EXPECT_EQ(channels.status()[0].state, link_state::connected);
    EXPECT_EQ(channels.status()[0].last_error, "");
}

TEST_F(manager_control, knows_no_others) {
    const auto unknown = set_running(false, "telegram");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, errc::not_found);
    EXPECT_TRUE(link->running);
}

}  // namespace
}  // namespace openclaw::channels
