#include "openclaw/auth/login_limiter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace openclaw::auth {
namespace {

using boost::asio::ip::make_address;
using std::chrono::seconds;

constexpr auto kind = credential::token;

login_caller from(const std::string& address, bool exempt = false) {
    return {network_of(make_address(address)), exempt};
}
// The n-th of many networks.
login_caller stranger(int n) {
    return {boost::asio::ip::address_v4(0x0b000000u + static_cast<unsigned>(n)), false};
}

class login_limiter_test : public testing::Test {
protected:
    bool is_locked(const login_caller& who, credential what = kind) const {
        return limiter.locked_out(who, what, time.steady()).has_value();
    }
    // Whether the last of `times` failures locked the caller out.
    bool fail(const login_caller& who, int times = 1, credential what = kind) {
        login_limiter::verdict v;
        for (int i = 0; i < times; ++i) v = limiter.failed(who, what, time.steady());
        return v.locked_out;
    }

    manual_time time;
    login_limiter limiter{{.window = seconds(60), .lockout = seconds(300), .max_records = 100}};
    const login_caller guesser = from("203.0.113.7");
    const login_caller other = from("203.0.113.8");
};

TEST_F(login_limiter_test, the_tenth_failure_in_a_minute_locks_out_for_five) {
    EXPECT_FALSE(fail(guesser, 9));
    EXPECT_FALSE(is_locked(guesser));
    EXPECT_TRUE(fail(guesser));
    EXPECT_EQ(limiter.locked_out(guesser, kind, time.steady()), seconds(300));
    time.advance(seconds(299));
    EXPECT_EQ(limiter.locked_out(guesser, kind, time.steady()), seconds(1));
    time.advance(seconds(1));
    EXPECT_FALSE(is_locked(guesser));
    EXPECT_FALSE(fail(guesser, 9));   // from the beginning
    EXPECT_TRUE(fail(guesser));
}

TEST_F(login_limiter_test, the_window_slides) {
    fail(guesser);
    time.advance(seconds(59));
    fail(guesser, 8);
    time.advance(seconds(1));   // the first one is a minute old now
    EXPECT_FALSE(fail(guesser));
    EXPECT_TRUE(fail(guesser));
}

TEST_F(login_limiter_test, a_slow_guesser_is_never_locked_out_and_one_who_stops_is_forgotten) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(fail(guesser));
        time.advance(seconds(7));
    }
    time.advance(seconds(60));
    fail(other);
    EXPECT_EQ(limiter.records(), 1u);
}

TEST_F(login_limiter_test, each_network_and_each_kind_has_its_own_record) {
    fail(guesser, 10);
    EXPECT_TRUE(is_locked(guesser));
    EXPECT_FALSE(is_locked(other));
    for (const auto k : all_credentials) EXPECT_EQ(is_locked(guesser, k), k == kind) << name_of(k);
}

TEST_F(login_limiter_test, failures_during_a_lockout_do_not_make_it_longer) {
    fail(guesser, 10);
    time.advance(seconds(200));
    EXPECT_FALSE(fail(guesser, 20));
    EXPECT_EQ(limiter.locked_out(guesser, kind, time.steady()), seconds(100));
}

TEST_F(login_limiter_test, who_is_exempt_is_counted_and_never_locked_out) {
    const auto local = from("127.0.0.1", true);
    EXPECT_FALSE(fail(local, 1000));
    EXPECT_FALSE(is_locked(local));
    EXPECT_FALSE(is_locked(from("127.0.0.1")));   // who is not has a record of his own
    EXPECT_TRUE(fail(from("127.0.0.1"), 10));
    EXPECT_FALSE(is_locked(local));
}

TEST_F(login_limiter_test, one_failure_in_a_window_is_worth_telling) {
    int told = 0;
    for (int i = 0; i < 121; ++i) {   // one a second, from two callers, none of them locked out
        told += limiter.failed(from("127.0.0.1", true), kind, time.steady()).worth_telling;
        time.advance(seconds(1));
    }
    EXPECT_EQ(told, 3);
    told = 0;
    for (int i = 0; i < 50; ++i) told += limiter.failed(guesser, kind, time.steady()).worth_telling;
    EXPECT_EQ(told, 1);
}

TEST_F(login_limiter_test, a_flood_of_others_locks_nobody_out_and_the_memory_is_bounded) {
    fail(guesser, 9);
    for (int i = 0; i < 5000; ++i) {
        EXPECT_FALSE(fail(stranger(i)));
        EXPECT_LE(limiter.records(), 100u);
    }
    EXPECT_FALSE(is_locked(other));
    EXPECT_FALSE(fail(other, 9));
}

TEST_F(login_limiter_test, a_lockout_outlives_any_flood_of_failures) {
    fail(guesser, 10);
    for (int i = 0; i < 5000; ++i) fail(stranger(i), 9);
    EXPECT_TRUE(is_locked(guesser));
}

// It takes as many networks as there are places, each locked out itself.
TEST_F(login_limiter_test, a_lockout_ends_early_only_behind_as_many_as_fit) {
    fail(guesser, 10);
    for (int i = 0; i < 99; ++i) fail(stranger(i), 10);
    EXPECT_EQ(limiter.lockouts(), 100u);
    EXPECT_TRUE(is_locked(guesser));
    fail(stranger(99));
    EXPECT_FALSE(is_locked(guesser));   // the one that was nearest to its end
    EXPECT_TRUE(is_locked(stranger(0)));
    EXPECT_EQ(limiter.records(), 100u);
}

struct network_case {
    const char* name;
    const char* a;
    const char* b;
    bool same;
};
class networks : public testing::TestWithParam<network_case> {};

TEST_P(networks, are_told_apart_by_what_one_caller_can_have) {
    const auto& c = GetParam();
    EXPECT_EQ(network_of(make_address(c.a)) == network_of(make_address(c.b)), c.same);
}

const network_case network_cases[] = {
    {"ipv4_mapped", "1.2.3.4", "::ffff:1.2.3.4", true},
    {"ipv4_mapped_in_hexadecimal", "1.2.3.4", "::ffff:102:304", true},
    {"two_ipv4", "1.2.3.4", "1.2.3.5", false},
    {"one_64", "2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true},
    {"two_64", "2001:db8:0:1::1", "2001:db8:0:2::1", false},
    {"zones", "fe80::1%1", "fe80::1%2", true},
    {"loopback_of_both_kinds", "127.0.0.1", "::1", true},
    {"all_of_loopback", "127.0.0.1", "127.200.0.9", true},
    {"mapped_loopback", "127.0.0.1", "::ffff:127.0.0.1", true},
    {"loopback_and_the_rest", "127.0.0.1", "128.0.0.1", false},
    {"compatible_is_not_mapped", "1.2.3.4", "::1.2.3.4", false},
};
INSTANTIATE_TEST_SUITE_P(, networks, testing::ValuesIn(network_cases),
                         [](const auto& p) { return std::string(p.param.name); });

}  // namespace
}  // namespace openclaw::auth
