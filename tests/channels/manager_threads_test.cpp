#include "channels/fake_channel.hpp"
#include "channels/stub_store.hpp"
#include "openclaw/channels/manager.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace openclaw::channels {
namespace {

// Everything that any thread may call, from several threads, while four run the gateway's work.
TEST(manager_threads, calls_from_any_thread) {
    constexpr int rows = 200, peers = 10, callers = 3, calls = 50;
    asio::io_context io;
    auto work = asio::make_work_guard(io);
    test::stub_store store;
    for (int i = 1; i <= rows; ++i) store.add(i, "peer " + std::to_string(i % peers));
    const system_time time;
    system_random random;
    metrics::registry metrics;
    metrics::health_board health;
    std::atomic<int> submitted = 0;
    const auto submit = [&](inbound_message) -> task<result<routing::admission>> {
        ++submitted;
        co_return routing::admission();
    };
    manager channels({io, submit, store, time, random, metrics, health});
    auto made = std::make_unique<test::fake_channel>();
    const auto& link = *made;
    channels.add(std::move(made));
    channels.add(make_test_channel(time));

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
    channels.start();
    std::vector<std::thread> others;
    for (int t = 0; t < callers; ++t) {
        others.emplace_back([&] {
            for (int i = 0; i < calls; ++i) {
                channels.wake("fake", "default");
                EXPECT_EQ(channels.status().size(), 2U);
                auto sent = asio::co_spawn(io, channels.send("test", "", "me", "hi", "", {}),
                                           asio::use_future).get();
                EXPECT_TRUE(sent);
            }
        });
    }
    for (auto& t : others) t.join();
    // Rows belong to the strand while the outbox runs: only what it counted is read here.
    const auto sent = metrics.make_counter("openclaw_channel_deliveries_total",
                                           "Attempts to send a reply through a channel, by outcome",
                                           {{"channel", "fake"}, {"outcome", "sent"}});
    while (sent.value() < rows) std::this_thread::yield();
    asio::co_spawn(io, channels.stop(), asio::use_future).get();
    work.reset();
    for (auto& t : threads) t.join();

    EXPECT_EQ(submitted, callers * calls);
    EXPECT_TRUE(store.pending.empty());
    std::map<std::int64_t, std::int64_t> last_of_peer;
    for (const auto id : link.attempts) {
        EXPECT_GT(id, last_of_peer[id % peers]) << "in order per peer, each once";
        last_of_peer[id % peers] = id;
    }
    EXPECT_EQ(link.attempts.size(), static_cast<std::size_t>(rows));
}

}  // namespace
}  // namespace openclaw::channels
