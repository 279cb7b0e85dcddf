// A bare WebSocket echo on Boost.Beast, one thread: what the library and the kernel cost without a
// gateway. The yardstick of `calls`. Prints its port, ends with its standard input.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <unistd.h>

#include <array>
#include <cstdio>

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

void stop_on_failure(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> serve(tcp::socket socket) {
    socket.set_option(tcp::no_delay(true));
    beast::websocket::stream<tcp::socket> ws(std::move(socket));
    boost::system::error_code failure;
    const auto token = [&] { return asio::redirect_error(asio::use_awaitable, failure); };
    co_await ws.async_accept(token());
    beast::flat_buffer buffer;
    while (!failure) {
        co_await ws.async_read(buffer, token());
        if (failure) break;
        ws.text(true);
        co_await ws.async_write(buffer.data(), token());
        buffer.consume(buffer.size());
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    while (true) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        const auto on = acceptor.get_executor();
        asio::co_spawn(on, serve(std::move(socket)), stop_on_failure);
    }
}

}  // namespace

int main() {
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    std::printf("%d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    asio::co_spawn(io, accept(acceptor), stop_on_failure);
    asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
    std::array<char, 1> unused{};
    input.async_read_some(asio::buffer(unused), [&io](boost::system::error_code, std::size_t) { io.stop(); });
    io.run();
    return 0;
}
