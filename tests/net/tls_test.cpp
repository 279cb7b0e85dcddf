#include "support/client_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test_authority.hpp"

#include "net/egress.hpp"
#include "net/http_client_impl.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace openclaw::net {
namespace {

using test::http_answer;
using test::script_peer;
using test::script_server;
using test::test_authority;

struct tls_script {
    asio::ssl::context context{asio::ssl::context::tls_server};
    bool tunnel = false;        // expects CONNECT first
    bool close_notify = true;
    std::string until_close;    // a raw answer instead of echoes
    std::atomic<int> handshakes{0};

    explicit tls_script(const test_authority::identity& id) {
        context.use_certificate_chain(asio::buffer(id.certificate));
        context.use_private_key(asio::buffer(id.key), asio::ssl::context::pem);
    }

    task<> serve(script_peer& peer) {
        if (tunnel) {
            co_await peer.request();
            co_await peer.send("HTTP/1.1 200 OK\r\n\r\n");
        }
        asio::ssl::stream<script_peer::socket&> secure(peer.raw(), context);
        boost::system::error_code failure;
        auto quiet = asio::redirect_error(asio::use_awaitable, failure);
        co_await secure.async_handshake(asio::ssl::stream_base::server, quiet);
        if (failure) co_return;
        ++handshakes;
        std::string held;
        while (true) {
            auto n = co_await asio::async_read_until(secure, asio::dynamic_buffer(held),
                                                     "\r\n\r\n", quiet);
            if (failure) co_return;
            held.erase(0, n);
            auto answer = until_close.empty() ? http_answer("secure") : until_close;
            co_await asio::async_write(secure, asio::buffer(answer), quiet);
            if (until_close.empty()) continue;
            if (close_notify) co_await secure.async_shutdown(quiet);
            co_return;
        }
    }
    script_server::script script() {
        return [this](script_peer& peer, unsigned) -> task<> { co_await serve(peer); };
    }
};

struct tls_fixture : client_fixture {
    test::temp_dir dir;
    test_authority authority;

    void trust(const test_authority& who) {
        options.ca_file = (dir.path() / "ca.pem").string();
        std::ofstream(options.ca_file) << who.pem();
    }
    result<std::string> fetch_https(const script_server& server, const std::string& host) {
        auto to = parse_url("https://" + host + ":" + std::to_string(server.port()) + "/");
        return test::run(io, fetch(to.value(), get()));
    }
};

TEST(tls, a_trusted_server_is_reached_and_kept) {
    tls_fixture f;
    f.trust(f.authority);
    tls_script script(f.authority.issue("DNS:localhost,IP:127.0.0.1"));
    script_server server(script.script());
    EXPECT_EQ(f.fetch_https(server, "localhost").value(), "secure");
    EXPECT_EQ(f.fetch_https(server, "localhost").value(), "secure");
    EXPECT_EQ(script.handshakes, 1);
    EXPECT_EQ(f.fetch_https(server, "127.0.0.1").value(), "secure");
}

struct refused_case {
    const char* name;
    const char* certificate_for;
    const char* host;
    bool trusted;
    const char* story;
};

class refused_certificates : public testing::TestWithParam<refused_case> {};

TEST_P(refused_certificates, end_the_request) {
    const auto& c = GetParam();
    tls_fixture f;
    test_authority other;
    f.trust(c.trusted ? f.authority : other);
    tls_script script(f.authority.issue(c.certificate_for));
    script_server server(script.script());
    auto outcome = f.fetch_https(server, c.host);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::tls);
    EXPECT_NE(outcome.error().message.find(c.story), std::string::npos)
        << outcome.error().to_string();
}

