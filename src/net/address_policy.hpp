#pragma once

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace openclaw::net {

// Whether `address` lies in the public internet. Loopback, private, link-local, CGNAT, multicast,
// documentation and reserved ranges do not, nor do forms of IPv6 that carry such an IPv4 address.
bool is_public_address(const boost::asio::ip::address& address);

// Whether `host`, as it stands in a URL, names this machine without asking anybody.
bool is_loopback_host(std::string_view host);

}  // namespace openclaw::net
