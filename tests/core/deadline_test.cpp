#include "openclaw/core/deadline.hpp"

#include "openclaw/core/promise.hpp"
#include "openclaw/core/semaphore.hpp"
#include "openclaw/core/task_group.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace openclaw {
namespace {

using namespace std::chrono_literals;

task<result<int>> answer(int n) {
    co_return n;
}

task<result<int>> refuse() {
    co_return error(errc::not_found, "nothing here");
}

task<result<int>> hang() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
    co_return 1;
}

task<result<int>> explode() {
    throw std::runtime_error("a bug");
    co_return 1;
}

TEST(with_deadline, gives_what_the_work_gives) {
    asio::io_context io;
    EXPECT_EQ(test::run(io, with_deadline<int>(1h, "the call", answer(3))).value(), 3);
    EXPECT_EQ(test::run(io, with_deadline<int>(1h, "the call", refuse())).error().code, errc::not_found);
}

TEST(with_deadline, ends_what_takes_too_long) {
    asio::io_context io;
    const auto got = test::run(io, with_deadline<int>(1ms, "the call", hang()));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::timed_out);
    EXPECT_EQ(got.error().message, "the call took longer than 1 ms");
}

// With an hour of limit this test only ends in time when the exception ends the race.
TEST(with_deadline, an_exception_of_the_work_comes_through_at_once) {
    asio::io_context io;
    EXPECT_THROW(test::run(io, with_deadline<int>(1h, "the call", explode())), std::runtime_error);
}

TEST(with_deadline, cancellation_from_outside_is_operation_aborted) {
    asio::io_context io;
    task_group group;
    bool aborted = false;
    const auto work = [](bool& flag) -> task<> {
        try {
            (void)co_await with_deadline<int>(1h, "the call", hang());
        } catch (const boost::system::system_error& e) {
            flag = e.code() == asio::error::operation_aborted;
        }
    };
    group.spawn(io.get_executor(), "cancelled", work(aborted));
    io.poll();
    group.stop();
    test::run(io, group.join());
    EXPECT_TRUE(aborted);
}

TEST(deadline_guard, runs_its_action_once_expired) {
    asio::io_context io;
    int fired = 0;
    const deadline_guard guard(io.get_executor(), 0ms, [&] { ++fired; });
    io.run();
    EXPECT_EQ(fired, 1);
    EXPECT_TRUE(guard.expired());
}

TEST(deadline_guard, does_nothing_once_destroyed) {
    asio::io_context io;
    int fired = 0;
    { const deadline_guard guard(io.get_executor(), 0ms, [&] { ++fired; }); }
    io.run();
    EXPECT_EQ(fired, 0);
}

// The first wait ends and is queued before the restart: it must not count.
TEST(deadline_guard, a_restart_wins_over_an_expiry_that_is_on_its_way) {
    asio::io_context io;
    int fired = 0;
    deadline_guard guard(io.get_executor(), 0ms, [&] { ++fired; });
    // The reactor comes first in the queue: it finds the ended wait and queues it behind this.
    asio::post(io, [&] { guard.restart(1h); });
    io.poll();
    EXPECT_FALSE(guard.expired());
    EXPECT_EQ(fired, 0);
}

TEST(deadline_guard, may_be_destroyed_by_its_own_action) {
    asio::io_context io;
    std::optional<deadline_guard> guard;
    guard.emplace(io.get_executor(), 0ms, [&] { guard.reset(); });
    io.run();
    EXPECT_FALSE(guard.has_value());
}

TEST(semaphore, hands_out_its_places) {
    asio::io_context io;
    semaphore s(2);
    auto a = s.try_acquire();
    auto b = test::run(io, s.acquire());
    EXPECT_TRUE(a);
    EXPECT_TRUE(b);
    EXPECT_FALSE(s.try_acquire());
    a = {};
    EXPECT_TRUE(s.try_acquire());
}

task<> queue_up(semaphore& s, std::vector<int>& order, int me, gate* hold = nullptr) {
    const auto ticket = co_await s.acquire();
    if (!ticket) co_return;
    order.push_back(me);
    if (hold) co_await hold->wait();
}

TEST(semaphore, serves_in_order) {
    asio::io_context io;
    semaphore s(1);
    std::vector<int> order;
    task_group group;
    {
        const auto held = s.try_acquire();
        for (int i = 0; i < 5; ++i) group.spawn(io.get_executor(), "queues", queue_up(s, order, i));
        io.poll();
        EXPECT_TRUE(order.empty());
    }
    test::run(io, group.join());
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_TRUE(s.try_acquire());
}

TEST(semaphore, a_cancelled_waiter_takes_no_place) {
    asio::io_context io;
    semaphore s(1);
    std::vector<int> order;
    auto held = s.try_acquire();
    {
        task_group group;
        group.spawn(io.get_executor(), "gives up", queue_up(s, order, 1));
        io.poll();
        group.stop();
        test::run(io, group.join());
    }
    EXPECT_TRUE(order.empty());
    held = {};
    EXPECT_TRUE(s.try_acquire());
}

// The place is granted, then the waiter is cancelled before it runs: the place must come back.
TEST(semaphore, a_place_granted_to_a_cancelled_waiter_comes_back) {
    asio::io_context io;
    semaphore s(1);
    std::vector<int> order;
    auto held = s.try_acquire();
    {
        task_group group;
        gate hold;
        group.spawn(io.get_executor(), "unlucky", queue_up(s, order, 1, &hold));
        io.poll();
        group.stop();
        held = {};
        test::run(io, group.join());
    }
    EXPECT_TRUE(s.try_acquire());
}

TEST(semaphore, never_lets_in_more_than_its_places) {
    asio::io_context io;
    semaphore s(3);
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::atomic<int> served = 0;
    const auto work = [&]() -> task<> {
        for (int i = 0; i < 50; ++i) {
            const auto ticket = co_await s.acquire();
            const int now = ++inside;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            --inside;
            ++served;
        }
    };
    task_group group;
    for (int i = 0; i < 16; ++i) group.spawn(asio::make_strand(io), "works", work());
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t) threads.emplace_back([&io] { io.run(); });
    }
    EXPECT_EQ(served, 16 * 50);
    EXPECT_LE(most, 3);
    EXPECT_EQ(group.size(), 0u);
}

}  // namespace
}  // namespace openclaw
