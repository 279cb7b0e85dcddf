#include "bench/ws_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace openclaw::bench {

namespace {

constexpr std::array<unsigned char, 4> mask{0x37, 0xfa, 0x21, 0x3d};

constexpr unsigned char opcode_text = 1;
constexpr unsigned char opcode_close = 8;
constexpr unsigned char opcode_ping = 9;
constexpr unsigned char opcode_pong = 10;

struct frame {
    bool last = false;
    unsigned char opcode = 0;
    std::string_view payload;
    std::size_t size = 0;  // of the whole frame; 0: not there yet
};

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

// A server's frames are not masked.
frame parse(std::string_view in) {
    if (in.size() < 2) return {};
    const auto first = static_cast<unsigned char>(in[0]);
    std::uint64_t length = static_cast<unsigned char>(in[1]) & 0x7f;
    std::size_t head = 2;
    if (length >= 126) {
        const std::size_t bytes = length == 126 ? 2 : 8;
        if (in.size() < head + bytes) return {};
        length = big_endian(in.substr(head, bytes));
        head += bytes;
    }
    if (in.size() - head < length) return {};
    return {(first & 0x80) != 0, static_cast<unsigned char>(first & 0x0f),
            in.substr(head, static_cast<std::size_t>(length)),
            head + static_cast<std::size_t>(length)};
}

}  // namespace

bool is_answer(std::string_view text, std::string_view id) {
    if (text.find("\"type\":\"res\"") == std::string_view::npos) return false;
    return text.find("\"id\":\"" + std::string(id) + '"') != std::string_view::npos;
}

bool is_ok(std::string_view text) {
    return text.find("\"ok\":true") != std::string_view::npos;
}

ws_client::ws_client(const settings& s, std::uint64_t number) : settings_(s), number_(number) {}

ws_client::~ws_client() {
    if (fd_ >= 0) ::close(fd_);
}

void ws_client::start() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return close(std::string("socket: ") + std::strerror(errno));
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return close(std::string("connect: ") + std::strerror(errno));
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.u64 = number_;
    writing_ = true;
    ::epoll_ctl(settings_.epoll, EPOLL_CTL_ADD, fd_, &event);
    out_ = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(settings_.port) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

void ws_client::handle(std::uint32_t events) {
    if (phase_ == phase::closed) return;
    if (events & EPOLLERR) {
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failure, &size);
        return close(std::string("socket: ") + std::strerror(failure));
    }
    if (events & EPOLLOUT) {
        if (phase_ == phase::connecting) phase_ = phase::upgrading;
        flush();
    }
    if (phase_ != phase::closed && events & (EPOLLIN | EPOLLHUP)) read();
}

void ws_client::read() {
    std::array<char, 16384> buffer;
    while (phase_ != phase::closed) {
        const auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (n == 0) return close("closed by the gateway");
        if (n < 0) {
            if (errno == EAGAIN || errno == EINTR) break;
            return close(std::string("recv: ") + std::strerror(errno));
        }
        in_.append(buffer.data(), static_cast<std::size_t>(n));
        if (phase_ == phase::upgrading) take_upgrade();
        if (phase_ == phase::greeting || phase_ == phase::ready) take_frames();
        if (static_cast<std::size_t>(n) < buffer.size()) break;
    }
    // Ten thousand idle clients should not keep ten thousand buffers.
    if (in_.empty()) std::string().swap(in_);
}

void ws_client::take_upgrade() {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (in_.compare(0, 12, "HTTP/1.1 101") != 0) {
        return close("no upgrade: " + in_.substr(0, in_.find("\r\n")));
    }
    in_.erase(0, end + 4);
    phase_ = settings_.bare ? phase::ready : phase::greeting;
    if (settings_.bare && on_ready) on_ready();
}

void ws_client::stop_reading() {
    ::epoll_ctl(settings_.epoll, EPOLL_CTL_DEL, fd_, nullptr);
}

void ws_client::take_frames() {
    std::size_t used = 0;
    while (phase_ != phase::closed) {
        const auto f = parse(std::string_view(in_).substr(used));
        if (f.size == 0) break;
        used += f.size;
        if (f.opcode == opcode_ping) {
            write_frame(opcode_pong, f.payload);
        } else if (f.opcode == opcode_close) {
            const auto code = f.payload.size() >= 2 ? big_endian(f.payload.substr(0, 2)) : 1005;
            const auto text = f.payload.size() > 2 ? std::string(f.payload.substr(2)) : "";
            close("closed with " + std::to_string(code) + ' ' + text);
        } else if (f.opcode != opcode_pong) {
            if (f.last && partial_.empty()) {
                take_message(f.payload);
            } else {
                partial_ += f.payload;
                if (f.last) take_message(std::exchange(partial_, {}));
            }
        }
    }
    in_.erase(0, used);
}

void ws_client::take_message(std::string_view text) {
    if (phase_ == phase::ready) {
        if (on_message) on_message(text);
        return;
    }
    if (text.find("\"event\":\"connect.challenge\"") != std::string_view::npos) {
        request("connect", "connect",
                R"({"minProtocol":4,"maxProtocol":4,"client":{"id":"gateway-client","version":"1",)"
                R"("platform":"linux","mode":"backend"},"role":"operator",)"
                R"("scopes":["operator.read","operator.write"],)" +
                    std::string(settings_.scoped_events ? R"("caps":["session-scoped-events"],)" : "") +
                    R"("auth":{"token":")" + settings_.token + R"("}})");
    } else if (is_answer(text, "connect")) {
        if (!is_ok(text)) return close("connect refused: " + std::string(text.substr(0, 300)));
        phase_ = phase::ready;
        if (on_ready) on_ready();
    }
}

void ws_client::request(std::string_view id, std::string_view method, std::string_view params) {
    std::string text = R"({"type":"req","id":")";
    text.append(id).append(R"(","method":")").append(method).append(R"(","params":)");
    text.append(params).append("}");
    send(text);
}

void ws_client::send(std::string_view text) {
    write_frame(opcode_text, text);
}

void ws_client::write_frame(unsigned char opcode, std::string_view payload) {
    if (phase_ == phase::closed) return;
    const auto size = payload.size();
    out_ += static_cast<char>(0x80 | opcode);
    if (size < 126) {
        out_ += static_cast<char>(0x80 | size);
    } else {
        const int bytes = size < 65536 ? 2 : 8;
        out_ += static_cast<char>(0x80 | (bytes == 2 ? 126 : 127));
        for (int i = bytes - 1; i >= 0; --i) out_ += static_cast<char>(size >> (8 * i) & 0xff);
    }
    out_.append(reinterpret_cast<const char*>(mask.data()), mask.size());
    for (std::size_t i = 0; i < size; ++i) {
        out_ += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
    }
    if (!writing_) flush();
}

void ws_client::flush() {
    std::size_t sent = 0;
    while (sent < out_.size()) {
        const auto n = ::send(fd_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) break;
            return close(std::string("send: ") + std::strerror(errno));
        }
        sent += static_cast<std::size_t>(n);
    }
    out_.erase(0, sent);
    if (out_.empty()) std::string().swap(out_);
    watch(!out_.empty());
}

void ws_client::watch(bool writing) {
    if (writing == writing_) return;
    writing_ = writing;
    epoll_event event{};
    event.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = number_;
    ::epoll_ctl(settings_.epoll, EPOLL_CTL_MOD, fd_, &event);
}

void ws_client::close(std::string reason) {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    reason_ = std::move(reason);
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace openclaw::bench
