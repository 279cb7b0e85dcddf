#include "openclaw/net/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace openclaw::net {

namespace {

constexpr std::size_t longest_message = 4096;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::uint64_t number_in(const std::string& text) {
    std::uint64_t n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? n : 0;
}

// The length of the address in `at`; 0: the text is no address.
socklen_t address_of(const std::string& text, sockaddr_un& at) {
    if (text.size() < 2 || text.size() >= sizeof(at.sun_path)) return 0;
    if (text.front() != '/' && text.front() != '@') return 0;
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, text.data(), text.size());
    if (text.front() == '@') at.sun_path[0] = '\0';
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
}

}  // namespace

bool tell_service_manager(std::string_view lines) {
    sockaddr_un at{};
    const auto size = address_of(variable("NOTIFY_SOCKET"), at);
    if (size == 0) return false;
    const descriptor out(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!out) return false;
    return sendto(out.get(), lines.data(), lines.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&at),
                  size) == static_cast<ssize_t>(lines.size());
}

std::chrono::milliseconds watchdog_interval() {
    const auto meant = variable("WATCHDOG_PID");
    if (!meant.empty() && number_in(meant) != static_cast<std::uint64_t>(getpid())) return {};
    const auto limit = std::chrono::microseconds(number_in(variable("WATCHDOG_USEC")));
    return std::chrono::ceil<std::chrono::milliseconds>((limit + std::chrono::microseconds(1)) / 2);
}

result<notify_listener> notify_listener::open() {
    descriptor in(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!in) return from_errno(errno, "cannot make a socket");
    // The kernel puts who sent it to each message, and chooses the name.
    const int on = 1;
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    socklen_t size = sizeof(at);
    if (setsockopt(in.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0 ||
        ::bind(in.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at.sun_family)) != 0 ||
        getsockname(in.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) {
        return from_errno(errno, "cannot bind a socket");
    }
    std::string name(at.sun_path, size - offsetof(sockaddr_un, sun_path));
    name.front() = '@';
    return notify_listener(std::move(in), std::move(name));
}

std::string notify_listener::take(pid_t sender) {
    std::array<char, longest_message> text{};
    iovec place{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> about{};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = about.data();
    message.msg_controllen = about.size();
    const auto n = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n <= 0) return {};
    const auto* head = CMSG_FIRSTHDR(&message);
    if (head == nullptr || head->cmsg_type != SCM_CREDENTIALS) return {};
    ucred who{};
    std::memcpy(&who, CMSG_DATA(head), sizeof(who));
    return who.pid == sender ? std::string(text.data(), static_cast<std::size_t>(n)) : std::string();
}

}  // namespace openclaw::net
