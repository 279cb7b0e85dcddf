#include "routing/ready_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace openclaw::routing {
namespace {

class ready : public testing::Test {
protected:
    void push(priority p, milliseconds at, std::string name) {
        q.push(p, steady_time(std::chrono::hours(1)) + at, std::move(name));
    }
    std::string order() {
        std::string all;
        while (!q.empty()) all += q.pop();
        return all;
    }

    ready_queue<std::string> q;
    static constexpr milliseconds start = ready_queue<std::string>::head_start;
};

TEST_F(ready, equals_keep_their_order) {
    for (const char* name : {"a", "b", "c", "d"}) push(priority::normal, milliseconds(5), name);
    EXPECT_EQ(q.size(), 4u);
    EXPECT_EQ(order(), "abcd");
}

TEST_F(ready, the_priority_goes_first) {
    push(priority::low, milliseconds(0), "l");
    push(priority::normal, milliseconds(1), "n");
    push(priority::high, milliseconds(2), "h");
    EXPECT_EQ(order(), "hnl");
}

TEST_F(ready, who_waited_longer_than_the_head_start_goes_before) {
    push(priority::low, milliseconds(0), "l");
    push(priority::normal, start + milliseconds(1), "n");
    push(priority::high, 2 * start - milliseconds(1), "h");
    EXPECT_EQ(order(), "hln");
}

TEST_F(ready, a_waiter_exactly_as_far_as_another_goes_by_arrival) {
    push(priority::low, milliseconds(0), "l");
    push(priority::high, 2 * start, "h");
    EXPECT_EQ(order(), "lh");
}

}  // namespace
}  // namespace openclaw::routing
