#include "agents/turn_state.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using step = turn_state::step;

// Errors one after the other against candidates a and b (or a alone); what is next, as letters:
// the candidate that is called ("a", "b"), "A" when it is called with half the window, "!" the end.
struct state_case {
    const char* name;
    std::vector<errc> errors;
    std::size_t candidates;
    const char* course;
};

class turn_state_test : public ::testing::TestWithParam<state_case> {};

std::vector<std::string> names(std::size_t n) {
    std::vector<std::string> all{"x/a", "x/b", "x/c"};
    all.resize(n);
    return all;
}

TEST_P(turn_state_test, goes_this_way) {
    seeded_random random(1);
    turn_state state(names(GetParam().candidates));
    std::string course;
    for (const auto code : GetParam().errors) {
        const auto next = state.on_error(error(code, "because"), false, random);
        if (next.next == step::give_up) {
            course += '!';
            EXPECT_EQ(next.why.code, code);
            continue;
        }
        EXPECT_LE(next.wait, 2s);
        const char letter = static_cast<char>('a' + state.candidate());
        course += state.window_divisor() == 2 ? static_cast<char>(std::toupper(letter)) : letter;
    }
    EXPECT_EQ(course, GetParam().course);
}

constexpr auto rate = errc::rate_limited;
constexpr auto load = errc::overloaded;
constexpr auto full = errc::context_overflow;

INSTANTIATE_TEST_SUITE_P(table, turn_state_test, ::testing::Values(
    state_case{"overload_twice_then_next", {load, load, load}, 2, "aab"},
    state_case{"overload_to_the_end", {load, load, load, load, load, load}, 2, "aabbb!"},
    state_case{"overload_alone", {load, load, load}, 1, "aa!"},
    state_case{"rate_limit", {rate, rate, rate}, 2, "aab"},
    state_case{"network_once", {errc::network, errc::network, errc::network, errc::network}, 2, "abb!"},
    state_case{"truncated_once", {errc::protocol, errc::protocol}, 2, "ab"},
    state_case{"timeout_goes_on_at_once", {errc::timed_out}, 2, "b"},
    state_case{"timeout_alone_once", {errc::timed_out, errc::timed_out}, 1, "a!"},
    state_case{"key", {errc::auth_provider}, 2, "b"},
    state_case{"money", {errc::billing, errc::billing}, 2, "b!"},
    state_case{"certificate", {errc::tls}, 2, "b"},
    state_case{"model", {errc::not_found}, 2, "b"},
    state_case{"key_alone", {errc::auth_provider}, 1, "!"},
    state_case{"overflow_halves_once", {full, full}, 1, "A!"},
    state_case{"overflow_then_next_whole", {full, full, full, full}, 2, "AbB!"},
    state_case{"bad_request_surfaces", {errc::rejected}, 2, "!"},
    state_case{"refusal_surfaces", {errc::refused}, 2, "!"},
    state_case{"cancel_surfaces", {errc::cancelled}, 2, "!"},
    state_case{"bug_surfaces", {errc::internal}, 2, "!"},
    state_case{"mixed", {load, errc::network, errc::billing}, 3, "abc"}),
    [](const auto& i) { return i.param.name; });

struct wait_case {
    const char* name;
    std::chrono::milliseconds asked;
    std::size_t candidates;
    bool same_candidate;
};

class turn_state_wait_test : public ::testing::TestWithParam<wait_case> {};

TEST_P(turn_state_wait_test, honours_retry_after_within_reason) {
    seeded_random random(1);
    turn_state state(names(GetParam().candidates));
    error e(errc::rate_limited, "slow");
    e.retry_after = GetParam().asked;
    const auto next = state.on_error(e, false, random);
    if (GetParam().same_candidate) {
        EXPECT_EQ(next.next, step::call);
        EXPECT_EQ(state.candidate(), 0u);
        EXPECT_GE(next.wait, GetParam().asked);
    } else if (GetParam().candidates > 1) {
        EXPECT_EQ(next.next, step::call);
        EXPECT_EQ(state.candidate(), 1u);
        EXPECT_EQ(next.wait, 0ms);
    } else {
        EXPECT_EQ(next.next, step::give_up);
        EXPECT_EQ(next.why.retry_after, GetParam().asked);
    }
}

INSTANTIATE_TEST_SUITE_P(waits, turn_state_wait_test, ::testing::Values(
    wait_case{"short", 900ms, 2, true}, wait_case{"nobody_waits_with_a_fallback", 1100ms, 2, false},
    wait_case{"alone_up_to_the_cap", 20'000ms, 1, true}, wait_case{"alone_beyond", 20'001ms, 1, false}),
    [](const auto& i) { return i.param.name; });

TEST(turn_state_shown_test, nothing_starts_over_once_a_part_is_out) {
    seeded_random random(1);
    for (const auto code : {load, rate, full, errc::network, errc::auth_provider}) {
        turn_state state(names(2));
        const auto next = state.on_error(error(code, "gone"), true, random);
        EXPECT_EQ(next.next, step::give_up);
        EXPECT_EQ(next.why.code, code);
        EXPECT_THAT(next.why.message, HasSubstr("interrupted"));
    }
}

TEST(turn_state_answer_test, an_answer_renews_the_retries_and_keeps_the_candidate) {
    seeded_random random(1);
    turn_state state(names(2));
    (void)state.on_error(error(errc::billing), false, random);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(state.on_error(error(load), false, random).next, step::call);
        EXPECT_EQ(state.candidate(), 1u);
        state.on_answer();
    }
}

TEST(turn_state_story_test, the_last_error_tells_of_all_candidates) {
    seeded_random random(1);
    turn_state state(names(2));
    (void)state.on_error(error(errc::billing, "no money"), false, random);
    const auto next = state.on_error(error(errc::auth_provider, "bad key", "Set one."), false, random);
    EXPECT_THAT(next.why.message, HasSubstr("x/a: no money; x/b: bad key"));
    EXPECT_EQ(next.why.hint, "Set one.");
}

}  // namespace
}  // namespace openclaw::agents
