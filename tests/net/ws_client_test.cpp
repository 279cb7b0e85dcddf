#include "openclaw/net/ws_client.hpp"

#include "support/run.hpp"
#include "support/script_server.hpp"
#include "support/temp_dir.hpp"
#include "support/test_authority.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <openssl/evp.h>

#include <gtest/gtest.h>

#include <fstream>

namespace openclaw::net {
namespace {

using test::script_peer;
using test::script_server;

// RFC 6455 §4.2.2, by hand, so that the client is not tested against its own library.
std::string accept_key(const std::string& request) {
    static constexpr std::string_view name = "Sec-WebSocket-Key: ";
    auto at = request.find(name) + name.size();
    auto key = request.substr(at, request.find("\r\n", at) - at);
    key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest;
    unsigned size = 0;
    EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return to_base64(std::string_view(reinterpret_cast<char*>(digest.data()), size));
}

std::string upgraded(const std::string& request) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept_key(request) + "\r\n\r\n";
}

// An unmasked frame of a server with a short payload.
std::string frame(unsigned char first, std::string_view payload) {
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    return out.append(payload);
}

constexpr unsigned char text_frame = 0x81;
constexpr unsigned char close_frame = 0x88;

struct ws_fixture {
    asio::io_context io;
    client_options options;
    request_limits limits;

    ws_fixture() {
        options.use_proxy_environment = false;
        limits.connect = milliseconds(5000);
    }
    result<std::unique_ptr<ws_client>> connect(const std::string& to, header_list headers = {}) {
        auto u = parse_url(to).value();
        return test::run(io, ws_connect(u, std::move(headers), options, limits));
    }
    static std::string at(const script_server& server, const std::string& path = "/") {
        return "ws://127.0.0.1:" + std::to_string(server.port()) + path;
    }
};

TEST(ws_client, upgrades_reads_writes_and_closes) {
    std::string request;
    script_server server([&](script_peer& peer, unsigned) -> task<> {
        request = co_await peer.request();
        auto answer = upgraded(request) + frame(text_frame, "hello") + frame(0x01, "two ") +
                      frame(0x80, "parts") + frame(text_frame, std::string(3000, 'x'));
        co_await peer.send(answer);
        // One masked text frame "ping?" of the client: 2 + 4 + 5 bytes.
        std::string masked(11, '\0');
        co_await asio::async_read(peer.raw(), asio::buffer(masked), asio::use_awaitable);
        std::string payload;
        for (std::size_t i = 0; i < 5; ++i) {
            payload += static_cast<char>(masked[6 + i] ^ masked[2 + i % 4]);
        }
        auto echo = frame(text_frame, payload) + frame(close_frame, "\x03\xf4" "restarting");
        co_await peer.send(echo);
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    header_list headers;
    headers.add("Authorization", "Bearer t");
    auto ws = f.connect(ws_fixture::at(server, "/ws?v=1"), headers);
    ASSERT_TRUE(ws) << ws.error().to_string();
    auto& client = **ws;
    EXPECT_EQ(test::run(f.io, client.read()).value(), "hello");
    EXPECT_EQ(test::run(f.io, client.read()).value(), "two parts");
    EXPECT_EQ(test::run(f.io, client.read()).value().size(), 3000u);
    EXPECT_TRUE(test::run(f.io, client.write("ping?")));
    EXPECT_EQ(test::run(f.io, client.read()).value(), "ping?");
    EXPECT_EQ(client.close_code(), 0);
    auto end = test::run(f.io, client.read());
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, errc::unavailable);
    EXPECT_EQ(client.close_code(), 1012);
    EXPECT_EQ(client.close_reason(), "restarting");
    EXPECT_TRUE(request.starts_with("GET /ws?v=1 HTTP/1.1\r\n"));
    EXPECT_NE(request.find("Authorization: Bearer t\r\n"), std::string::npos);
    test::run(f.io, client.close(1000, "bye"));
}

TEST(ws_client, reaches_a_unix_socket) {
    test::temp_dir dir;
    script_server server(dir.path() / "s.sock", [](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        auto answer = upgraded(request) + frame(text_frame, request.substr(0, 6));
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    auto ws = f.connect("unix:" + (dir.path() / "s.sock").string());
    ASSERT_TRUE(ws) << ws.error().to_string();
    EXPECT_EQ(test::run(f.io, (*ws)->read()).value(), "GET / ");
}

TEST(ws_client, speaks_over_tls_and_closes) {
    test::temp_dir dir;
    test::test_authority authority;
    auto id = authority.issue("DNS:localhost");
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(id.certificate));
    context.use_private_key(asio::buffer(id.key), asio::ssl::context::pem);
    auto closing = std::make_shared<promise<std::string>>();
    script_server server([&](script_peer& peer, unsigned) -> task<> {
        asio::ssl::stream<script_peer::socket&> secure(peer.raw(), context);
        co_await secure.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
        std::string request;
        co_await asio::async_read_until(secure, asio::dynamic_buffer(request), "\r\n\r\n",
                                        asio::use_awaitable);
        auto answer = upgraded(request) + frame(text_frame, "hi");
        co_await asio::async_write(secure, asio::buffer(answer), asio::use_awaitable);
        // A masked close frame: 2 + 4 bytes, the code, and "bye".
        std::string bytes(11, '\0');
        co_await asio::async_read(secure, asio::buffer(bytes), asio::use_awaitable);
        for (std::size_t i = 0; i < 5; ++i) bytes[6 + i] ^= bytes[2 + i % 4];
        closing->set(bytes.substr(0, 1) + bytes.substr(6));
        answer = frame(close_frame, "\x03\xe9");
        co_await asio::async_write(secure, asio::buffer(answer), asio::use_awaitable);
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    f.options.ca_file = (dir.path() / "ca.pem").string();
    std::ofstream(f.options.ca_file) << authority.pem();
    auto ws = f.connect("wss://localhost:" + std::to_string(server.port()) + "/");
    ASSERT_TRUE(ws) << ws.error().to_string();
    EXPECT_EQ(test::run(f.io, (*ws)->read()).value(), "hi");
    test::run(f.io, (*ws)->close(1001, "bye"));
    EXPECT_EQ(test::run(f.io, closing->get()), "\x88\x03\xe9" "bye");
    EXPECT_FALSE(test::run(f.io, (*ws)->read()));
}

struct refusal {
    const char* name;
    const char* answer;
    errc code;
};

class ws_refusals : public testing::TestWithParam<refusal> {};

TEST_P(ws_refusals, are_told_by_class) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.send(GetParam().answer);
    });
    ws_fixture f;
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_FALSE(ws);
    EXPECT_EQ(name_of(ws.error().code), name_of(GetParam().code)) << ws.error().to_string();
}

INSTANTIATE_TEST_SUITE_P(
    table, ws_refusals,
    testing::Values(
        refusal{"unauthenticated", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
                errc::unauthenticated},
        refusal{"forbidden", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
                errc::forbidden},
        refusal{"plain_http", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", errc::protocol},
        refusal{"wrong_key",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: AAAA\r\n\r\n",
                errc::protocol},
        refusal{"gone", "", errc::network}),
    [](const auto& p) { return std::string(p.param.name); });

TEST(ws_client, a_broken_connection_is_a_network_error) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        auto answer = upgraded(request) + std::string("\x81\x05he", 4);
        co_await peer.send(answer);
    });
    ws_fixture f;
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_TRUE(ws);
    EXPECT_EQ(test::run(f.io, (*ws)->read()).error().code, errc::network);
    EXPECT_EQ((*ws)->close_code(), 0);
}

