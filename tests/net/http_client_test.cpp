#include "support/client_fixture.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace openclaw::net {
namespace {

using test::http_answer;
using test::script_peer;
using test::script_server;

TEST(http_client, keeps_a_connection_for_the_next_request) {
    script_server server(echo);
    client_fixture f;
    for (int i = 0; i < 5; ++i) {
        auto target = "/" + std::to_string(i);
        EXPECT_EQ(f.fetch_from(server, get(target)).value(), target);
    }
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(http_client, opens_a_new_one_when_the_server_asks_to_close) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        auto answer = http_answer("x", "200 OK", "Connection: close\r\n");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    client_fixture f;
    EXPECT_EQ(f.fetch_from(server).value(), "x");
    EXPECT_EQ(f.fetch_from(server).value(), "x");
    EXPECT_EQ(server.accepted(), 2u);
}

TEST(http_client, does_not_use_a_connection_beyond_its_idle_time) {
    script_server server(echo);
    client_fixture f;
    f.options.idle_timeout = milliseconds(0);
    EXPECT_TRUE(f.fetch_from(server));
    EXPECT_TRUE(f.fetch_from(server));
    EXPECT_EQ(server.accepted(), 2u);
}

TEST(http_client, does_not_pool_after_close) {
    script_server server(echo);
    client_fixture f;
    EXPECT_TRUE(f.fetch_from(server));
    f.http().close();
    EXPECT_TRUE(f.fetch_from(server));
    EXPECT_TRUE(f.fetch_from(server));
    EXPECT_EQ(server.accepted(), 3u);
}

TEST(http_client, retries_a_stale_connection_once) {
    // The first connection answers once and drops the second request without a byte.
    script_server server([](script_peer& peer, unsigned number) -> task<> {
        co_await peer.request();
        auto answer = http_answer(std::to_string(number));
        co_await peer.send(answer);
        co_await peer.request();
        if (number == 0) peer.reset();
    });
    client_fixture f;
    EXPECT_EQ(f.fetch_from(server).value(), "0");
    EXPECT_EQ(f.fetch_from(server).value(), "1");
    EXPECT_EQ(server.accepted(), 2u);
}

TEST(http_client, does_not_retry_a_fresh_connection) {
    script_server server([](script_peer& peer, unsigned) -> task<> { co_await peer.request(); });
    client_fixture f;
    EXPECT_EQ(f.fetch_from(server).error().code, errc::network);
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(http_client, does_not_retry_once_an_answer_began) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        auto answer = http_answer("x");
        co_await peer.send(answer);
        co_await peer.request();
        co_await peer.send("HTTP/1.1 2");
    });
    client_fixture f;
    EXPECT_TRUE(f.fetch_from(server));
    EXPECT_EQ(f.fetch_from(server).error().code, errc::network);
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(http_client, reads_a_chunked_body_in_odd_cuts) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        const std::string wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\nhello\r\n1;a=b\r\n \r\n5\r\nworld\r\n0\r\nX: y\r\n\r\n";
        for (char c : wire) co_await peer.send(std::string(1, c));
        co_await peer.closed_by_client();
    });
    client_fixture f;
    EXPECT_EQ(f.fetch_from(server).value(), "hello world");
}

TEST(http_client, sends_and_reads_a_large_body) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        auto body = request.substr(request.find("\r\n\r\n") + 4);
        auto answer = http_answer(body);
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    client_fixture f;
    auto request = get();
    request.method = "POST";
    for (int i = 0; i < 700'000; ++i) request.body += static_cast<char>('a' + i % 26);
    auto expected = request.body;
    auto body = f.fetch_from(server, std::move(request));
    ASSERT_TRUE(body) << body.error().to_string();
    EXPECT_TRUE(*body == expected) << "got " << body->size() << " bytes";
}

struct broken_case {
    const char* name;
    std::string wire;
    errc code;
};

class broken_answers : public testing::TestWithParam<broken_case> {};

