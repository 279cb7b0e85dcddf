#include "net/stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace openclaw::net {

namespace {

class plain_stream final : public byte_stream {
public:
    explicit plain_stream(stream_socket socket) : socket_(std::move(socket)) {
        error_code ignored;
        socket_.non_blocking(true, ignored);
    }

    std::size_t try_write(std::string_view bytes) override {
        error_code ignored;  // a failure shows again in write() or in the read
        return socket_.write_some(asio::buffer(bytes), ignored);
    }

    task<std::size_t> write(std::string_view bytes, error_code& failure) override {
        return asio::async_write(socket_, asio::buffer(bytes),
                                 asio::redirect_error(asio::use_awaitable, failure));
    }

    task<std::size_t> read_some(asio::mutable_buffer into, error_code& failure) override {
        return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, failure));
    }

    bool is_quiet() override {
        char byte = 0;
        error_code failure;
        socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, failure);
        return failure == asio::error::would_block || failure == asio::error::try_again;
    }

    int descriptor() override { return socket_.native_handle(); }

    void close() override {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    stream_socket socket_;
};

}  // namespace

std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket) {
    return std::make_unique<plain_stream>(std::move(socket));
}

}  // namespace openclaw::net
