#include "openclaw/core/task_group.hpp"

#include "openclaw/core/log.hpp"
#include "openclaw/core/promise.hpp"

#include "support/run.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace openclaw {
namespace {

using testing::HasSubstr;
using testing::Not;

task<> wait_forever() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

task<> count(int& n) {
    ++n;
    co_return;
}

TEST(task_group, runs_and_joins) {
    asio::io_context io;
    task_group group;
    int n = 0;
    for (int i = 0; i < 10; ++i) group.spawn(io.get_executor(), "count", count(n));
    EXPECT_EQ(n, 0);  // never inside of spawn()
    EXPECT_EQ(group.size(), 10u);
    test::run(io, group.join());
    EXPECT_EQ(n, 10);
    EXPECT_EQ(group.size(), 0u);
}

TEST(task_group, join_of_an_empty_group_returns_at_once) {
    asio::io_context io;
    task_group group;
    test::run(io, group.join());
    group.stop();
    test::run(io, group.join());
    EXPECT_EQ(group.size(), 0u);
}

TEST(task_group, stop_cancels_what_runs_and_what_has_not_started) {
    asio::io_context io;
    task_group group;
    group.spawn(io.get_executor(), "running", wait_forever());
    io.poll();
    group.spawn(io.get_executor(), "not started", wait_forever());
    group.stop();
    group.stop();
    test::run(io, group.join());
    EXPECT_EQ(group.size(), 0u);
}

TEST(task_group, a_handle_ends_its_task_alone) {
    asio::io_context io;
    task_group group;
    const auto early = group.spawn(io.get_executor(), "not started", wait_forever());
    early.cancel();
    const auto one = group.spawn(io.get_executor(), "one", wait_forever());
    group.spawn(io.get_executor(), "other", wait_forever());
    io.poll();
    EXPECT_EQ(group.size(), 2u);
    one.cancel();
    io.restart();
    io.poll();
    EXPECT_EQ(group.size(), 1u);
    one.cancel();
    group.stop();
    test::run(io, group.join());
    group.spawn(io.get_executor(), "never", wait_forever()).cancel();
}

TEST(task_group, spawns_nothing_after_stop) {
    asio::io_context io;
    task_group group;
    group.stop();
    int n = 0;
    group.spawn(io.get_executor(), "late", count(n));
    EXPECT_EQ(group.size(), 0u);
    test::run(io, group.join());
    io.poll();
    EXPECT_EQ(n, 0);
}

TEST(task_group, a_task_may_spawn_into_its_group) {
    asio::io_context io;
    task_group group;
    int n = 0;
    const auto work = [](task_group& g, int& seen) -> task<> {
        g.spawn(co_await asio::this_coro::executor, "child", count(seen));
    };
    group.spawn(io.get_executor(), "parent", work(group, n));
    test::run(io, group.join());
    EXPECT_EQ(n, 1);
}

// Spawning, stopping and running on three threads: no task may miss its cancellation.
TEST(task_group, stop_from_another_thread_reaches_every_task) {
    for (int round = 0; round < 50; ++round) {
        asio::io_context io;
        auto work = asio::make_work_guard(io);
        std::vector<std::jthread> runners;
        for (int t = 0; t < 2; ++t) runners.emplace_back([&io] { io.run(); });
        task_group group;
        std::jthread spawner([&] {
            for (int i = 0; i < 20; ++i) {
                group.spawn(asio::make_strand(io), "waits", wait_forever());
            }
        });
        group.stop();
        spawner.join();
        asio::io_context joining;
        test::run(joining, group.join());
        work.reset();
    }
}

// What a task that ends like `work` leaves in the log.
std::string logged(task<> work, bool stop = false) {
    const test::temp_dir dir;
    (void)log::configure({.console = false, .file = dir.path() / "log"});
    asio::io_context io;
    task_group group;
    group.spawn(io.get_executor(), "the task", std::move(work));
    io.poll();
    if (stop) group.stop();
    test::run(io, group.join());
    (void)log::configure({.console = false});
    std::ifstream in(dir.path() / "log");
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(task_group, an_exception_is_logged_with_the_name_of_its_task) {
    const auto fails = []() -> task<> {
        throw std::runtime_error("broken");
        co_return;
    };
    EXPECT_THAT(logged(fails()), HasSubstr(R"("task":"the task","error":"broken")"));
    const auto fails_oddly = []() -> task<> {
        throw 7;
        co_return;
    };
    EXPECT_THAT(logged(fails_oddly()), HasSubstr(R"("task":"the task")"));
}

TEST(task_group, a_cancellation_is_not_logged) {
    EXPECT_EQ(logged(wait_forever(), true), "");
    const auto both = []() -> task<> {
        using namespace asio::experimental::awaitable_operators;
        auto race = wait_forever() || wait_forever();
        co_await std::move(race);
    };
    EXPECT_EQ(logged(both(), true), "");
}

}  // namespace
}  // namespace openclaw