TEST(ws_client, a_message_beyond_the_bound_is_too_large) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        // The header of a frame of 33 MB is enough.
        auto answer = upgraded(request) + std::string("\x82\x7f\x00\x00\x00\x00\x02\x10\x00\x00", 10);
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_TRUE(ws);
    EXPECT_EQ(test::run(f.io, (*ws)->read()).error().code, errc::too_large);
}

TEST(ws_client, a_peer_that_breaks_the_protocol) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        auto answer = upgraded(request) + frame(0xf3, "x");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_TRUE(ws);
    EXPECT_EQ(test::run(f.io, (*ws)->read()).error().code, errc::protocol);
}

TEST(ws_client, an_upgrade_that_never_comes_meets_its_deadline) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.closed_by_client();
    });
    ws_fixture f;
    f.limits.connect = milliseconds(30);
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_FALSE(ws);
    EXPECT_EQ(ws.error().code, errc::timed_out);
}

TEST(ws_client, cancelling_a_read_ends_it) {
    auto closed = std::make_shared<promise<bool>>();
    script_server server([closed](script_peer& peer, unsigned) -> task<> {
        auto request = co_await peer.request();
        auto answer = upgraded(request);
        co_await peer.send(answer);
        co_await peer.closed_by_client();
        closed->set(true);
    });
    ws_fixture f;
    auto ws = f.connect(ws_fixture::at(server));
    ASSERT_TRUE(ws);
    task_group group;
    auto reader = [](std::unique_ptr<ws_client> client) -> task<> {
        auto message = co_await client->read();
        EXPECT_FALSE(message);
    };
    group.spawn(f.io.get_executor(), "read", reader(std::move(*ws)));
    f.io.restart();
    f.io.poll();
    group.stop();
    test::run(f.io, group.join());
    EXPECT_TRUE(test::run(f.io, closed->get()));
}

TEST(ws_client, refuses_other_schemes_and_bad_fields) {
    ws_fixture f;
    EXPECT_EQ(f.connect("http://127.0.0.1/").error().code, errc::invalid_input);
    header_list headers;
    headers.add("X", "a\r\nb");
    EXPECT_EQ(f.connect("ws://127.0.0.1/", headers).error().code, errc::invalid_input);
}

}  // namespace
}  // namespace openclaw::net
