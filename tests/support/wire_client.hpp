#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace openclaw::test {

// A response as it came over the wire; field names in lower case, chunks taken apart.
struct wire_response {
    int status = 0;
    std::map<std::string, std::string> fields;
    std::string body;

    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
};

// A client that sends exactly the bytes it is given, so that it can break every rule. Blocking;
// gives up with an exception after a time that only a hung server reaches.
class wire_client {
public:
    explicit wire_client(std::uint16_t port, int receive_buffer = 0) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receive_buffer > 0) set_receive_buffer(receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
            ::close(fd_);
            throw std::runtime_error("connect failed");
        }
    }
    ~wire_client() { ::close(fd_); }
    wire_client(const wire_client&) = delete;
    wire_client& operator=(const wire_client&) = delete;

    void set_receive_buffer(int bytes) {
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    }

    // False when the other side does not take it any more.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            wait_for(POLLOUT);
            const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    void finish_sending() { ::shutdown(fd_, SHUT_WR); }

    // Everything up to and with `mark`.
    std::string read_until(std::string_view mark) {
        while (held_.find(mark) == std::string::npos) {
            if (!more()) throw std::runtime_error("the server closed before: " + std::string(mark));
        }
        return take(held_.find(mark) + mark.size());
    }
    std::string read_exactly(std::size_t size) {
        while (held_.size() < size) {
            if (!more()) throw std::runtime_error("the server closed in the middle");
        }
        return take(size);
    }
    std::string read_to_end() {
        while (more()) {}
        return take(held_.size());
    }
    // Waits for the end of the connection; whether nothing else came before it.
    bool ends() { return read_to_end().empty(); }

    wire_response response_head() {
        wire_response r;
        const auto head = read_until("\r\n\r\n");
        r.status = std::stoi(head.substr(head.find(' ') + 1, 3));
        std::size_t at = head.find("\r\n") + 2;
        while (at < head.size() - 2) {
            const auto end = head.find("\r\n", at);
            const auto colon = head.find(": ", at);
            std::string name = head.substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            r.fields[name] = head.substr(colon + 2, end - colon - 2);
            at = end + 2;
        }
        return r;
    }
    wire_response response(bool of_head = false) {
        auto r = response_head();
        if (of_head || r.status == 100 || r.status == 101) return r;
        if (r.field("transfer-encoding") == "chunked") {
            while (true) {
                const auto size = std::stoul(read_until("\r\n"), nullptr, 16);
                auto chunk = read_exactly(size + 2);
                if (size == 0) break;
                r.body += chunk.substr(0, size);
            }
        } else if (r.fields.count("content-length") != 0) {
            r.body = read_exactly(std::stoul(r.field("content-length")));
        } else {
            r.body = read_to_end();
        }
        return r;
    }
    wire_response ask(std::string_view request, bool of_head = false) {
        send(request);
        return response(of_head);
    }

private:
    static constexpr int patience_ms = 60'000;

    void wait_for(short what) {
        pollfd p{fd_, what, 0};
        if (::poll(&p, 1, patience_ms) == 0) throw std::runtime_error("the server hangs");
    }
    bool more() {
        wait_for(POLLIN);
        char bytes[16'384];
        const auto n = ::recv(fd_, bytes, sizeof(bytes), 0);
        if (n <= 0) return false;
        held_.append(bytes, static_cast<std::size_t>(n));
        return true;
    }
    std::string take(std::size_t size) {
        auto out = held_.substr(0, size);
        held_.erase(0, size);
        return out;
    }

    int fd_ = -1;
    std::string held_;
};

}  // namespace openclaw::test
