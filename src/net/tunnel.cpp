#include "net/tunnel.hpp"

#include "net/response_parser.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace openclaw::net {

namespace {

std::string connect_request(const url& goal, const proxy& via) {
    bool brackets = goal.host.find(':') != std::string::npos;
    auto authority = (brackets ? '[' + goal.host + ']' : goal.host) + ':' +
                     std::to_string(goal.port);
    auto wire = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!via.authorization.empty()) wire += "Proxy-Authorization: " + via.authorization + "\r\n";
    return wire + "\r\n";
}

error tunnel_error(const proxy& via, const std::string& why) {
    return error(errc::network, "the proxy " + via.host + " gave no tunnel: " + why,
                 "Check HTTPS_PROXY and HTTP_PROXY, or exempt the host with NO_PROXY.");
}

}  // namespace

task<result<stream_socket>> connect_through(stream_socket socket, const url& goal,
                                            const proxy& via) {
    auto wire = connect_request(goal, via);
    error_code failure;
    co_await asio::async_write(socket, asio::buffer(wire),
                               asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return tunnel_error(via, failure.message());

    response_parser parser({.max_header = 16 << 10, .expect_body = false});
    std::string no_body;
    std::array<char, 16 << 10> buffer;
    std::size_t held = 0;
    while (!parser.done()) {
        if (held == buffer.size()) co_return tunnel_error(via, "its answer is too long");
        auto space = asio::buffer(buffer) + held;
        auto n = co_await socket.async_read_some(
            space, asio::redirect_error(asio::use_awaitable, failure));
        if (failure) co_return tunnel_error(via, failure.message());
        held += n;
        auto taken = parser.feed(std::string_view(buffer.data(), held), no_body);
        if (!taken) co_return tunnel_error(via, taken.error().message);
        std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(*taken),
                  buffer.begin() + static_cast<std::ptrdiff_t>(held), buffer.begin());
        held -= *taken;
    }
    if (parser.status() / 100 != 2) {
        co_return tunnel_error(via, "it answered with status " + std::to_string(parser.status()));
    }
    // Bytes before our first one in the tunnel can only be an attempt to slip something in.
    if (held > 0) co_return tunnel_error(via, "it sent bytes ahead of the tunnel");
    co_return socket;
}

}  // namespace openclaw::net
