#include "net/request_head.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::net {

namespace {

bool is_token_char(char c) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool breaks_line(char c) {
    return c == '\r' || c == '\n' || c == '\0';
}

// A request target has no white space either: it ends at the first.
bool breaks_target(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

error refuse(const std::string& what) {
    return error(errc::invalid_input, "the request is not sent: " + what,
                 "Header values and URLs must not hold line breaks; trim what is put into them.");
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool has_body_by_custom(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

result<void> check_fields(const header_list& fields) {
    for (const auto& [name, value] : fields) {
        if (!is_token(name)) return refuse("'" + printable(name, 60) + "' is no header name");
        if (std::any_of(value.begin(), value.end(), breaks_line)) {
            // The value stays out of the message: it may be a key.
            return refuse("the value of the header " + name + " holds a line break or a NUL");
        }
        if (equals_ignoring_case(name, "transfer-encoding")) {
            return refuse("the client alone frames the body, without Transfer-Encoding");
        }
    }
    return {};
}

result<void> check_request(const http_request& request) {
    if (!is_token(request.method)) return refuse("the method is malformed");
    const auto& target = request.target;
    if (std::any_of(target.begin(), target.end(), breaks_target)) {
        return refuse("the path holds a space, a line break or a control character");
    }
    if (!target.empty() && target.front() != '/' && target != "*") {
        return refuse("the path must begin with '/'");
    }
    return check_fields(request.headers);
}

std::string to_wire(const http_request& request, const url& to, const request_frame& frame) {
    const auto& target = request.target.empty() ? to.target : request.target;
    std::string out;
    out.reserve(512 + target.size() + request.body.size() + request.headers.size() * 64);
    out.append(request.method).append(" ");
    if (frame.absolute_form) out.append(to.scheme).append("://").append(to.authority());
    out.append(target).append(" HTTP/1.1\r\n");
    bool has_host = false;
    bool has_agent = false;
    for (const auto& [name, value] : request.headers) {
        // The length is ours to say; a second one would be a smuggled request.
        if (equals_ignoring_case(name, "content-length")) continue;
        has_host = has_host || equals_ignoring_case(name, "host");
        has_agent = has_agent || equals_ignoring_case(name, "user-agent");
        add_field(out, name, value);
    }
    if (!has_host) add_field(out, "Host", to.authority());
    if (!has_agent) add_field(out, "User-Agent", frame.user_agent);
    if (!frame.proxy_authorization.empty()) {
        add_field(out, "Proxy-Authorization", frame.proxy_authorization);
    }
    if (!request.body.empty() || has_body_by_custom(request.method)) {
        add_field(out, "Content-Length", std::to_string(request.body.size()));
    }
    out.append("\r\n").append(request.body);
    return out;
}

}  // namespace openclaw::net
