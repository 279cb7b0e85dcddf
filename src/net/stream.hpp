#pragma once

#include "openclaw/core/task.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>
#include <string_view>

namespace openclaw::net {

// TCP and Unix sockets alike, so that what runs on top is compiled once.
using stream_socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

// A connected stream of bytes, plain or TLS. One reader and one writer at a time; destroying it
// closes it.
class byte_stream {
public:
    virtual ~byte_stream() = default;
    // Sends what goes at once, without waiting; 0 when nothing does or the stream cannot tell.
    virtual std::size_t try_write(std::string_view bytes) = 0;
    virtual task<std::size_t> write(std::string_view bytes, error_code& failure) = 0;
    virtual task<std::size_t> read_some(asio::mutable_buffer into, error_code& failure) = 0;
    // Whether the other side has neither closed nor sent anything; asked between exchanges.
    virtual bool is_quiet() = 0;
    // Its number; below 0 when it is closed.
    virtual int descriptor() = 0;
    virtual void close() = 0;
};

std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket);

}  // namespace openclaw::net
