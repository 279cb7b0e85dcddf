#include "ingress/beside.hpp"

#include "openclaw/core/task_group.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <future>

namespace openclaw::ingress {
namespace {

class side_threads_test : public testing::Test {
protected:
    ~side_threads_test() override {
        release();
        group.stop();
        settle();
    }
    void release() {
        if (!std::exchange(is_released, true)) released.set_value();
    }
    // A call of work that a slow disk holds up; it gives up by itself where the test would hang.
    void ask() {
        auto work = [this]() -> result<int> {
            (void)held.wait_for(std::chrono::seconds(20));
            return ++finished;
        };
        auto call = [](side_threads_test* self, decltype(work) w) -> task<> {
            auto made = co_await self->beside->run(std::move(w));
            self->answers.push_back(std::move(made));
        };
        group.spawn(io.get_executor(), "call", call(this, std::move(work)));
        settle();
    }
    // Until nothing is left to do but to wait.
    void settle() {
        io.restart();
        while (io.poll() > 0) {}
    }

    asio::io_context io;
    task_group group;
    std::promise<void> released;
    const std::shared_future<void> held = released.get_future().share();
    bool is_released = false;
    std::atomic<int> finished = 0;
    std::vector<result<int>> answers;
    std::optional<side_threads> beside{std::in_place};
};

TEST_F(side_threads_test, nobody_waits_for_work_whose_caller_has_gone) {
    ask();
    group.stop();
    settle();
    EXPECT_EQ(group.size(), 0u);
    EXPECT_EQ(finished, 0) << "the io thread went on before the work did";
    release();
    beside.reset();
    EXPECT_EQ(finished, 1) << "what was taken is finished";
}

TEST_F(side_threads_test, so_many_may_wait) {
    for (std::size_t i = 0; i < side_threads::max_waiting; ++i) ask();
    EXPECT_TRUE(answers.empty());
    ask();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].error().code, errc::queue_full);
    release();
    while (answers.size() <= side_threads::max_waiting) {
        io.restart();
        io.run_one();
    }
    ask();
    io.run();
    EXPECT_TRUE(answers.back()) << "there is room again";
}

}  // namespace
}  // namespace openclaw::ingress
