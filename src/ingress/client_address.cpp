#include "ingress/client_address.hpp"

#include <algorithm>
#include <optional>

namespace openclaw::ingress {

namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:4711".
std::optional<asio::ip::address> read_address(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(std::string(text), failure);
    if (failure) return std::nullopt;
    return net::canonical(address);
}

// The `for` of one element of a Forwarded field (RFC 7239 §4).
std::string_view forwarded_for(std::string_view element) {
    while (!element.empty()) {
        const auto pair = element.substr(0, element.find(';'));
        element.remove_prefix(std::min(element.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        if (!net::equals_ignoring_case(trimmed(pair.substr(0, equals)), "for")) continue;
        auto value = trimmed(pair.substr(equals + 1));
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
            value = value.substr(1, value.size() - 2);
        }
        return value;
    }
    return {};
}

// All fields of this name as one list (RFC 9110 §5.3).
std::string joined(const net::http_request& head, std::string_view name) {
    std::string all;
    for (const auto& [field, value] : head.headers) {
        if (!net::equals_ignoring_case(field, name)) continue;
        if (!all.empty()) all += ',';
        all += value;
    }
    return all;
}

}  // namespace

bool is_forwarded(const net::http_request& head) {
    constexpr std::string_view prefix = "x-forwarded-";
    const auto tells = [&](const auto& field) {
        return net::equals_ignoring_case(std::string_view(field.first).substr(0, prefix.size()), prefix);
    };
    return head.headers.has("x-real-ip") || head.headers.has("forwarded") || head.headers.has("via") ||
           head.headers.has("cf-connecting-ip") ||
           std::any_of(head.headers.begin(), head.headers.end(), tells);
}

asio::ip::address client_address(const net::http_request& head, const peer_info& peer,
                                 const net::cidr_set& trusted) {
    auto nearest = net::canonical(peer.address);
    if (peer.local_uid || trusted.empty() || !trusted.contains(nearest)) return nearest;
    auto list = joined(head, "x-forwarded-for");
    const bool rfc = list.empty() && !head.headers.has("x-real-ip");
    if (rfc) list = joined(head, "forwarded");
    else if (list.empty()) list = head.headers.get("x-real-ip");
    std::string_view rest = list;
    while (!rest.empty() && trusted.contains(nearest)) {
        const auto comma = rest.rfind(',');
        const auto element = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
        const auto next = read_address(rfc ? forwarded_for(element) : element);
        if (!next) break;
        nearest = *next;
    }
    return nearest;
}

auth::login_caller login_caller_of(const net::http_request& head, const peer_info& peer,
                                   const net::cidr_set& trusted) {
    if (peer.local_uid) return {asio::ip::address_v4::loopback(), true};
    const bool own = net::canonical(peer.address).is_loopback() && !is_forwarded(head);
    return {auth::network_of(client_address(head, peer, trusted)), own && !head.headers.has("origin")};
}

}  // namespace openclaw::ingress
