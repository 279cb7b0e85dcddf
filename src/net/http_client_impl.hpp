#pragma once

#include "net/egress.hpp"
#include "openclaw/net/http_client.hpp"

namespace openclaw::net {

// The client over a broker of the caller's choice: tests bring their own proxies and names.
std::unique_ptr<http_client> make_http_client(asio::io_context& io, client_options options,
                                              std::unique_ptr<egress_broker> broker);

}  // namespace openclaw::net
