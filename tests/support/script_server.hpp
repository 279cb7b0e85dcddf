#pragma once

#include "openclaw/core/task.hpp"
#include "openclaw/core/task_group.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace openclaw::test {

// What a script sees of one accepted connection.
class script_peer {
public:
    using socket = asio::generic::stream_protocol::socket;

    explicit script_peer(socket s) : socket_(std::move(s)) {}

    // The next request, head and Content-Length body, as it came; empty once the other side closed.
    task<std::string> request() {
        boost::system::error_code failure;
        auto head = co_await asio::async_read_until(
            socket_, asio::dynamic_buffer(held_), "\r\n\r\n",
            asio::redirect_error(asio::use_awaitable, failure));
        if (failure) co_return std::string();
        auto whole = head + body_length(std::string_view(held_).substr(0, head));
        while (held_.size() < whole) {
            std::string more(whole - held_.size(), '\0');
            auto n = co_await socket_.async_read_some(
                asio::buffer(more), asio::redirect_error(asio::use_awaitable, failure));
            if (failure) co_return std::string();
            held_.append(more, 0, n);
        }
        auto out = held_.substr(0, whole);
        held_.erase(0, whole);
        co_return out;
    }

    // Sends all of it; false when the other side is gone.
    task<bool> send(std::string bytes) {
        boost::system::error_code failure;
        co_await asio::async_write(socket_, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, failure));
        co_return !failure;
    }

    // Waits for the other side to close, dropping what it sends meanwhile.
    task<> closed_by_client() {
        boost::system::error_code failure;
        std::string dropped(4096, '\0');
        while (!failure) {
            co_await socket_.async_read_some(asio::buffer(dropped),
                                             asio::redirect_error(asio::use_awaitable, failure));
        }
    }

    // Ends with a reset instead of an orderly close.
    void reset() {
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    socket& raw() { return socket_; }

private:
    static std::size_t body_length(std::string_view head) {
        static constexpr std::string_view name = "Content-Length: ";
        auto at = head.find(name);
        if (at == std::string_view::npos) return 0;
        return std::stoul(std::string(head.substr(at + name.size(), 12)));
    }

    socket socket_;
    std::string held_;
};

// A server that says what a script tells it, on a thread and an io_context of its own, so that a
// client under test may block, be cancelled, or run on many threads. One strand: scripts do not
// race each other. Port 0 of 127.0.0.1, or a Unix socket.
class script_server {
public:
    // Called for each connection with its number from 0; the connection closes when it returns.
    using script = std::function<task<>(script_peer&, unsigned)>;

    explicit script_server(script s) : script_(std::move(s)) {
        using asio::ip::tcp;
        tcp::acceptor bound(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        port_ = bound.local_endpoint().port();
        begin(std::move(bound));
    }
    script_server(const std::filesystem::path& path, script s)
        : script_(std::move(s)) {
        begin(asio::local::stream_protocol::acceptor(
            io_, asio::local::stream_protocol::endpoint(path.string())));
    }
    ~script_server() {
        group_.stop();
        asio::post(io_, [this] { work_.reset(); });
        thread_.join();
    }
    script_server(const script_server&) = delete;
    script_server& operator=(const script_server&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }
    unsigned accepted() const { return accepted_; }

private:
    template <class Acceptor>
    void begin(Acceptor acceptor) {
        group_.spawn(io_.get_executor(), "accept", accept(std::move(acceptor)));
        thread_ = std::thread([this] { io_.run(); });
    }

    template <class Acceptor>
    task<> accept(Acceptor acceptor) {
        while (true) {
            boost::system::error_code failure;
            auto s = co_await acceptor.async_accept(
                asio::redirect_error(asio::use_awaitable, failure));
            if (failure) co_return;
            group_.spawn(io_.get_executor(), "script", serve(script_peer::socket(std::move(s))));
        }
    }

    task<> serve(script_peer::socket s) {
        script_peer peer(std::move(s));
        co_await script_(peer, accepted_++);
    }

    script script_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::uint16_t port_ = 0;
    std::atomic<unsigned> accepted_{0};
    std::thread thread_;
    task_group group_;
};

// A whole answer with a Content-Length.
inline std::string http_answer(std::string_view body, std::string_view status = "200 OK",
                               std::string_view fields = "") {
    std::string out = "HTTP/1.1 ";
    out.append(status).append("\r\n").append(fields);
    out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return out.append(body);
}

}  // namespace openclaw::test
