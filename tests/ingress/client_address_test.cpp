#include "ingress/client_address.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

net::http_request head_of(const fields& list) {
    net::http_request r{.method = "GET", .target = "/", .headers = {}, .body = {}};
    for (const auto& [name, value] : list) r.headers.add(name, value);
    return r;
}
peer_info peer_at(const std::string& address) {
    return {asio::ip::make_address(address), std::nullopt};
}
const auto proxies = net::cidr_set::parse({"127.0.0.1", "10.0.0.0/8", "fd00::/8"}).value();

struct address_case {
    const char* name;
    const char* peer;
    fields headers;
    const char* is;
};
void PrintTo(const address_case& c, std::ostream* out) { *out << c.name; }

class client_addresses : public testing::TestWithParam<address_case> {};

TEST(client_addresses_of_proxies, what_a_proxy_passes_on_is_never_local) {
    EXPECT_FALSE(is_forwarded(head_of({{"Host", "x"}})));
    for (const char* name : {"X-Forwarded-For", "x-forwarded-proto", "X-Real-IP", "Forwarded", "Via",
                             "CF-Connecting-IP"}) {
        EXPECT_TRUE(is_forwarded(head_of({{name, "1.1 proxy"}}))) << name;
    }
}

TEST_P(client_addresses, are_what_a_trusted_proxy_says) {
    const auto& c = GetParam();
    const auto found = client_address(head_of(c.headers), peer_at(c.peer), proxies);
    EXPECT_EQ(found.to_string(), c.is);
}

const address_case address_cases[] = {
    {"nobody_in_front", "192.0.2.1", {}, "192.0.2.1"},
    {"mapped_peer", "::ffff:192.0.2.1", {}, "192.0.2.1"},
    {"unlisted_peer", "192.0.2.1", {{"X-Forwarded-For", "127.0.0.1"}}, "192.0.2.1"},
    {"unlisted_peer_by_any_header", "192.0.2.1",
     {{"X-Real-IP", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}}, "192.0.2.1"},
    {"listed_peer", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9"},
    {"listed_and_mapped", "::ffff:10.0.0.1", {{"X-Forwarded-For", "::ffff:192.0.2.9"}}, "192.0.2.9"},
    {"listed_that_says_nothing", "10.0.0.1", {}, "10.0.0.1"},
    // What stands before the proxy's own word is the client's.
    {"forged_beginning", "10.0.0.1", {{"X-Forwarded-For", "127.0.0.1, 192.0.2.9"}}, "192.0.2.9"},
    {"forged_in_a_field_of_its_own", "10.0.0.1",
     {{"X-Forwarded-For", "10.9.9.9"}, {"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9"},
    {"forged_real_ip", "10.0.0.1", {{"X-Real-IP", "127.0.0.1"}, {"X-Forwarded-For", "192.0.2.9"}},
     "192.0.2.9"},
    {"forged_forwarded", "10.0.0.1",
     {{"Forwarded", "for=127.0.0.1"}, {"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9"},
    {"two_proxies", "127.0.0.1", {{"X-Forwarded-For", "192.0.2.9, 10.0.0.1"}}, "192.0.2.9"},
    {"all_are_proxies", "127.0.0.1", {{"X-Forwarded-For", "10.0.0.3,10.0.0.1"}}, "10.0.0.3"},
    {"malformed", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.9, unknown"}}, "10.0.0.1"},
    {"malformed_behind_a_second_proxy", "10.0.0.1", {{"X-Forwarded-For", "x, 10.0.0.2"}}, "10.0.0.2"},
    {"with_a_port", "10.0.0.1", {{"X-Forwarded-For", "192.0.2.9:4711"}}, "192.0.2.9"},
    {"ipv6", "fd00::1", {{"X-Forwarded-For", "2001:db8::7"}}, "2001:db8::7"},
    {"ipv6_with_a_port", "fd00::1", {{"X-Forwarded-For", "[2001:db8::7]:80"}}, "2001:db8::7"},
    {"real_ip", "10.0.0.1", {{"X-Real-IP", "192.0.2.9"}}, "192.0.2.9"},
    {"forwarded", "10.0.0.1",
     {{"Forwarded", R"(for=127.0.0.1, proto=http; For="[2001:db8::7]:80";by=10.0.0.1)"}}, "2001:db8::7"},
    {"forwarded_hides", "10.0.0.1", {{"Forwarded", "for=_secret"}}, "10.0.0.1"},
    {"brackets_without_an_end", "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::7"}}, "2001:db8::7"},
    {"empty", "10.0.0.1", {{"X-Forwarded-For", ""}}, "10.0.0.1"},
    {"commas_alone", "10.0.0.1", {{"X-Forwarded-For", ",,"}}, "10.0.0.1"},
};
INSTANTIATE_TEST_SUITE_P(, client_addresses, testing::ValuesIn(address_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(login_caller, only_a_direct_client_of_this_machine_is_exempt) {
    const auto exempt = [](const std::string& peer, const fields& list) {
        return login_caller_of(head_of(list), peer_at(peer), proxies).exempt;
    };
    EXPECT_TRUE(exempt("127.0.0.1", {}));
    EXPECT_TRUE(exempt("::1", {}));
    EXPECT_TRUE(exempt("::ffff:127.0.0.1", {}));
    EXPECT_FALSE(exempt("127.0.0.1", {{"Origin", "http://127.0.0.1:18789"}}));
    EXPECT_FALSE(exempt("127.0.0.1", {{"Origin", "null"}}));
    EXPECT_FALSE(exempt("127.0.0.1", {{"X-Forwarded-For", "127.0.0.1"}}));
    EXPECT_FALSE(exempt("127.0.0.1", {{"X-Forwarded-Proto", "https"}}));
    EXPECT_FALSE(exempt("::1", {{"Forwarded", "for=127.0.0.1"}}));
    EXPECT_FALSE(exempt("10.0.0.1", {}));
    EXPECT_FALSE(exempt("10.0.0.1", {{"X-Forwarded-For", "127.0.0.1"}}));
    EXPECT_FALSE(exempt("192.0.2.1", {}));
    EXPECT_TRUE(login_caller_of(head_of({}), {{}, 1000u}, proxies).exempt);
}

}  // namespace
}  // namespace openclaw::ingress
