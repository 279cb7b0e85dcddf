#include "ingress/outbox.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using verdict = outbox::verdict;

std::shared_ptr<const std::string> body(std::size_t size) {
    return std::make_shared<const std::string>(size, 'x');
}

event_frame_ptr event(std::size_t size, bool droppable) {
    auto frame = std::make_shared<event_frame>();
    frame->body = std::string(size, 'x');
    frame->droppable = droppable;
    return frame;
}

event_frame_ptr delta(const std::string& run, const std::string& text) {
    turn_event e;
    e.what = turn_event::kind::delta;
    e.run = std::make_shared<const run_identity>(run_identity{run, "agent:main:main", "main"});
    e.text = text;
    return make_delta(e);
}

std::string text_of(const outgoing& frame) {
    return parse_json(*frame.body + frame.tail).value()["payload"]["deltaText"].get<std::string>();
}

TEST(outbox, keeps_the_order_and_numbers_events_from_one) {
    outbox o(1000);
    EXPECT_TRUE(o.empty());
    EXPECT_FALSE(o.pop());
    EXPECT_EQ(o.push(body(1)), verdict::kept);
    EXPECT_EQ(o.push_event(event(2, true)), verdict::kept);
    EXPECT_EQ(o.push_event(event(3, false)), verdict::kept);
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
    EXPECT_EQ(o.push_event(event(10, true)), verdict::dropped);
    EXPECT_EQ(o.push_event(event(10, false)), verdict::kept);
    o.pop();
    EXPECT_EQ(o.pop()->tail, ",\"seq\":2}");
    EXPECT_EQ(o.push_event(event(10, true)), verdict::kept) << "there is room again";
    EXPECT_EQ(o.pop()->tail, ",\"seq\":3}");
}

TEST(outbox, is_bounded_by_bytes_to_the_byte) {
    outbox o(100);
    EXPECT_EQ(o.push(body(60)), verdict::kept);
    EXPECT_EQ(o.push(body(40)), verdict::kept);
    EXPECT_EQ(o.push(body(1)), verdict::overflow);
}

// A later row would go out with its cursor, and the client come back behind the one that is missing.
TEST(outbox, keeps_nothing_after_an_overflow) {
    outbox o(100);
    EXPECT_EQ(o.push(body(60)), verdict::kept);
    EXPECT_EQ(o.push_event(event(60, false)), verdict::overflow);
    EXPECT_EQ(o.push_event(event(10, false)), verdict::overflow) << "though there is room for it";
    EXPECT_EQ(o.pop()->size(), 60u);
    EXPECT_EQ(o.push(body(1)), verdict::overflow);
    EXPECT_FALSE(o.pop());
}

TEST(outbox, a_response_that_can_wait_finds_no_room_and_does_no_harm) {
    outbox o(200);
    const auto large = body(60);
    EXPECT_EQ(o.offer(large), verdict::kept);
    EXPECT_EQ(o.offer(large), verdict::full);
    EXPECT_EQ(o.offer(body(40)), verdict::kept) << "a small one fits";
    EXPECT_EQ(o.offer(body(1)), verdict::full) << "the other half is for events";
    EXPECT_EQ(o.push_event(event(80, false)), verdict::kept);
    EXPECT_EQ(o.push(body(20)), verdict::overflow);
    EXPECT_EQ(o.offer(body(1)), verdict::overflow) << "the reader has to go, nobody waits for it";
}

TEST(outbox, an_event_that_must_arrive_overflows_instead_of_vanishing) {
    outbox o(100);
    EXPECT_EQ(o.push(body(1)), verdict::kept);
    EXPECT_EQ(o.push_event(event(90, false)), verdict::kept) << "90 and the 9 of ,\"seq\":1}";
    EXPECT_EQ(o.push_event(event(1, false)), verdict::overflow);
}

TEST(outbox, one_large_frame_is_taken_when_nothing_waits) {
    outbox o(100);
    EXPECT_EQ(o.push(body(1000)), verdict::kept);
    o.pop();
    EXPECT_EQ(o.push(body(100)), verdict::kept);
    EXPECT_EQ(o.push(body(1)), verdict::overflow);
}

TEST(outbox, a_shared_body_is_not_copied) {
    outbox o(1000);
    const auto shared = event(10, false);
    o.push_event(shared);
    o.push_event(shared);
    EXPECT_EQ(o.pop()->body.get(), &shared->body);
    EXPECT_EQ(o.pop()->body.get(), &shared->body);
}

TEST(outbox, joins_the_pieces_of_an_answer_for_a_slow_reader) {
    outbox o(8000);
    EXPECT_EQ(o.push_event(delta("a", "one \"")), verdict::kept);
    EXPECT_EQ(o.push_event(delta("a", "two")), verdict::kept) << "nobody is slow yet";
    EXPECT_EQ(o.push(body(1000)), verdict::kept);
    EXPECT_EQ(o.push_event(delta("b", "other")), verdict::kept) << "nothing of it waits";
    EXPECT_EQ(o.push_event(delta("a", " three\n")), verdict::joined);
    EXPECT_EQ(o.push_event(delta("b", "s")), verdict::joined);
    EXPECT_EQ(text_of(*o.pop()), "one \"");
    const auto joined = o.pop();
    EXPECT_EQ(text_of(*joined), "two three\n");
    EXPECT_EQ(joined->tail, ",\"seq\":2}");
    o.pop();
    EXPECT_EQ(text_of(*o.pop()), "others");
    EXPECT_TRUE(o.empty());
    EXPECT_EQ(o.push_event(delta("a", "four")), verdict::kept) << "its numbers are used up";
    EXPECT_EQ(o.pop()->tail, ",\"seq\":6}");
}

}  // namespace
}  // namespace openclaw::ingress
