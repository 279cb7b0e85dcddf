#include "ingress/outbox.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using verdict = outbox::verdict;

std::shared_ptr<const std::string> body(std::size_t size) {
    return std::make_shared<const std::string>(size, 'x');
}

TEST(outbox, keeps_the_order_and_numbers_events_from_one) {
    outbox o(1000);
    EXPECT_TRUE(o.empty());
    EXPECT_FALSE(o.pop());
    EXPECT_EQ(o.push(body(1)), verdict::kept);
    EXPECT_EQ(o.push_event(body(2), true), verdict::kept);
    EXPECT_EQ(o.push_event(body(3), false), verdict::kept);
    EXPECT_EQ(o.pop()->tail, "");
    const auto second = o.pop();
    EXPECT_EQ(second->body->size(), 2u);
    EXPECT_EQ(second->tail, ",\"seq\":1}");
    EXPECT_EQ(o.pop()->tail, ",\"seq\":2}");
    EXPECT_TRUE(o.empty());
}

TEST(outbox, drops_what_may_be_dropped_over_half_and_shows_the_gap) {
    outbox o(1000);
    EXPECT_EQ(o.push(body(495)), verdict::kept);
    EXPECT_EQ(o.push_event(body(10), true), verdict::dropped);
    EXPECT_EQ(o.push_event(body(10), false), verdict::kept);
    EXPECT_EQ(o.dropped(), 1u);
    o.pop();
    EXPECT_EQ(o.pop()->tail, ",\"seq\":2}");
    EXPECT_EQ(o.push_event(body(10), true), verdict::kept) << "there is room again";
    EXPECT_EQ(o.pop()->tail, ",\"seq\":3}");
}

TEST(outbox, is_bounded_by_bytes_to_the_byte) {
    outbox o(100);
    EXPECT_EQ(o.push(body(100)), verdict::kept);
    EXPECT_EQ(o.push(body(1)), verdict::overflow);
    o.pop();
    EXPECT_EQ(o.push(body(60)), verdict::kept);
    EXPECT_EQ(o.push(body(41)), verdict::overflow);
    EXPECT_EQ(o.push(body(40)), verdict::kept);
}

TEST(outbox, an_event_that_must_arrive_overflows_instead_of_vanishing) {
    outbox o(100);
    EXPECT_EQ(o.push(body(1)), verdict::kept);
    EXPECT_EQ(o.push_event(body(99), false), verdict::overflow);
    EXPECT_EQ(o.push_event(body(90), false), verdict::kept) << "90 and the 9 of ,\"seq\":2}";
}

TEST(outbox, one_large_frame_is_taken_when_nothing_waits) {
    outbox o(100);
    EXPECT_EQ(o.push(body(1000)), verdict::kept);
    EXPECT_EQ(o.push(body(1)), verdict::overflow);
    o.pop();
    EXPECT_EQ(o.push(body(1)), verdict::kept);
}

TEST(outbox, a_shared_body_is_not_copied) {
    outbox o(1000);
    const auto shared = body(10);
    o.push_event(shared, false);
    o.push_event(shared, false);
    EXPECT_EQ(o.pop()->body.get(), shared.get());
    EXPECT_EQ(o.pop()->body.get(), shared.get());
}

}  // namespace
}  // namespace openclaw::ingress