INSTANTIATE_TEST_SUITE_P(
    table, refused_certificates,
    testing::Values(
        refused_case{"wrong_name", "DNS:example.com", "localhost", true, "hostname mismatch"},
        refused_case{"wrong_address", "IP:127.0.0.2", "127.0.0.1", true, "IP address mismatch"},
        refused_case{"name_is_no_address", "DNS:127.0.0.1", "127.0.0.1", true, "mismatch"},
        refused_case{"unknown_authority", "DNS:localhost", "localhost", false, "certificate"}),
    [](const auto& p) { return std::string(p.param.name); });

TEST(tls, old_versions_are_refused) {
    tls_fixture f;
    f.trust(f.authority);
    tls_script script(f.authority.issue("DNS:localhost"));
    SSL_CTX_set_max_proto_version(script.context.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(script.context.native_handle(), 0);
    script_server server(script.script());
    auto outcome = f.fetch_https(server, "localhost");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::tls);
}

TEST(tls, a_plain_server_is_a_tls_error) {
    tls_fixture f;
    f.trust(f.authority);
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        co_await peer.closed_by_client();
    });
    auto outcome = f.fetch_https(server, "localhost");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::tls);
}

TEST(tls, an_unreadable_ca_file_is_told) {
    tls_fixture f;
    f.options.ca_file = (f.dir.path() / "none.pem").string();
    tls_script script(f.authority.issue("DNS:localhost"));
    script_server server(script.script());
    auto outcome = f.fetch_https(server, "localhost");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::tls);
    EXPECT_NE(outcome.error().message.find("none.pem"), std::string::npos);
}

TEST(tls, a_body_until_close_must_end_with_close_notify) {
    for (bool orderly : {true, false}) {
        tls_fixture f;
        f.trust(f.authority);
        tls_script script(f.authority.issue("DNS:localhost"));
        script.until_close = "HTTP/1.1 200 OK\r\n\r\nbody";
        script.close_notify = orderly;
        script_server server(script.script());
        auto outcome = f.fetch_https(server, "localhost");
        EXPECT_EQ(outcome.has_value(), orderly);
        if (!orderly) {
            EXPECT_EQ(outcome.error().code, errc::network);
        }
    }
}

TEST(tls, through_a_tunnel_the_name_is_still_verified) {
    tls_fixture f;
    f.trust(f.authority);
    tls_script script(f.authority.issue("DNS:h.example"));
    script.tunnel = true;
    script_server server(script.script());
    auto proxy = "http://127.0.0.1:" + std::to_string(server.port());
    auto rules = proxy_rules::read([&](const char* name) -> const char* {
        return std::string_view(name) == "https_proxy" ? proxy.c_str() : nullptr;
    });
    f.client = make_http_client(f.io, f.options,
                                std::make_unique<egress_broker>(
                                    rules, f.options.ca_file, std::make_unique<system_resolver>()));
    auto good = test::run(f.io, f.fetch(parse_url("https://h.example/").value(), get()));
    EXPECT_EQ(good.value(), "secure");
    auto bad = test::run(f.io, f.fetch(parse_url("https://other.example/").value(), get()));
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, errc::tls);
}

TEST(tls, a_large_body_both_ways_on_four_threads) {
    tls_fixture f;
    f.trust(f.authority);
    tls_script script(f.authority.issue("DNS:localhost"));
    script.until_close = http_answer(std::string(1 << 20, 'y'), "200 OK", "Connection: close\r\n");
    script_server server(script.script());
    auto to = parse_url("https://localhost:" + std::to_string(server.port()) + "/").value();
    f.http();
    std::atomic<int> good{0};
    auto work = [](tls_fixture& fx, url u, std::atomic<int>& count) -> task<> {
        auto body = co_await fx.fetch(u, get());
        EXPECT_TRUE(body) << body.error().to_string();
        if (body && body->size() == 1 << 20) ++count;
    };
    task_group group;
    for (int i = 0; i < 8; ++i) {
        group.spawn(strand(f.io.get_executor()), "fetch", work(f, to, good));
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { f.io.run(); });
    for (auto& t : threads) t.join();
    EXPECT_EQ(good, 8);
}

}  // namespace
}  // namespace openclaw::net
