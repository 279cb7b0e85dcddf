#pragma once

#include <cstdint>

namespace openclaw::net {

// Whether something accepts connections on 127.0.0.1:`port`. Blocks, for 50 ms at most; on
// loopback the answer comes at once.
bool is_local_port_open(std::uint16_t port);

}  // namespace openclaw::net
