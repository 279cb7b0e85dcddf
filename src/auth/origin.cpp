#include "openclaw/auth/origin.hpp"

#include "openclaw/net/http.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>

namespace openclaw::auth {

namespace {

struct authority {
    std::string_view name;   // brackets removed
    std::string_view port;   // empty: none given
};

// "host[:port]" of RFC 3986 §3.2 without user info; nothing when it is anything else, so that no
// two readers can take it for different hosts.
std::optional<authority> split(std::string_view text) {
    authority a;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        a.name = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        a.name = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (a.name.empty() || a.name.find_first_of("/@?#[]") != std::string_view::npos) return std::nullopt;
    if (rest.empty()) return a;
    a.port = rest.substr(1);
    const bool digits = std::all_of(a.port.begin(), a.port.end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    if (rest.front() != ':' || !digits) return std::nullopt;
    return a;
}

bool is_loopback_name(std::string_view name) {
    if (net::equals_ignoring_case(name, "localhost")) return true;
    boost::system::error_code failure;
    const auto address = boost::asio::ip::make_address(std::string(name), failure);
    return !failure && address.is_loopback();
}

bool is_address(std::string_view name) {
    boost::system::error_code failure;
    boost::asio::ip::make_address(std::string(name), failure);
    return !failure;
}

}  // namespace

std::string_view host_name(std::string_view host) {
    const auto a = split(host);
    return a ? a->name : std::string_view();
}

bool is_allowed_host(const host_policy& policy, std::string_view host) {
    const auto name = host_name(host);
    if (name.empty()) return false;
    if (is_loopback_name(name)) return true;
    if (net::equals_ignoring_case(name, policy.bound)) return true;
    const bool listed = std::any_of(
        policy.allowed.begin(), policy.allowed.end(), [&](const std::string& allowed) {
            return net::equals_ignoring_case(allowed, name) ||
                   net::equals_ignoring_case(allowed, host);
        });
    return listed || (!is_loopback_name(policy.bound) && is_address(name));
}

bool is_own_origin(std::string_view origin, std::string_view host) {
    std::string_view rest;
    std::string_view usual_port;
    if (origin.starts_with("http://")) {
        rest = origin.substr(7);
        usual_port = "80";
    } else if (origin.starts_with("https://")) {
        rest = origin.substr(8);
        usual_port = "443";
    } else {
        return false;
    }
    const auto theirs = split(rest);
    const auto ours = split(host);
    if (!theirs || !ours) return false;
    const auto port_of = [&](const authority& a) { return a.port.empty() ? usual_port : a.port; };
    return net::equals_ignoring_case(theirs->name, ours->name) && port_of(*theirs) == port_of(*ours);
}

}  // namespace openclaw::auth
