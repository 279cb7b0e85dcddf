#include "openclaw/core/mailbox.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace openclaw {
namespace {

task<> pass(gate& g, int& passed) {
    co_await g.wait();
    ++passed;
}

TEST(gate, lets_one_waiter_through_per_opening) {
    asio::io_context io;
    gate g;
    g.open();
    g.open();  // open already: one wait passes, not two
    int passed = 0;
    test::run(io, pass(g, passed));
    EXPECT_EQ(passed, 1);
    task_group group;
    group.spawn(io.get_executor(), "second", pass(g, passed));
    io.restart();
    io.poll();
    EXPECT_EQ(passed, 1);
    g.open();
    io.restart();
    io.poll();
    EXPECT_EQ(passed, 2);
}

TEST(gate, wait_ends_on_cancellation_and_the_gate_serves_again) {
    asio::io_context io;
    gate g;
    int passed = 0;
    {
        task_group group;
        group.spawn(io.get_executor(), "cancelled", pass(g, passed));
        io.poll();
        group.stop();
        test::run(io, group.join());
    }
    g.open();
    test::run(io, pass(g, passed));
    EXPECT_GE(passed, 1);
}

TEST(gate, cancelling_after_the_wait_touches_nothing) {
    asio::io_context io;
    task_group group;
    auto late = std::make_unique<gate>();
    gate forever;
    const auto work = [](std::unique_ptr<gate>& first, gate& second) -> task<> {
        co_await first->wait();
        first.reset();
        co_await second.wait();
    };
    group.spawn(io.get_executor(), "two gates", work(late, forever));
    io.poll();
    late->open();
    io.restart();
    io.poll();
    ASSERT_EQ(late, nullptr);
    group.stop();
    test::run(io, group.join());
    EXPECT_EQ(group.size(), 0u);
}

// The waiter destroys the gate as soon as it is through, while the opener is still in open().
TEST(gate, may_go_as_soon_as_the_wait_is_over) {
    asio::io_context io;
    for (int i = 0; i < 300; ++i) {
        auto g = std::make_unique<gate>();
        std::jthread opener([raw = g.get()] { raw->open(); });
        const auto wait = [](std::unique_ptr<gate> own) -> task<> { co_await own->wait(); };
        test::run(io, wait(std::move(g)));
    }
}

TEST(promise, gives_the_value_that_was_set_before_or_after) {
    asio::io_context io;
    promise<std::string> early;
    early.set("a");
    early.set("b");  // the first one counts
    EXPECT_EQ(test::run(io, early.get()), "a");

    auto late = std::make_shared<promise<std::unique_ptr<int>>>();
    std::jthread setter([late] { late->set(std::make_unique<int>(5)); });
    EXPECT_EQ(*test::run(io, late->get()), 5);
}

TEST(promise, cancelled_wait_throws) {
    asio::io_context io;
    promise<int> never;
    bool aborted = false;
    task_group group;
    const auto work = [](promise<int>& p, bool& flag) -> task<> {
        try {
            (void)co_await p.get();
        } catch (const boost::system::system_error& e) {
            flag = e.code() == asio::error::operation_aborted;
        }
    };
    group.spawn(io.get_executor(), "waits", work(never, aborted));
    io.poll();
    group.stop();
    test::run(io, group.join());
    EXPECT_TRUE(aborted);
}

TEST(mailbox, keeps_the_order) {
    asio::io_context io;
    mailbox<int> box(3);
    EXPECT_TRUE(box.try_push(1));
    EXPECT_TRUE(box.try_push(2));
    EXPECT_EQ(box.size(), 2u);
    EXPECT_EQ(test::run(io, box.pop()), 1);
    EXPECT_TRUE(box.try_push(3));
    EXPECT_EQ(test::run(io, box.pop()), 2);
    EXPECT_EQ(box.try_pop(), 3);
    EXPECT_EQ(box.try_pop(), std::nullopt);
}

TEST(mailbox, a_full_one_refuses_and_leaves_the_value) {
    mailbox<std::unique_ptr<int>> box(1);
    EXPECT_TRUE(box.try_push(std::make_unique<int>(1)));
    auto second = std::make_unique<int>(2);
    EXPECT_FALSE(box.try_push(std::move(second)));
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(*second, 2);
    EXPECT_EQ(box.size(), 1u);
}

TEST(mailbox, a_closed_one_refuses_senders_and_empties_itself) {
    asio::io_context io;
    mailbox<int> box(5);
    EXPECT_TRUE(box.try_push(1));
    EXPECT_TRUE(box.try_push(2));
    box.close();
    EXPECT_FALSE(box.try_push(3));
    EXPECT_EQ(test::run(io, box.pop()), 1);
    EXPECT_EQ(test::run(io, box.pop()), 2);
    EXPECT_EQ(test::run(io, box.pop()), std::nullopt);
    EXPECT_EQ(test::run(io, box.pop()), std::nullopt);
}

task<> drain(mailbox<int>& box, std::vector<int>& got) {
    while (auto item = co_await box.pop()) got.push_back(*item);
}

TEST(mailbox, wakes_its_receiver_on_a_push_and_on_closing) {
    asio::io_context io;
    mailbox<int> box(5);
    std::vector<int> got;
    task_group group;
    group.spawn(io.get_executor(), "drain", drain(box, got));
    io.poll();
    EXPECT_TRUE(box.try_push(1));
    io.poll();
    EXPECT_EQ(got, std::vector<int>{1});
    box.close();
    test::run(io, group.join());
}

TEST(mailbox, keeps_its_items_when_the_receiver_is_cancelled) {
    asio::io_context io;
    mailbox<int> box(5);
    std::vector<int> got;
    {
        task_group group;
        group.spawn(io.get_executor(), "drain", drain(box, got));
        io.poll();
        group.stop();
        test::run(io, group.join());
    }
    EXPECT_TRUE(box.try_push(7));
    EXPECT_EQ(test::run(io, box.pop()), 7);
}

TEST(mailbox, loses_nothing_from_many_threads) {
    asio::io_context io;
    mailbox<int> box(64);
    std::vector<int> got;
    std::vector<std::jthread> senders;
    std::atomic<int> left = 4;
    for (int s = 0; s < 4; ++s) {
        senders.emplace_back([&, s] {
            for (int i = 0; i < 2000; ++i) {
                int value = s * 10'000 + i;
                while (!box.try_push(std::move(value))) std::this_thread::yield();
            }
            if (--left == 0) box.close();
        });
    }
    test::run(io, drain(box, got));
    ASSERT_EQ(got.size(), 8000u);
    std::vector<int> next(4, 0);
    for (const int v : got) {  // in order for each sender
        const auto s = static_cast<std::size_t>(v / 10'000);
        EXPECT_EQ(v % 10'000, next[s]++);
    }
}

}  // namespace
}  // namespace openclaw
