#include "openclaw/net/local_port.hpp"

#include "openclaw/core/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace openclaw::net {

bool is_local_port_open(std::uint16_t port) {
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (handle < 0) return false;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool open = ::connect(handle, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0;
    if (!open && errno == EINPROGRESS) {
        pollfd ready{handle, POLLOUT, 0};
        int failure = 0;
        socklen_t size = sizeof(failure);
        open = ::poll(&ready, 1, 50) == 1 &&
               getsockopt(handle, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
    }
    ::close(handle);
    return open;
}

result<void> check_address(const std::string& host) {
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(host, failure);
    asio::io_context io;
    asio::ip::tcp::acceptor trial(io);
    const asio::ip::tcp::endpoint at(address, 0);
    if (!failure) trial.open(at.protocol(), failure);
    if (!failure) trial.bind(at, failure);
    if (!failure) return {};
    return error(errc::config, "cannot listen on " + host + ": " + failure.message(),
                 "Check gateway.network.host.");
}

}  // namespace openclaw::net
