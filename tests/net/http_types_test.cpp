#include "net/request_head.hpp"
#include "openclaw/net/backoff.hpp"
#include "openclaw/net/cidr.hpp"
#include "openclaw/net/http.hpp"

#include <gtest/gtest.h>

namespace openclaw::net {
namespace {

TEST(header_list, compares_names_without_case) {
    header_list h;
    h.add("Content-Type", "a");
    h.add("content-type", "b");
    h.add("X", "");
    EXPECT_EQ(h.get("CONTENT-TYPE"), "a");
    EXPECT_EQ(h.count("content-type"), 2u);
    EXPECT_TRUE(h.has("x"));
    EXPECT_FALSE(h.has("content"));
    h.set("CONTENT-type", "c");
    EXPECT_EQ(h.get("content-type"), "c");
    EXPECT_EQ(h.size(), 2u);
    h.set("New", "n");
    EXPECT_EQ(h.get("new"), "n");
}

TEST(http_request, splits_the_target) {
    http_request r{.method = "GET", .target = "/a%20b?c=d?e", .headers = {}, .body = {}};
    EXPECT_EQ(r.path(), "/a%20b");
    EXPECT_EQ(r.query(), "c=d?e");
    r.target = "/a";
    EXPECT_EQ(r.path(), "/a");
    EXPECT_EQ(r.query(), "");
}

TEST(reason_phrase, knows_its_table) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(100), "Continue");
    EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
    EXPECT_EQ(reason_phrase(507), "Insufficient Storage");
    EXPECT_EQ(reason_phrase(299), "Unknown");
    EXPECT_EQ(reason_phrase(999), "Unknown");
    EXPECT_EQ(reason_phrase(-1), "Unknown");
}

http_request request(std::string method, std::string target, std::string body = {}) {
    return {std::move(method), std::move(target), {}, std::move(body)};
}

TEST(request_head, adds_what_is_missing) {
    auto to = parse_url("http://h:8080/from-url").value();
    auto r = request("POST", "/x?y", "body");
    r.headers.add("content-length", "999");
    r.headers.add("X-A", "b");
    EXPECT_EQ(to_wire(r, to, {.user_agent = "ua", .proxy_authorization = {}}),
              "POST /x?y HTTP/1.1\r\nX-A: b\r\nHost: h:8080\r\nUser-Agent: ua\r\n"
              "Content-Length: 4\r\n\r\nbody");
    EXPECT_EQ(to_wire(request("GET", ""), to, {.user_agent = "ua", .proxy_authorization = {}}),
              "GET /from-url HTTP/1.1\r\nHost: h:8080\r\nUser-Agent: ua\r\n\r\n");
    auto own = request("PUT", "/");
    own.headers.add("host", "other");
    own.headers.add("User-agent", "mine");
    EXPECT_EQ(to_wire(own, to, {.user_agent = "ua", .proxy_authorization = "Basic x",
                                .absolute_form = true}),
              "PUT http://h:8080/ HTTP/1.1\r\nhost: other\r\nUser-agent: mine\r\n"
              "Proxy-Authorization: Basic x\r\nContent-Length: 0\r\n\r\n");
}

