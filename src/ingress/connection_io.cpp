#include "ingress/connection_io.hpp"

#include "ingress/http_writer.hpp"

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

bool ends_inside_character(std::string_view text) {
    for (std::size_t i = 1; i <= 3 && i <= text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[text.size() - i]);
        if ((c & 0xc0) == 0x80) continue;
        const std::size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return needed > i;
    }
    return false;
}

task<> refuse_connection(std::shared_ptr<connection> c, net::http_response response,
                         std::string request_id, const transport_limits& limits) {
    boost::system::error_code ignored;
    c->socket.non_blocking(true, ignored);
    std::string out;
    write_head(out, response, request_id, false, response.body.size());
    out += response.body;
    const auto sent = co_await send_all(*c, out, limits.write_time);
    if (sent) co_await linger(*c);
    c->socket.close(ignored);
}

}  // namespace openclaw::ingress
