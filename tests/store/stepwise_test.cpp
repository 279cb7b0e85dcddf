#include "store_fixture.hpp"

namespace openclaw::store {
namespace {

// The store without threads: whoever stands in for them decides when something is done.
class stepwise_test : public store_test {
protected:
    void SetUp() override {
        tuning.later = [this](std::function<void()> step) { steps.push_back(std::move(step)); };
        open();
    }
    void step() {
        ASSERT_FALSE(steps.empty());
        const auto next = std::move(steps.front());
        steps.pop_front();
        next();
    }
    // Not to the end of all: some of it waits for a step.
    void run_ready() {
        io.restart();
        io.poll();
    }
    double groups() { return metrics.make_counter("openclaw_store_commits_total", "x").value(); }

    std::deque<std::function<void()>> steps;
};

TEST_F(stepwise_test, what_was_queued_by_then_is_one_group) {
    auto& one = begin(s->accept(message("r1")));
    auto& two = begin(s->accept(message("r2")));
    EXPECT_EQ(steps.size(), 1u) << "one call for all that waits";
    const auto before = groups();
    step();
    EXPECT_EQ(groups() - before, 1);
    run_ready();
    EXPECT_TRUE(one->has_value());
    EXPECT_TRUE(two->has_value());
    auto& three = begin(s->accept(message("r3")));
    EXPECT_EQ(steps.size(), 1u);
    step();
    run_ready();
    EXPECT_TRUE(three->has_value());
    EXPECT_EQ(groups() - before, 2);
}

TEST_F(stepwise_test, each_question_has_a_step) {
    auto& one = begin(s->stats());
    auto& two = begin(s->stats());
    EXPECT_EQ(steps.size(), 2u);
    step();
    run_ready();
    EXPECT_TRUE(one.has_value());
    EXPECT_FALSE(two.has_value());
    step();
    run_ready();
    EXPECT_TRUE(two.has_value());
}

TEST_F(stepwise_test, closing_does_what_is_left) {
    auto& kept = begin(s->accept(message("r1")));
    auto& read = begin(s->stats());
    s->close();
    run_ready();
    EXPECT_TRUE(kept->has_value());
    EXPECT_TRUE(read->has_value());
    while (!steps.empty()) step();   // those that come late find nothing
    tuning.later = nullptr;
    reopen();
    EXPECT_TRUE(get(s->find_run("r1")).value());
}

}  // namespace
}  // namespace openclaw::store