TEST(request_head, refuses_injection) {
    struct row {
        const char* name;
        http_request r;
    };
    auto with = [](std::string name, std::string value) {
        auto r = request("GET", "/");
        r.headers.add(std::move(name), std::move(value));
        return r;
    };
    const row rows[] = {
        {"method", request("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "/")},
        {"empty method", request("", "/")},
        {"target with a line break", request("GET", "/\r\nX: y")},
        {"target with a space", request("GET", "/ HTTP/1.1")},
        {"target with a NUL", request("GET", std::string("/\0", 2))},
        {"target of another host", request("GET", "http://other/")},
        {"name with a colon", with("X: y\r\nZ", "v")},
        {"name with a space", with("X y", "v")},
        {"empty name", with("", "v")},
        {"value with CR", with("X", "v\rY: z")},
        {"value with LF", with("X", "v\nY: z")},
        {"value with NUL", with("X", std::string("v\0w", 3))},
        {"framing", with("Transfer-Encoding", "chunked")},
    };
    for (const auto& [name, r] : rows) {
        auto outcome = check_request(r);
        ASSERT_FALSE(outcome) << name;
        EXPECT_EQ(outcome.error().code, errc::invalid_input) << name;
    }
    EXPECT_TRUE(check_request(with("X-Key", "a b\tc \xc3\xb6")));
}

TEST(cidr_set, contains_by_prefix) {
    auto set = cidr_set::parse({"10.0.0.0/8", "192.168.1.7", "fd00::/8", "::1", "10.9.8.7/30"});
    ASSERT_TRUE(set);
    auto has = [&](const char* text) {
        return set->contains(boost::asio::ip::make_address(text));
    };
    for (const char* in : {"10.1.2.3", "::ffff:10.1.2.3", "192.168.1.7", "fd12::1", "::1"}) {
        EXPECT_TRUE(has(in)) << in;
    }
    for (const char* out : {"11.0.0.1", "192.168.1.8", "fe80::1", "::2", "::10.1.2.3", "0.0.0.1"}) {
        EXPECT_FALSE(has(out)) << out;
    }
    auto v6 = cidr_set::parse({"::/0"}).value();
    EXPECT_TRUE(v6.contains(boost::asio::ip::make_address("2001:db8::1")));
    EXPECT_FALSE(v6.contains(boost::asio::ip::make_address("8.8.8.8")));
    auto v4 = cidr_set::parse({"0.0.0.0/0"}).value();
    EXPECT_TRUE(v4.contains(boost::asio::ip::make_address("8.8.8.8")));
    EXPECT_FALSE(v4.contains(boost::asio::ip::make_address("2001:db8::1")));
    EXPECT_TRUE(cidr_set::parse({}).value().empty());
}

TEST(cidr_set, refuses_what_is_no_range) {
    for (const char* text : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8x", "10.0.0/8",
                             "host", "10.0.0.0/-1", "fe80::1%eth0", "/8", " 10.0.0.0/8"}) {
        auto set = cidr_set::parse({text});
        ASSERT_FALSE(set) << text;
        EXPECT_EQ(set.error().code, errc::invalid_input);
    }
}

TEST(canonical, unwraps_mapped_addresses) {
    using boost::asio::ip::make_address;
    EXPECT_EQ(canonical(make_address("::ffff:1.2.3.4")), make_address("1.2.3.4"));
    EXPECT_EQ(canonical(make_address("1.2.3.4")), make_address("1.2.3.4"));
    EXPECT_EQ(canonical(make_address("2001:db8::1")), make_address("2001:db8::1"));
}

// Always the same draw.
class fixed_random final : public random_source {
public:
    explicit fixed_random(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& b : bytes) b = byte_;
    }

private:
    std::uint8_t byte_;
};

TEST(backoff, doubles_to_the_cap) {
    using std::chrono::milliseconds;
    backoff b{.base = milliseconds(500), .cap = milliseconds(8000), .floor = milliseconds(10)};
    fixed_random top(0xff);
    fixed_random bottom(0);
    const std::int64_t expected[] = {500, 1000, 2000, 4000, 8000, 8000, 8000};
    for (unsigned i = 0; i < std::size(expected); ++i) {
        EXPECT_EQ(b.delay(i, top).count(), expected[i]) << i;
        EXPECT_EQ(b.delay(i, bottom).count(), 10) << i;
    }
    EXPECT_EQ(b.delay(4'000'000'000u, top).count(), 8000);
    EXPECT_EQ((backoff{.base = milliseconds(0)}.delay(4'000'000'000u, top).count()), 0);
}

}  // namespace
}  // namespace openclaw::net
