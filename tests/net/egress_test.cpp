#include "support/client_fixture.hpp"

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/descriptor_room.hpp"

#include "net/address_policy.hpp"
#include "net/egress.hpp"
#include "net/http_client_impl.hpp"
#include "net/proxy.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <map>

namespace openclaw::net {
namespace {

using test::http_answer;
using test::script_peer;
using test::script_server;

TEST(address_policy, tells_public_from_the_rest) {
    for (const char* text :
         {"1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
          "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.255", "::ffff:8.8.8.8",
          "64:ff9b::808:808", "2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"}) {
        EXPECT_TRUE(is_public_address(asio::ip::make_address(text))) << text;
    }
    for (const char* text :
         {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
          "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
          "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
          "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
          "255.255.255.255", "::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1",
          "::ffff:7f00:1", "::ffff:169.254.169.254", "0:0:0:0:0:ffff:a00:1", "::ffff:0:127.0.0.1",
          "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
          "100::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:db8::1",
          "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "3fff:fff::1", "4000::1",
          "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%1", "febf::1", "fec0::1",
          "ff02::1", "ff0e::1", "2600::5efe:10.0.0.1", "2600::200:5efe:127.0.0.1"}) {
        EXPECT_FALSE(is_public_address(asio::ip::make_address(text))) << text;
    }
    EXPECT_TRUE(is_public_address(asio::ip::make_address("2600::5efe:8.8.8.8")));
}

TEST(address_policy, knows_names_of_this_machine) {
    for (const char* host : {"localhost", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9",
                             "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const char* host : {"localhost.example.com", "notlocalhost", "128.0.0.1", "::2", ""}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

// A name server that tells what the test says, and counts.
class scripted_names final : public name_resolver {
public:
    using answers = std::vector<std::vector<std::string>>;
    scripted_names(answers a, int& asked) : answers_(std::move(a)), asked_(asked) {}

    task<result<std::vector<asio::ip::address>>> lookup(std::string) override {
        auto n = static_cast<std::size_t>(asked_++);
        std::vector<asio::ip::address> out;
        for (const auto& text : answers_.at(std::min(n, answers_.size() - 1))) {
            out.push_back(asio::ip::make_address(text));
        }
        co_return out;
    }

private:
    const answers answers_;
    int& asked_;
};

struct broker_fixture : client_fixture {
    int asked = 0;
    std::map<std::string, std::string> environment;

    void use(scripted_names::answers names) {
        auto rules = proxy_rules::read([&](const char* name) -> const char* {
            auto found = environment.find(name);
            return found == environment.end() ? nullptr : found->second.c_str();
        });
        client = make_http_client(
            io, options,
            std::make_unique<egress_broker>(
                std::move(rules), "", std::make_unique<scripted_names>(std::move(names), asked)));
    }
    result<std::string> ask(std::string_view to, std::uint16_t port, egress_class who) {
        auto u = parse_url(to).value();
        if (port != 0) u.port = port;
        return test::run(io, ask_task(u, who));
    }
    task<result<std::string>> ask_task(url to, egress_class who) {
        auto answer = co_await http().send(to, get(to.target), limits, who);
        if (!answer) co_return answer.error();
        co_return co_await answer->read_all(1 << 20);
    }
};

TEST(egress, a_name_is_resolved_once_and_that_address_is_used) {
    script_server server(echo);
    broker_fixture f;
    // A second lookup would lead elsewhere.
    f.use({{"127.0.0.1"}, {"192.0.2.1"}});
    EXPECT_EQ(f.ask("http://name.example/x", server.port(), egress_class::configured).value(),
              "/x");
    EXPECT_EQ(f.asked, 1);
}

TEST(egress, a_name_with_a_private_address_is_refused_to_others) {
    script_server server(echo);
    broker_fixture f;
    for (auto names : {std::vector<std::string>{"127.0.0.1"}, {"8.8.8.8", "10.0.0.1"},
                       {"::ffff:127.0.0.1"}, {"fd00::1"}}) {
        f.use({names});
        auto outcome = f.ask("http://name.example/", server.port(), egress_class::requested);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, errc::forbidden) << names.front();
    }
    EXPECT_EQ(server.accepted(), 0u);
}

TEST(egress, a_dead_address_is_followed_by_the_next) {
    script_server server(echo);
    broker_fixture f;
    f.use({{"::1", "127.0.0.1"}});
    EXPECT_EQ(f.ask("http://name.example/x", server.port(), egress_class::configured).value(),
              "/x");
}

TEST(egress, a_unix_socket_is_refused_to_others) {
    broker_fixture f;
    f.use({{"127.0.0.1"}});
    auto outcome = f.ask("unix:/run/x.sock", 0, egress_class::requested);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::forbidden);
}

TEST(proxy, is_read_from_its_url) {
    auto p = parse_proxy("http://user:p%40ss@proxy.example:3128/").value();
    EXPECT_EQ(p.host, "proxy.example");
    EXPECT_EQ(p.port, 3128);
    EXPECT_EQ(p.authorization, "Basic dXNlcjpwQHNz");
    EXPECT_EQ(parse_proxy("proxy:8080").value().port, 8080);
    EXPECT_EQ(parse_proxy("HTTP://proxy").value().port, 80);
    EXPECT_EQ(parse_proxy("http://[::1]:8080").value().host, "::1");
    for (const char* text : {"", "https://proxy:1/", "socks5://proxy", "http://", "http://a:b:c",
                             "http://u%zz@h", "http://h:99999"}) {
        auto bad = parse_proxy(text);
        ASSERT_FALSE(bad) << text;
        EXPECT_EQ(bad.error().code, errc::config);
    }
    EXPECT_EQ(parse_proxy("ftp://u:hunter2@h").error().to_string().find("hunter2"),
              std::string::npos);
}

TEST(proxy, exemptions) {
    std::map<std::string, std::string> environment = {
        {"https_proxy", "http://secure:1"},
        {"HTTP_PROXY", "http://plain:2"},
        {"NO_PROXY", "exact.example, .below.example,*.star.example,10.0.0.0/8,9.9.9.9,[::5]"
                     ",port.example:8443,MiXed.example"}};
    auto rules = proxy_rules::read([&](const char* name) -> const char* {
        auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    });
    auto via = [&](const char* text) -> std::string {
        auto found = rules.find(parse_url(text).value()).value();
        return found == nullptr ? "" : found->host;
    };
    EXPECT_EQ(via("https://h.example/"), "secure");
    EXPECT_EQ(via("wss://h.example/"), "secure");
    EXPECT_EQ(via("http://h.example/"), "plain");
    EXPECT_EQ(via("https://notexact.example/"), "secure");
    EXPECT_EQ(via("https://port.example/"), "secure");
    EXPECT_EQ(via("https://11.0.0.1/"), "secure");
    for (const char* text :
         {"https://exact.example/", "https://a.exact.example/", "https://exact.example./",
          "https://a.below.example/", "https://below.example/", "https://a.star.example/",
          "https://10.1.2.3/", "https://9.9.9.9/", "https://[::5]/",
          "https://port.example:8443/", "https://mixed.example/", "http://localhost/",
          "http://127.0.0.1:80/", "https://[::1]/", "unix:/a/b"}) {
        EXPECT_EQ(via(text), "") << text;
    }
    environment["no_proxy"] = "*";
    rules = proxy_rules::read([&](const char* name) -> const char* {
        auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    });
    EXPECT_EQ(via("https://h.example/"), "");
}

TEST(proxy, a_malformed_one_is_told_when_it_would_be_used) {
    broker_fixture f;
    f.environment = {{"http_proxy", "socks5://h"}};
    f.use({{"127.0.0.1"}});
    EXPECT_EQ(f.ask("http://h.example/", 0, egress_class::configured).error().code, errc::config);
}

// A proxy that opens "tunnels" in which it plays the server itself.
struct recorder {
    std::mutex mutex;
    std::vector<std::string> lines;

    void add(const std::string& text) {
        std::lock_guard lock(mutex);
        lines.push_back(text);
    }
};

TEST(proxy, reads_the_whole_url_of_a_plain_request) {
    recorder seen;
    script_server server([&](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        seen.add(request);
        auto answer = http_answer("by proxy");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    broker_fixture f;
    f.environment = {{"http_proxy", "http://u:p@127.0.0.1:" + std::to_string(server.port())}};
    f.use({{"192.0.2.1"}});
    EXPECT_EQ(f.ask("http://h.example:81/x?y", 0, egress_class::configured).value(), "by proxy");
    EXPECT_EQ(f.asked, 0) << "the proxy resolves the name";
    ASSERT_EQ(seen.lines.size(), 1u);
    EXPECT_TRUE(seen.lines[0].starts_with("GET http://h.example:81/x?y HTTP/1.1\r\n"));
    EXPECT_NE(seen.lines[0].find("Proxy-Authorization: Basic dTpw\r\n"), std::string::npos);
    EXPECT_NE(seen.lines[0].find("Host: h.example:81\r\n"), std::string::npos);
}

TEST(proxy, a_request_of_others_goes_by_a_checked_address_in_a_tunnel) {
    recorder seen;
    script_server server([&](script_peer& peer, unsigned) -> task<> {
        auto connect = co_await peer.request();
        seen.add(connect);
        co_await peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
        auto request = co_await peer.request();
        seen.add(request);
        auto answer = http_answer("inside");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    broker_fixture f;
    f.environment = {{"http_proxy", "http://127.0.0.1:" + std::to_string(server.port())}};
    f.use({{"8.8.8.8"}, {"10.0.0.1"}});
    EXPECT_EQ(f.ask("http://h.example/x", 0, egress_class::requested).value(), "inside");
    EXPECT_EQ(f.asked, 1);
    ASSERT_EQ(seen.lines.size(), 2u);
    EXPECT_TRUE(seen.lines[0].starts_with("CONNECT 8.8.8.8:80 HTTP/1.1\r\n")) << seen.lines[0];
    EXPECT_TRUE(seen.lines[1].starts_with("GET /x HTTP/1.1\r\n"));
    EXPECT_NE(seen.lines[1].find("Host: h.example\r\n"), std::string::npos);
    // The name leads inside now.
    EXPECT_EQ(f.ask("http://other.example/x", 0, egress_class::requested).error().code,
              errc::forbidden);
}

TEST(proxy, a_refused_tunnel_is_a_network_error) {
    for (std::string answer :
         {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "garbage\r\n\r\n",
          "HTTP/1.1 200 OK\r\n\r\nsmuggled", ""}) {
        script_server server([&](script_peer& peer, unsigned) -> task<> {
            co_await peer.request();
            co_await peer.send(answer);
        });
        broker_fixture f;
        f.environment = {{"https_proxy", "http://127.0.0.1:" + std::to_string(server.port())}};
        f.use({{"192.0.2.1"}});
        auto outcome = f.ask("https://h.example/", 0, egress_class::configured);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, errc::network) << answer;
    }
}

// The limit of descriptors, for the time of a test.
class descriptor_limit {
public:
    descriptor_limit() { getrlimit(RLIMIT_NOFILE, &before_); }
    ~descriptor_limit() { lift(); }
    // So many are left.
    void reach(int left = 0) {
        const descriptor next(eventfd(0, EFD_CLOEXEC));
        rlimit low = before_;
        low.rlim_cur = static_cast<rlim_t>(next.get() + left);
        setrlimit(RLIMIT_NOFILE, &low);
    }
    void lift() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// A broker, and a port where the kernel takes connections.
struct descriptors_fixture {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    egress_broker broker{proxy_rules(), "", nullptr};
    descriptor_limit files;

    task<result<void>> open_task(milliseconds limit) {
        url to;
        to.scheme = "http";
        to.host = "127.0.0.1";
        to.port = acceptor.local_endpoint().port();
        auto socket = co_await broker.open(io.get_executor(), to, egress_class::configured, {}, limit);
        if (!socket) co_return socket.error();
        co_return result<void>();
    }
    result<void> open(milliseconds limit) { return test::run(io, open_task(limit)); }
};

// UBSan looks at a pointer through a pipe that it opens, and where there is no descriptor it reports the
// pointer.
#ifdef __SANITIZE_ADDRESS__
constexpr bool checks_need_descriptors = true;
#else
constexpr bool checks_need_descriptors = false;
#endif

TEST(egress, waits_for_a_descriptor) {
    if (checks_need_descriptors) GTEST_SKIP() << "the sanitizer needs a descriptor for each check";
    descriptors_fixture f;
    // The first attempt comes before this, for it waits for nothing.
    asio::steady_timer later(f.io, milliseconds(1));
    f.files.reach();
    later.async_wait([&](const auto&) { f.files.lift(); });
    EXPECT_TRUE(f.open(milliseconds(20'000)));
}

TEST(egress, says_so_when_no_descriptor_comes) {
    if (checks_need_descriptors) GTEST_SKIP() << "the sanitizer needs a descriptor for each check";
    descriptors_fixture f;
    f.files.reach();
    const auto outcome = f.open(milliseconds(150));
    f.files.lift();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::network);
    const auto& said = outcome.error().message;
    EXPECT_NE(said.find("no descriptor is left"), std::string::npos) << said;
}

TEST(egress, keeps_no_connection_where_clients_find_no_place) {
    script_server server(echo);
    broker_fixture f;
    descriptor_limit files;
    files.reach(40);
    f.use({{"127.0.0.1"}});
    const auto fetch = [&] {
        return f.ask("http://name.example/x", server.port(), egress_class::configured).value();
    };
    EXPECT_EQ(fetch() + fetch(), "/x/x");
    EXPECT_EQ(server.accepted(), 1u);
    const descriptor_room room;
    std::vector<descriptor> taken;
    while (room.has_place(false)) taken.emplace_back(eventfd(0, EFD_CLOEXEC));
    EXPECT_EQ(fetch() + fetch(), "/x/x");
    EXPECT_EQ(server.accepted(), 2u);
}

}  // namespace
}  // namespace openclaw::net
