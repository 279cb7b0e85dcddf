#include "openclaw/auth/origin.hpp"

#include <gtest/gtest.h>

namespace openclaw::auth {
namespace {

struct host_case {
    const char* name;
    const char* bound;
    std::string host;
    bool allowed;
};
class hosts : public testing::TestWithParam<host_case> {};

TEST_P(hosts, are_checked) {
    const auto& c = GetParam();
    const host_policy policy{c.bound, {"claw.example", "Claw.lan:8443"}};
    EXPECT_EQ(is_allowed_host(policy, c.host), c.allowed) << c.host;
}

constexpr const char* loopback = "127.0.0.1";
constexpr const char* all = "0.0.0.0";

const host_case host_cases[] = {
    {"loopback_address", loopback, "127.0.0.1:18789", true},
    {"loopback_without_port", loopback, "127.0.0.1", true},
    {"another_loopback_address", loopback, "127.8.8.8:1", true},
    {"localhost", loopback, "localhost:18789", true},
    {"localhost_in_capitals", loopback, "LOCALHOST", true},
    {"ipv6_loopback", loopback, "[::1]:18789", true},
    {"ipv6_loopback_without_port", loopback, "[::1]", true},
    {"rebound_name", loopback, "evil.test:18789", false},
    {"name_that_begins_like_loopback", loopback, "127.0.0.1.evil.test", false},
    {"name_that_begins_like_localhost", loopback, "localhost.evil.test", false},
    {"name_that_ends_like_localhost", loopback, "evil-localhost", false},
    {"subdomain_of_localhost", loopback, "evil.localhost", false},
    {"foreign_address_on_loopback", loopback, "192.168.1.5:18789", false},
    {"any_address_on_loopback", loopback, "0.0.0.0:18789", false},
    {"foreign_ipv6_on_loopback", loopback, "[2001:db8::1]:18789", false},
    {"trailing_dot", loopback, "evil.test.:18789", false},
    {"empty", loopback, "", false},
    {"port_only", loopback, ":18789", false},
    {"open_bracket", loopback, "[::1", false},
    {"empty_brackets", loopback, "[]:1", false},
    {"user_info", loopback, "127.0.0.1@evil.test", false},
    {"listed", loopback, "claw.example", true},
    {"listed_with_port", loopback, "claw.example:443", true},
    {"listed_in_capitals", loopback, "CLAW.Example", true},
    {"listed_with_its_port", loopback, "claw.lan:8443", true},
    {"listed_with_another_port", loopback, "claw.lan:8444", false},
    {"subdomain_of_listed", loopback, "x.claw.example", false},
    {"listed_as_a_prefix", loopback, "claw.example.evil.test", false},
    {"address_beyond_loopback", all, "192.168.1.5:18789", true},
    {"ipv6_address_beyond_loopback", all, "[2001:db8::1]:18789", true},
    {"name_beyond_loopback", all, "evil.test", false},
    {"the_bound_address", "192.168.1.5", "192.168.1.5:18789", true},
};
INSTANTIATE_TEST_SUITE_P(origin, hosts, testing::ValuesIn(host_cases),
                         [](const auto& i) { return i.param.name; });

struct origin_case {
    const char* name;
    std::string origin, host;
    bool own;
};
class origins : public testing::TestWithParam<origin_case> {};

TEST_P(origins, are_checked) {
    const auto& c = GetParam();
    EXPECT_EQ(is_own_origin(c.origin, c.host), c.own) << c.origin << " on " << c.host;
}

const origin_case origin_cases[] = {
    {"same", "http://127.0.0.1:18789", "127.0.0.1:18789", true},
    {"same_name", "http://localhost:18789", "localhost:18789", true},
    {"same_in_capitals", "http://LocalHost:18789", "localhost:18789", true},
    {"same_ipv6", "http://[::1]:18789", "[::1]:18789", true},
    {"usual_port", "http://claw.example", "claw.example", true},
    {"usual_port_written", "http://claw.example:80", "claw.example", true},
    {"usual_tls_port", "https://claw.example", "claw.example:443", true},
    {"tls_at_a_proxy", "https://claw.example", "claw.example", true},
    {"foreign", "http://evil.test", "127.0.0.1:18789", false},
    {"foreign_tls", "https://evil.test", "127.0.0.1:18789", false},
    {"null", "null", "127.0.0.1:18789", false},
    {"empty", "", "127.0.0.1:18789", false},
    {"another_port", "http://127.0.0.1:3000", "127.0.0.1:18789", false},
    {"another_port_without_one", "http://127.0.0.1", "127.0.0.1:18789", false},
    {"tls_port_on_plain", "https://127.0.0.1", "127.0.0.1:18789", false},
    {"name_for_address", "http://localhost:18789", "127.0.0.1:18789", false},
    {"subdomain", "http://x.claw.example", "claw.example", false},
    {"parent_domain", "http://example", "claw.example", false},
    {"as_a_prefix", "http://claw.example.evil.test", "claw.example", false},
    {"trailing_dot", "http://claw.example.", "claw.example", false},
    {"user_info", "http://127.0.0.1:18789@evil.test", "127.0.0.1:18789", false},
    {"user_info_of_us", "http://evil@127.0.0.1:18789", "127.0.0.1:18789", false},
    {"path", "http://127.0.0.1:18789/x", "127.0.0.1:18789", false},
    {"query", "http://127.0.0.1:18789?x", "127.0.0.1:18789", false},
    {"fragment", "http://127.0.0.1:18789#x", "127.0.0.1:18789", false},
    {"extension", "chrome-extension://abcdef", "127.0.0.1:18789", false},
    {"file", "file://", "127.0.0.1:18789", false},
    {"websocket_scheme", "ws://127.0.0.1:18789", "127.0.0.1:18789", false},
    {"no_scheme", "127.0.0.1:18789", "127.0.0.1:18789", false},
    {"no_host", "http://", "", false},
    {"only_a_port", "http://:18789", ":18789", false},
    {"open_bracket", "http://[::1", "[::1", false},
    {"junk_after_the_bracket", "http://[::1]evil.test:1", "[::1]:1", false},
    {"two_ports", "http://evil.test:1:18789", "evil.test:18789", false},
    {"port_that_is_none", "http://claw.example:x", "claw.example:x", false},
};
INSTANTIATE_TEST_SUITE_P(origin, origins, testing::ValuesIn(origin_cases),
                         [](const auto& i) { return i.param.name; });

TEST(host_name, leaves_the_port_out) {
    const struct {
        std::string_view host, name;
    } cases[] = {
        {"a.b:1", "a.b"}, {"a.b", "a.b"},     {"[::1]:2", "::1"}, {"[::1]", "::1"},
        {"", ""},         {":1", ""},         {"[::1", ""},       {"127.0.0.1:1", "127.0.0.1"},
    };
    for (const auto& c : cases) EXPECT_EQ(host_name(c.host), c.name) << c.host;
}

}  // namespace
}  // namespace openclaw::auth
