#pragma once

#include "openclaw/core/error.hpp"

#include <cstdint>
#include <string>

namespace openclaw::net {

// Whether something accepts connections on 127.0.0.1:`port`. Blocks, for 50 ms at most; on
// loopback the answer comes at once.
bool is_local_port_open(std::uint16_t port);

// Whether this machine has the address to listen on: config if not.
result<void> check_address(const std::string& host);

}  // namespace openclaw::net
