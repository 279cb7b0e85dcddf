#include "net/address_policy.hpp"

#include "openclaw/net/cidr.hpp"

#include <string>

namespace openclaw::net {

namespace {

namespace ip = boost::asio::ip;

// IANA special-purpose registries for IPv4 (RFC 6890 and its updates).
const cidr_set& special_v4() {
    static const cidr_set set =
        cidr_set::parse({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
                         "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
                         "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                         "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"})
            .value();
    return set;
}

// Within 2000::/3, the only unicast space that is handed out: IETF assignments with Teredo,
// documentation, 6to4, and SRv6 documentation.
const cidr_set& special_v6() {
    static const cidr_set set =
        cidr_set::parse({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"}).value();
    return set;
}

const cidr_set& global_v6() {
    static const cidr_set set = cidr_set::parse({"2000::/3"}).value();
    return set;
}

const cidr_set& nat64() {
    static const cidr_set set = cidr_set::parse({"64:ff9b::/96"}).value();
    return set;
}

bool is_public_v4(const ip::address_v4& address) {
    return !special_v4().contains(address);
}

ip::address_v4 last_32_bits(const ip::address_v6& address) {
    auto bytes = address.to_bytes();
    return ip::address_v4(ip::address_v4::bytes_type{bytes[12], bytes[13], bytes[14], bytes[15]});
}

// An interface identifier of ISATAP (RFC 5214): [02]00:5efe and then an IPv4 address.
bool is_isatap(const ip::address_v6& address) {
    auto bytes = address.to_bytes();
    return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

}  // namespace

bool is_public_address(const ip::address& address) {
    auto plain = canonical(address);
    if (plain.is_v4()) return is_public_v4(plain.to_v4());
    auto wide = plain.to_v6();
    // A network with IPv6 alone reaches the IPv4 internet through this prefix (RFC 6052).
    if (nat64().contains(wide)) return is_public_v4(last_32_bits(wide));
    if (!global_v6().contains(wide) || special_v6().contains(wide)) return false;
    return !is_isatap(wide) || is_public_v4(last_32_bits(wide));
}

bool is_loopback_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    boost::system::error_code not_numeric;
    auto address = ip::make_address(std::string(host), not_numeric);
    return !not_numeric && canonical(address).is_loopback();
}

}  // namespace openclaw::net
