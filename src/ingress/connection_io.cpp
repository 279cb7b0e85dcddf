#include "ingress/connection_io.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace openclaw::ingress {

namespace {

constexpr std::size_t linger_size = 64 << 10;  // bytes per read

}  // namespace

std::int64_t steady_ms() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void due_in(connection& c, milliseconds limit) {
    c.deadline.expired.store(false, std::memory_order_relaxed);
    c.deadline.at_ms.store(steady_ms() + limit.count(), std::memory_order_relaxed);
}

void never_due(connection& c) {
    c.deadline.at_ms.store(0, std::memory_order_relaxed);
}

task<result<void>> send_all(connection& c, std::array<asio::const_buffer, 3> pieces, milliseconds limit) {
    boost::system::error_code failure;
    std::size_t done = c.socket.write_some(pieces, failure);
    if (failure == asio::error::would_block) failure = {};
    if (!failure && done < asio::buffer_size(pieces)) {
        due_in(c, limit);
        for (auto& piece : pieces) {
            const auto n = std::min(done, piece.size());
            piece += n;
            done -= n;
        }
        co_await asio::async_write(c.socket, pieces,
                                   asio::redirect_error(asio::use_awaitable, failure));
        never_due(c);
    }
    if (failure) co_return error(errc::network, "the client is gone: " + failure.message());
    co_return result<void>();
}

task<result<void>> send_all(connection& c, std::string_view bytes, milliseconds limit) {
    const std::array<asio::const_buffer, 3> pieces{asio::buffer(bytes)};
    return send_all(c, pieces, limit);
}

task<> linger(connection& c, std::size_t limit) {
    boost::system::error_code failure;
    c.socket.shutdown(stream_socket::shutdown_send, failure);
    due_in(c, linger_time);
    std::string waste(linger_size, '\0');
    std::size_t total = 0;
    while (!failure && total < limit) {
        total += co_await c.socket.async_read_some(
            asio::buffer(waste), asio::redirect_error(asio::use_awaitable, failure));
    }
}

}  // namespace openclaw::ingress
