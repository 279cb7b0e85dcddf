#include "openclaw/net/cidr.hpp"

#include "openclaw/core/encoding.hpp"

#include <charconv>

namespace openclaw::net {

namespace {

namespace ip = boost::asio::ip;

constexpr unsigned mapped_prefix = 96;  // ::ffff:0:0/96 carries all of IPv4

ip::address_v6 as_v6(const ip::address& address) {
    if (address.is_v4()) return ip::make_address_v6(ip::v4_mapped, address.to_v4());
    return address.to_v6();
}

bool same_prefix(const ip::address_v6& a, const ip::address_v6& b, unsigned bits) {
    auto x = a.to_bytes();
    auto y = b.to_bytes();
    unsigned whole = bits / 8;
    for (unsigned i = 0; i < whole; ++i) {
        if (x[i] != y[i]) return false;
    }
    if (bits % 8 == 0) return true;
    auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
    return ((x[whole] ^ y[whole]) & mask) == 0;
}

}  // namespace

result<cidr_set> cidr_set::parse(const std::vector<std::string>& ranges) {
    cidr_set out;
    for (const auto& text : ranges) {
        auto refuse = [&](const std::string& why) {
            return error(errc::invalid_input,
                         "'" + printable(text, 60) + "' is no address range: " + why,
                         "Write an address like 192.168.1.7 or a range like 10.0.0.0/8.");
        };
        auto slash = text.find('/');
        boost::system::error_code failure;
        auto address = ip::make_address(text.substr(0, slash), failure);
        if (failure || text.find('%') != std::string::npos) return refuse("the address is malformed");
        unsigned width = address.is_v4() ? 32 : 128;
        unsigned bits = width;
        if (slash != std::string::npos) {
            auto first = text.data() + slash + 1;
            auto last = text.data() + text.size();
            auto [stop, bad] = std::from_chars(first, last, bits);
            if (bad != std::errc() || stop != last || bits > width) {
                return refuse("the prefix must be a number from 0 to " + std::to_string(width));
            }
        }
        out.ranges_.push_back({as_v6(address), address.is_v4() ? bits + mapped_prefix : bits});
    }
    return out;
}

bool cidr_set::contains(const ip::address& address) const {
    auto wide = as_v6(address);
    for (const auto& [base, bits] : ranges_) {
        // "::/0" means all of IPv6; a mapped address is IPv4 and only IPv4 ranges speak of it.
        if (wide.is_v4_mapped() && bits < mapped_prefix) continue;
        if (same_prefix(base, wide, bits)) return true;
    }
    return false;
}

ip::address canonical(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

}  // namespace openclaw::net
