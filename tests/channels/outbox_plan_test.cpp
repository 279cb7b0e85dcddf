#include "channels/outbox_plan.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace openclaw::channels {
namespace {

struct row {
    std::int64_t id;
    std::string peer;
    std::int64_t next_ms;
};

struct plan_case {
    std::string name;
    std::vector<row> rows;
    std::set<std::string> busy;
    std::size_t places;
    std::vector<std::vector<std::int64_t>> batches;   // ids
    std::optional<std::int64_t> next_ms;
};

std::ostream& operator<<(std::ostream& out, const plan_case& c) {
    return out << c.name;
}

constexpr std::int64_t now = 1000;

class plan_test : public testing::TestWithParam<plan_case> {};

TEST_P(plan_test, decides) {
    const auto& c = GetParam();
    std::vector<store::delivery> rows;
    for (const auto& r : c.rows) {
        store::delivery d;
        d.id = r.id;
        d.peer = r.peer;
        d.next_ms = r.next_ms;
        rows.push_back(d);
    }
    const auto plan = plan_outbox(rows, c.busy, now, c.places);
    std::vector<std::vector<std::int64_t>> ids;
    for (const auto& batch : plan.batches) {
        auto& list = ids.emplace_back();
        for (const auto& d : batch) list.push_back(d.id);
    }
    EXPECT_EQ(ids, c.batches);
    EXPECT_EQ(plan.next_ms, c.next_ms);
}

const std::vector<plan_case> plan_cases{
    {"nothing_sleeps", {}, {}, 4, {}, std::nullopt},
    {"one_goes", {{1, "a", 0}}, {}, 4, {{1}}, std::nullopt},
    {"due_at_this_moment_goes", {{1, "a", now}}, {}, 4, {{1}}, std::nullopt},
    {"one_peer_in_order", {{2, "a", 0}, {1, "a", 0}, {3, "a", 0}}, {}, 4, {{1, 2, 3}}, std::nullopt},
    {"peers_apart", {{1, "a", 0}, {2, "b", 0}, {3, "a", 0}}, {}, 4, {{1, 3}, {2}}, std::nullopt},
    {"a_waiting_head_holds_back", {{1, "a", now + 1}, {2, "a", 0}}, {}, 4, {}, now + 1},
    {"other_peers_go_on", {{1, "a", now + 9}, {2, "a", 0}, {3, "b", 0}}, {}, 4, {{3}}, now + 9},
    {"the_earliest_wakes", {{1, "a", now + 9}, {2, "b", now + 3}}, {}, 4, {}, now + 3},
    {"a_later_wait_ends_the_batch", {{1, "a", 0}, {2, "a", now + 5}, {3, "a", 0}}, {}, 4, {{1}},
     std::nullopt},
    {"busy_is_left_alone", {{1, "a", 0}, {2, "b", 0}}, {"a"}, 4, {{2}}, std::nullopt},
    {"busy_does_not_wake", {{1, "a", now + 5}}, {"a"}, 4, {}, std::nullopt},
    {"no_more_than_places", {{1, "a", 0}, {2, "b", 0}, {3, "a", 0}}, {}, 1, {{1, 3}}, std::nullopt},
    {"no_place", {{1, "a", 0}}, {}, 0, {}, std::nullopt},
    {"one_that_was_begun_comes_first", {{1, "a", store::delivery_begun}, {2, "a", 0}}, {}, 4, {{1, 2}},
     std::nullopt},
    {"one_under_way_is_left_alone", {{1, "a", store::delivery_begun}, {2, "a", 0}}, {"a"}, 4, {},
     std::nullopt},
};
INSTANTIATE_TEST_SUITE_P(outbox, plan_test, testing::ValuesIn(plan_cases),
                         [](const auto& i) { return i.param.name; });

struct end_case {
    std::string name;
    send_outcome outcome;
    std::uint32_t attempts;
    when_unknown policy;
    store::delivery_state state;
    std::string label;
    std::int64_t earliest, latest;   // of next_ms, after now
};

std::ostream& operator<<(std::ostream& out, const end_case& c) {
    return out << c.name;
}

class end_test : public testing::TestWithParam<end_case> {};

TEST_P(end_test, decides) {
    const auto& c = GetParam();
    store::delivery d;
    d.attempts = c.attempts;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        seeded_random random(seed);
        const auto end = end_attempt(d, c.outcome, c.policy, now, random);
        EXPECT_EQ(end.state, c.state);
        EXPECT_EQ(end.outcome, c.label);
        EXPECT_NE(end.detail.find(c.outcome.detail), std::string::npos);
        if (c.state != store::delivery_state::pending) continue;
        EXPECT_GE(end.next_ms, now + c.earliest);
        EXPECT_LE(end.next_ms, now + c.latest);
    }
}

using kind = send_outcome::kind;
using store::delivery_state;
const std::vector<end_case> end_cases{
    {"sent", {kind::sent, "m1", {}}, 0, when_unknown::record, delivery_state::sent, "sent", 0, 0},
    {"failed", {kind::failed, "no such chat", {}}, 0, when_unknown::retry, delivery_state::failed, "failed",
     0, 0},
    {"unknown_is_not_sent_again", {kind::unknown, "cut", {}}, 0, when_unknown::record,
     delivery_state::unknown, "unknown", 0, 0},
    {"unknown_is_sent_again", {kind::unknown, "cut", {}}, 0, when_unknown::retry, delivery_state::pending,
     "retry", 200, 1000},
    {"unknown_to_the_end", {kind::unknown, "cut", {}}, 19, when_unknown::retry, delivery_state::unknown,
     "unknown", 0, 0},
    {"first_retry", {kind::retry, "503", {}}, 0, when_unknown::record, delivery_state::pending, "retry",
     200, 1000},
    {"later_retry", {kind::retry, "503", {}}, 4, when_unknown::record, delivery_state::pending, "retry", 200,
     16'000},
    {"capped", {kind::retry, "503", {}}, 18, when_unknown::record, delivery_state::pending, "retry", 200,
     300'000},
    {"retry_after_is_obeyed", {kind::retry, "429", std::chrono::seconds(30)}, 0, when_unknown::record,
     delivery_state::pending, "retry", 30'000, 30'000},
    {"given_up", {kind::retry, "503", {}}, 19, when_unknown::record, delivery_state::failed, "failed", 0, 0},
};
INSTANTIATE_TEST_SUITE_P(outbox, end_test, testing::ValuesIn(end_cases),
                         [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace openclaw::channels
