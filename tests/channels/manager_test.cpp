#include "openclaw/channels/manager.hpp"

#include "channels/fake_channel.hpp"
#include "channels/stub_store.hpp"
#include "openclaw/channels/test_channel.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw::channels {
namespace {

class manager_test : public testing::Test {
protected:
    asio::io_context io;
    test::stub_store store;
    manual_time time;
    seeded_random random{1};
    metrics::registry metrics;
    metrics::health_board health;
    std::vector<inbound_message> submitted;
    error refusal;
    bool refuse = false;
    manager channels{{io, [this](inbound_message m) { return submit(std::move(m)); }, store, time,
                      random, metrics, health}};
    bool started = false;

    task<result<routing::admission>> submit(inbound_message m) {
        if (refuse) co_return refusal;
        submitted.push_back(std::move(m));
        routing::admission a;
        a.run_id = "run-1";
        co_return a;
    }
    void start() {
        channels.start();
        started = true;
        settle();
    }
    void settle() {
        io.restart();
        while (io.poll() > 0) {}
    }
    void stop() {
        if (started) openclaw::test::run(io, channels.stop());
        started = false;
    }
    void TearDown() override { stop(); }

    result<manager::sent> send(std::string channel, std::string account, std::string to,
                               std::string text, std::string key = {}) {
        return openclaw::test::run(io, channels.send(std::move(channel), std::move(account),
                                                     std::move(to), std::move(text),
                                                     std::move(key), principal()));
    }
    test_channel* add_test_channel() {
        auto made = make_test_channel(time);
        auto* raw = dynamic_cast<test_channel*>(made.get());
        channels.add(std::move(made));
        return raw;
    }
    test::fake_channel* add_fake_channel() {
        auto made = std::make_unique<test::fake_channel>();
        auto* raw = made.get();
        channels.add(std::move(made));
        return raw;
    }
    double messages(const std::string& channel, const std::string& direction) {
        return metrics.make_counter("openclaw_channel_messages_total",
                                    "Messages received and replies sent, by channel",
                                    {{"channel", channel}, {"direction", direction}}).value();
    }
};

TEST_F(manager_test, the_test_channel_sends_a_message_around) {
    add_test_channel();
    start();
    const auto sent = send("test", "", "test", "hi", "key-1");
    ASSERT_TRUE(sent) << sent.error().to_string();
    EXPECT_EQ(sent->channel, "test");
    EXPECT_EQ(sent->message_id, "key-1");
    EXPECT_EQ(sent->run_id, "run-1");
    ASSERT_EQ(submitted.size(), 1U);
    const auto& m = submitted[0];
    EXPECT_EQ(m.origin.channel, "test");
    EXPECT_EQ(m.origin.account, "default");
    EXPECT_EQ(m.origin.peer, "test");
    EXPECT_EQ(m.origin.sender, "test");
    EXPECT_EQ(m.text, "hi");
    EXPECT_EQ(m.idempotency_key, "key-1");
    EXPECT_TRUE(m.deliver);
    EXPECT_EQ(m.received_ms, time.unix_ms());
    EXPECT_EQ(messages("test", "inbound"), 1);
    EXPECT_EQ(channels.status()[0].last_inbound_ms, time.unix_ms());
}

TEST_F(manager_test, replies_of_the_test_channel_end_there) {
    auto* link = add_test_channel();
    start();
    auto& d = store.add(1, "test");
    d.channel = "test";
    channels.wake("test", "default");
    settle();
    ASSERT_EQ(link->received().size(), 1U);
    EXPECT_EQ(link->received()[0].reply.text, "text 1");
    EXPECT_TRUE(store.pending.empty());
    EXPECT_EQ(messages("test", "outbound"), 1);
    EXPECT_EQ(channels.status()[0].last_outbound_ms, time.unix_ms());
}

TEST_F(manager_test, the_test_channel_keeps_the_last_hundred_and_no_doubles) {
    test_channel link(time);
    for (int i = 0; i < 120; ++i) {
        store::delivery d;
        d.reply_id = "r" + std::to_string(i / 2 * 2 < 10 ? 0 : i);
        openclaw::test::run(io, link.send(d));
    }
    const auto all = link.received();
    ASSERT_EQ(all.size(), test_channel::kept);
    EXPECT_EQ(all.back().reply.reply_id, "r119");
    EXPECT_EQ(all.front().reply.reply_id, "r20");
}

TEST_F(manager_test, an_unknown_channel_names_those_that_there_are) {
    add_test_channel();
    add_fake_channel();
    start();
    const auto missing = send("telegram", "", "123", "hi");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
    EXPECT_THAT(missing.error().to_string(), testing::HasSubstr("\"telegram\""));
    EXPECT_THAT(missing.error().to_string(), testing::HasSubstr("fake, test"));
    const auto account = send("test", "other", "123", "hi");
    ASSERT_FALSE(account);
    EXPECT_THAT(account.error().to_string(), testing::HasSubstr("\"other\""));
}

TEST_F(manager_test, refuses_what_has_no_recipient_or_text) {
    add_test_channel();
    start();
    EXPECT_EQ(send("test", "", "", "hi").error().code, errc::invalid_input);
    EXPECT_EQ(send("test", "", "x", "").error().code, errc::invalid_input);
    EXPECT_TRUE(submitted.empty());
}

TEST_F(manager_test, says_why_routing_refused) {
    add_test_channel();
    start();
    refuse = true;
    refusal = error(errc::queue_full, "too many waiting messages");
    EXPECT_EQ(send("test", "", "test", "hi").error().code, errc::queue_full);
}

TEST_F(manager_test, sends_out_through_other_channels) {
    auto* link = add_fake_channel();
    start();
    const auto sent = send("fake", "default", "bob", "hi", "key-2");
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->message_id, "ok");
    EXPECT_TRUE(submitted.empty());
    EXPECT_EQ(messages("fake", "outbound"), 1);
    link->script["bob"] = {{send_outcome::kind::failed, "no such chat", {}}};
    const auto refused = send("fake", "default", "bob", "hi");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().to_string(), testing::HasSubstr("no such chat"));
}

TEST_F(manager_test, health_names_a_channel_that_did_not_start) {
    add_test_channel();
    add_fake_channel()->start_error = "bad token";
    start();
    EXPECT_EQ(health.get("channels").state, metrics::health::degraded);
    EXPECT_EQ(health.get("channels").reason, "fake/default is failed: bad token");
    EXPECT_EQ(channels.status()[0].state, link_state::connected);
    EXPECT_EQ(channels.status()[1].state, link_state::failed);
}

TEST_F(manager_test, is_healthy_when_all_are_connected) {
    add_test_channel();
    start();
    EXPECT_EQ(health.get("channels").state, metrics::health::healthy);
}

TEST_F(manager_test, refuses_messages_once_it_stops) {
    add_test_channel();
    auto* link = add_fake_channel();
    start();
    stop();
    EXPECT_FALSE(link->running);
    EXPECT_EQ(channels.status()[0].state, link_state::stopped);
    EXPECT_EQ(send("test", "", "test", "hi").error().code, errc::unavailable);
    EXPECT_TRUE(submitted.empty());
}

}  // namespace
}  // namespace openclaw::channels
