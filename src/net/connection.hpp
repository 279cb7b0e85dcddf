#pragma once

#include "net/stream.hpp"
#include "net/watchdog.hpp"
#include "openclaw/core/error.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::net {

// One HTTP connection: a stream, the bytes that were read ahead, and the deadline of its current
// step. Owned by one exchange at a time, or by the pool; used on that exchange's strand.
class connection {
public:
    connection(const executor& timers, std::unique_ptr<byte_stream> stream, std::string pool_key,
               std::string peer);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // The strand of the exchange that begins.
    void attach(executor ex) { deadline_.attach(std::move(ex)); }

    // All of `bytes` within `limit`.
    task<result<void>> write(std::string_view bytes, milliseconds limit);
    // Reads more behind what is buffered, within `limit`: how many bytes, 0 at the end of the
    // stream. The buffer grows up to `max_buffer`; too_large when it is full.
    task<result<std::size_t>> fill(std::size_t max_buffer, milliseconds limit, const char* waiting);
    std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t n) { begin_ += n; }

    // Whether it can serve another exchange.
    int descriptor() { return stream_->descriptor(); }
    bool is_reusable() { return !deadline_.expired() && begin_ == end_ && stream_->is_quiet(); }
    // Between exchanges no deadline runs.
    void rest() { deadline_.rest(); }
    const std::string& pool_key() const { return pool_key_; }
    const std::string& peer() const { return peer_; }

    steady_time idle_since{};  // kept by the pool

private:
    error explain(const error_code& failure, const char* step) const;

    std::unique_ptr<byte_stream> stream_;
    const std::string pool_key_;
    const std::string peer_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    watchdog deadline_;
};

}  // namespace openclaw::net
