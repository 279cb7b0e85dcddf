#include "ingress/request_head.hpp"

#include <algorithm>

namespace openclaw::ingress {

void take_absolute_form(net::http_request& head) {
    constexpr std::string_view scheme = "http://";
    auto& target = head.target;
    if (!net::equals_ignoring_case(std::string_view(target).substr(0, scheme.size()), scheme)) return;
    if (head.headers.count("host") != 1) return;
    const auto end = std::min(target.find_first_of("/?", scheme.size()), target.size());
    head.headers.set("Host", target.substr(scheme.size(), end - scheme.size()));
    target.erase(0, end);
    if (!target.starts_with('/')) target.insert(0, "/");
}

int refusal_of(const net::http_request& head, bool is_http_1_1, bool local) {
    const auto& headers = head.headers;
    if (headers.has("transfer-encoding") &&
        (headers.count("transfer-encoding") > 1 || !is_http_1_1 ||
         !net::equals_ignoring_case(headers.get("transfer-encoding"), "chunked"))) {
        return 501;
    }
    if (is_http_1_1 && !headers.has("host") && !local) return 400;
    const auto expected = headers.get("expect");
    if (!expected.empty() && !net::equals_ignoring_case(expected, "100-continue")) return 417;
    return 0;
}

std::string first_subprotocol(const net::header_list& headers) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    auto first = headers.get("sec-websocket-protocol");
    first = first.substr(0, first.find(','));
    while (first.starts_with(' ') || first.starts_with('\t')) first.remove_prefix(1);
    while (first.ends_with(' ') || first.ends_with('\t')) first.remove_suffix(1);
    const bool token = std::ranges::all_of(first, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.find(c) != std::string_view::npos;
    });
    return std::string(token ? first : std::string_view());
}

std::string_view head_problem(int status) {
    switch (status) {
    case 408: return "The request's header took too long.";
    case 414: return "The request target is too long.";
    case 417: return "That expectation cannot be met.";
    case 431: return "The request's header is too large.";
    case 501: return "That Transfer-Encoding is not understood.";
    default: return "The request is malformed.";
    }
}

std::string_view body_problem(int status) {
    switch (status) {
    case 408: return "The request's body took too long.";
    case 413: return "The request's body is too large.";
    case 431: return "The body's framing is too large.";
    default: return "The request's body is malformed.";
    }
}

}  // namespace openclaw::ingress
