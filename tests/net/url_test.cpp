#include "openclaw/net/url.hpp"

#include <gtest/gtest.h>

namespace openclaw::net {
namespace {

struct good_case {
    const char* text;
    const char* scheme;
    const char* host;
    std::uint16_t port;
    const char* target;
    const char* authority;
};

class good_urls : public testing::TestWithParam<good_case> {};

TEST_P(good_urls, are_taken_apart) {
    const auto& c = GetParam();
    auto u = parse_url(c.text);
    ASSERT_TRUE(u) << c.text << ": " << u.error().to_string();
    EXPECT_EQ(u->scheme, c.scheme);
    EXPECT_EQ(u->host, c.host);
    EXPECT_EQ(u->port, c.port);
    EXPECT_EQ(u->target, c.target);
    EXPECT_EQ(u->authority(), c.authority);
}

INSTANTIATE_TEST_SUITE_P(
    table, good_urls,
    testing::Values(
        good_case{"https://api.example.com/v1/x?a=b", "https", "api.example.com", 443, "/v1/x?a=b",
                  "api.example.com"},
        good_case{"HTTP://Example.COM", "http", "example.com", 80, "/", "example.com"},
        good_case{"http://h:8080?q", "http", "h", 8080, "/?q", "h:8080"},
        good_case{"http://h:/x", "http", "h", 80, "/x", "h"},
        good_case{"http://h:443/", "http", "h", 443, "/", "h:443"},
        good_case{"http://h/a#fragment", "http", "h", 80, "/a", "h"},
        good_case{"http://h#f", "http", "h", 80, "/", "h"},
        good_case{"ws://127.0.0.1:18789/ws", "ws", "127.0.0.1", 18789, "/ws", "127.0.0.1:18789"},
        good_case{"wss://[::1]/", "wss", "::1", 443, "/", "[::1]"},
        good_case{"https://[2001:DB8::7]:8443/a", "https", "2001:db8::7", 8443, "/a",
                  "[2001:db8::7]:8443"},
        good_case{"https://h/w/K\xc3\xb6ln", "https", "h", 443, "/w/K%C3%B6ln", "h"},
        good_case{"http://a_b.c-d.example./", "http", "a_b.c-d.example.", 80, "/",
                  "a_b.c-d.example."},
        good_case{"unix:/run/openclaw.sock", "unix", "/run/openclaw.sock", 0, "/", "localhost"},
        good_case{"unix:///run/openclaw.sock", "unix", "/run/openclaw.sock", 0, "/", "localhost"}));

class bad_urls : public testing::TestWithParam<const char*> {};

TEST_P(bad_urls, are_refused) {
    auto u = parse_url(GetParam());
    ASSERT_FALSE(u) << GetParam();
    EXPECT_EQ(u.error().code, errc::invalid_input);
    EXPECT_FALSE(u.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_urls,
    testing::Values("", "example.com", "ftp://h/", "file:///etc/passwd", "http:h", "http:/h",
                    "http://", "http:///x", "http://:80/", "http://h:0/", "http://h:65536/",
                    "http://h:8o/", "http://h:-1/", "http://h: 80/", "http://user@h/",
                    "http://user:password@h/", "http://h@evil/", "http://a b/", "http://a\\b/",
                    "http://h/a b", "http://h/a\r\nX: y", "http://h/\x7f", "http://[::1",
                    "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/",
                    "http://[1.2.3.4]/", "http://[]/", "http://::1/", "http://h%41/",
                    "http://\xc3\xb6.de/", "http://.h/", "http://a..b/", "unix:", "unix:relative",
                    "unix://host/path", "unix:/",
                    "unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
                    "01234567890123456789012345678901234567890123456789"));

TEST(url, errors_do_not_repeat_keys) {
    for (const char* text : {"https://user:hunter2@h/", "https://h:x/bot123:hunter2/send",
                             "ftp://h/?key=hunter2"}) {
        auto u = parse_url(text);
        ASSERT_FALSE(u);
        EXPECT_EQ(u.error().to_string().find("hunter2"), std::string::npos) << text;
    }
}

TEST(url, prints_what_it_read) {
    for (const char* text : {"https://h/x?y", "http://h:8080/", "ws://[::1]:9/", "unix:/a/b"}) {
        EXPECT_EQ(parse_url(text).value().str(), text);
    }
}

}  // namespace
}  // namespace openclaw::net
