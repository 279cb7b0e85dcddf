#pragma once

#include "openclaw/core/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <string_view>
#include <vector>

namespace openclaw::net {

// A set of address ranges: "10.0.0.0/8", "::1", "fd00::/8". IPv4-mapped IPv6 addresses count as
// the IPv4 address that they carry.
class cidr_set {
public:
    static result<cidr_set> parse(const std::vector<std::string>& ranges);
    bool contains(const boost::asio::ip::address& address) const;
    bool empty() const { return ranges_.empty(); }

private:
    struct range { boost::asio::ip::address_v6 base; unsigned bits; };
    std::vector<range> ranges_;
};

// The one form of an address by which callers are told apart: mapped IPv4 unwrapped.
boost::asio::ip::address canonical(const boost::asio::ip::address& address);

}  // namespace openclaw::net