TEST_P(broken_answers, are_told_by_class) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        auto wire = GetParam().wire;
        co_await peer.send(wire);
    });
    client_fixture f;
    f.limits.max_body = 1000;
    f.limits.max_header = 20'000;
    auto outcome = f.fetch_from(server);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(name_of(outcome.error().code), name_of(GetParam().code));
    EXPECT_EQ(server.accepted(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    table, broken_answers,
    testing::Values(broken_case{"truncated", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
                                errc::network},
                    broken_case{"not_http", "220 smtp ready\r\n\r\n", errc::protocol},
                    broken_case{"long_header",
                                "HTTP/1.1 200 OK\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n",
                                errc::too_large},
                    broken_case{"long_body", "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'),
                                errc::too_large}),
    [](const auto& p) { return std::string(p.param.name); });

TEST(http_client, gives_the_early_answer_of_a_server_that_stops_reading) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        // The head alone: the body stays unread in the socket.
        std::string head(64, '\0');
        co_await peer.raw().async_read_some(asio::buffer(head), asio::use_awaitable);
        auto answer = http_answer("too much", "413 Content Too Large", "Connection: close\r\n");
        co_await peer.send(answer);
        boost::system::error_code ignored;
        peer.raw().shutdown(asio::socket_base::shutdown_send, ignored);
        co_await peer.closed_by_client();
    });
    client_fixture f;
    auto request = get();
    request.method = "POST";
    request.body.assign(4096, 'x');
    EXPECT_EQ(f.fetch_from(server, std::move(request)).value(), "too much");
}

TEST(http_client, refuses_schemes_that_it_does_not_speak) {
    client_fixture f;
    auto outcome = test::run(f.io, f.fetch(parse_url("ws://127.0.0.1/").value(), get()));
    EXPECT_EQ(outcome.error().code, errc::invalid_input);
}

TEST(http_client, refuses_injection_before_it_connects) {
    script_server server(echo);
    client_fixture f;
    auto request = get("/");
    request.headers.add("X-Key", "a\r\nEvil: 1");
    EXPECT_EQ(f.fetch_from(server, std::move(request)).error().code, errc::invalid_input);
    EXPECT_EQ(server.accepted(), 0u);
}

TEST(http_client, requests_of_others_do_not_reach_this_machine) {
    script_server server(echo);
    client_fixture f;
    auto to = parse_url(server.url()).value();
    for (const char* host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "0177.0.0.1"}) {
        to.host = host;
        auto outcome =
            test::run(f.io, f.http().send(to, get(), f.limits, egress_class::requested));
        ASSERT_FALSE(outcome) << host;
        EXPECT_EQ(outcome.error().code, errc::forbidden) << host;
    }
    EXPECT_EQ(server.accepted(), 0u);
}

TEST(http_client, a_pooled_connection_of_the_operator_is_not_lent_to_others) {
    script_server server(echo);
    client_fixture f;
    EXPECT_TRUE(f.fetch_from(server));
    auto to = parse_url(server.url()).value();
    auto outcome = test::run(f.io, f.http().send(to, get(), f.limits, egress_class::requested));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::forbidden);
}

TEST(http_client, speaks_over_a_unix_socket) {
    test::temp_dir dir;
    script_server server(dir.path() / "s.sock", echo);
    client_fixture f;
    auto to = parse_url("unix:" + (dir.path() / "s.sock").string()).value();
    EXPECT_EQ(test::run(f.io, f.fetch(to, get("/health"))).value(), "/health");
    to.target = "/metrics";
    EXPECT_EQ(test::run(f.io, f.fetch(to, get(""))).value(), "/metrics");
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(http_client, a_closed_port_is_a_network_error) {
    client_fixture f;
    std::uint16_t port = 0;
    {
        script_server gone(echo);
        port = gone.port();
    }
    auto to = parse_url("http://127.0.0.1/").value();
    to.port = port;
    auto outcome = test::run(f.io, f.fetch(to, get()));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::network);
    EXPECT_NE(outcome.error().message.find(std::to_string(port)), std::string::npos);
}

}  // namespace
}  // namespace openclaw::net
