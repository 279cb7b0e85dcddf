#include "net/connection.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace openclaw::net {

namespace {
constexpr std::size_t first_buffer = 16 << 10;
}  // namespace

connection::connection(const executor& timers, std::unique_ptr<byte_stream> stream,
                       std::string pool_key, std::string peer)
    : stream_(std::move(stream)), pool_key_(std::move(pool_key)), peer_(std::move(peer)),
      buffer_(first_buffer), deadline_(timers, [this] { stream_->close(); }) {}

error connection::explain(const error_code& failure, const char* step) const {
    if (deadline_.expired()) {
        return error(errc::timed_out, std::string(step) + ' ' + peer_ + " took too long",
                     "The other side is slow or hangs; try again later.");
    }
    if (failure == asio::error::operation_aborted) {
        return error(errc::cancelled, std::string(step) + ' ' + peer_ + " was cancelled");
    }
    return error(errc::network, std::string(step) + ' ' + peer_ + " failed: " + failure.message());
}

task<result<void>> connection::write(std::string_view bytes, milliseconds limit) {
    deadline_.watch(limit);
    bytes.remove_prefix(stream_->try_write(bytes));
    if (bytes.empty()) co_return result<void>();
    error_code failure;
    co_await stream_->write(bytes, failure);
    if (failure) co_return explain(failure, "sending to");
    co_return result<void>();
}

task<result<std::size_t>> connection::fill(std::size_t max_buffer, milliseconds limit,
                                           const char* waiting) {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (end_ == buffer_.size() && begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) {
        if (end_ >= max_buffer) {
            co_return error(errc::too_large, peer_ + " sent a header that is longer than allowed",
                            "Look at what answers there: it does not seem to be the service.");
        }
        buffer_.resize(std::min(buffer_.size() * 2, max_buffer));
    }
    deadline_.watch(limit);
    error_code failure;
    auto space = asio::buffer(buffer_) + end_;
    auto n = co_await stream_->read_some(space, failure);
    end_ += n;
    if (failure == asio::error::eof && !deadline_.expired()) co_return std::size_t(0);
    if (failure) co_return explain(failure, waiting);
    co_return n;
}

}  // namespace openclaw::net
