#include "ingress/http_writer.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace openclaw::ingress {

namespace {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), made once a second per thread.
std::string_view http_date() {
    static thread_local std::time_t made_at = 0;
    static thread_local std::array<char, 40> text{};
    static thread_local std::size_t length = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made_at = now;
    }
    return {text.data(), length};
}

void append_number(std::string& out, std::size_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

}  // namespace

void write_head(std::string& out, const net::http_response& response,
                const std::string& request_id, bool keep_alive, std::optional<std::size_t> length,
                bool chunked) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += net::reason_phrase(response.status);
    out += "\r\nDate: ";
    out += http_date();
    for (const auto& [name, value] : response.headers) {
        out += "\r\n";
        out += name;
        out += ": ";
        out += value;
    }
    if (length) {
        out += "\r\nContent-Length: ";
        append_number(out, *length);
    } else if (chunked) {
        out += "\r\nTransfer-Encoding: chunked";
    }
    if (!keep_alive) out += "\r\nConnection: close";
    out += "\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ";
    out += request_id;
    out += "\r\n\r\n";
}

net::header_list event_stream_headers() {
    net::header_list h;
    h.add("Content-Type", "text/event-stream; charset=utf-8");
    h.add("Cache-Control", "no-cache");
    h.add("X-Accel-Buffering", "no");
    return h;
}

std::string_view frame_chunk(std::string& out, std::size_t size, bool last) {
    const std::string_view tail = last ? "\r\n0\r\n\r\n" : "\r\n";
    if (size == 0) return tail.substr(2);
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
    out.append(digits.data(), end).append("\r\n");
    return tail;
}

}  // namespace openclaw::ingress
