#include "openclaw/net/url.hpp"

#include "openclaw/core/encoding.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>

namespace openclaw::net {

namespace {

// Scheme and host only, since paths, queries and user info carry keys of services.
std::string shown(std::string_view text) {
    auto authority = text.find("//");
    auto from = authority == std::string_view::npos ? 0 : authority + 2;
    auto shorter = text.substr(0, text.find_first_of("/?#", from));
    if (text.starts_with("unix:")) shorter = text;
    if (shorter.find('@') != std::string_view::npos) return "(hidden)";
    return printable(shorter, 120);
}

error bad_url(std::string_view text, std::string_view why) {
    return error(errc::invalid_input,
                 "the URL '" + shown(text) + "' is not usable: " + std::string(why),
                 "Write it like https://host:port/path or unix:/path/to/socket.");
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::uint16_t usual_port(std::string_view scheme) {
    if (scheme == "https" || scheme == "wss") return 443;
    if (scheme == "http" || scheme == "ws") return 80;
    return 0;
}

bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// Letters, digits, '.', '-' and '_' only: no escapes, so that a host has one spelling here and in
// the resolver.
bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && host.front() != '.' &&
           host.find("..") == std::string_view::npos &&
           std::all_of(host.begin(), host.end(), is_host_char);
}

bool is_ipv6(std::string_view host) {
    // A zone would name an interface of this machine.
    if (host.find('%') != std::string_view::npos) return false;
    boost::system::error_code failure;
    boost::asio::ip::make_address_v6(std::string(host), failure);
    return !failure;
}

result<std::uint16_t> parse_port(std::string_view digits, std::string_view text) {
    unsigned value = 0;
    auto end = digits.data() + digits.size();
    auto [stop, failure] = std::from_chars(digits.data(), end, value);
    if (failure != std::errc() || stop != end || value == 0 || value > 65535) {
        return bad_url(text, "the port must be a number from 1 to 65535");
    }
    return static_cast<std::uint16_t>(value);
}

// Path and query as they go on the wire. People paste URLs with letters beyond ASCII; those are
// escaped as a browser would.
result<std::string> wire_target(std::string_view rest, std::string_view text) {
    rest = rest.substr(0, rest.find('#'));
    std::string out = rest.empty() || rest.front() == '?' ? "/" : "";
    static constexpr char hex[] = "0123456789ABCDEF";
    for (char c : rest) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f) {
            return bad_url(text, "it holds a space or a control character");
        }
        if (byte >= 0x80) {
            out += '%';
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

result<url> parse_unix(std::string_view path, std::string_view text) {
    if (path.starts_with("///")) path.remove_prefix(2);
    if (path.size() < 2 || path.front() != '/' || path[1] == '/') {
        return bad_url(text, "a socket needs an absolute path");
    }
    if (path.find('\0') != std::string_view::npos) return bad_url(text, "the path holds a NUL");
    if (path.size() > 107) return bad_url(text, "the path of a socket has at most 107 bytes");
    url out;
    out.scheme = "unix";
    out.host = std::string(path);
    return out;
}

result<void> take_authority(url& out, std::string_view authority, std::string_view text) {
    if (authority.find('@') != std::string_view::npos) {
        return bad_url(text, "it holds a user name or a password");
    }
    std::string_view port;
    std::string_view host = authority;
    bool has_port = false;
    if (authority.starts_with('[')) {
        auto close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6(authority.substr(1, close - 1))) {
            return bad_url(text, "what stands in brackets is no IPv6 address");
        }
        host = authority.substr(1, close - 1);
        auto after = authority.substr(close + 1);
        if (!after.empty() && after.front() != ':') return bad_url(text, "the host is malformed");
        has_port = !after.empty();
        port = has_port ? after.substr(1) : after;
        out.host = lower(host);
    } else {
        auto colon = authority.find(':');
        has_port = colon != std::string_view::npos;
        host = authority.substr(0, colon);
        port = has_port ? authority.substr(colon + 1) : std::string_view();
        out.host = lower(host);
        if (out.host.empty()) return bad_url(text, "it names no host");
        if (!is_host_name(out.host)) return bad_url(text, "the host name is malformed");
    }
    out.port = usual_port(out.scheme);
    // RFC 3986 §3.2.3: an empty port means the usual one.
    if (!has_port || port.empty()) return {};
    auto number = parse_port(port, text);
    if (!number) return number.error();
    out.port = *number;
    return {};
}

}  // namespace

std::string url::authority() const {
    if (is_unix()) return "localhost";
    std::string out = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != usual_port(scheme)) {
        out += ':';
        out += std::to_string(port);
    }
    return out;
}

std::string url::str() const {
    if (is_unix()) return "unix:" + host;
    return scheme + "://" + authority() + target;
}

result<url> parse_url(std::string_view text) {
    auto colon = text.find(':');
    if (colon == std::string_view::npos) return bad_url(text, "it has no scheme");
    url out;
    out.scheme = lower(text.substr(0, colon));
    auto rest = text.substr(colon + 1);
    if (out.scheme == "unix") return parse_unix(rest, text);
    if (usual_port(out.scheme) == 0) {
        return bad_url(text, "the scheme must be http, https, ws, wss or unix");
    }
    if (!rest.starts_with("//")) return bad_url(text, "'//' must follow the scheme");
    rest.remove_prefix(2);
    auto end = std::min(rest.find_first_of("/?#"), rest.size());
    auto taken = take_authority(out, rest.substr(0, end), text);
    if (!taken) return taken.error();
    auto target = wire_target(rest.substr(end), text);
    if (!target) return target.error();
    out.target = std::move(*target);
    return out;
}

}  // namespace openclaw::net
