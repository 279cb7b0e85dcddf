#pragma once

#include "net/proxy.hpp"
#include "net/stream.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/net/url.hpp"

namespace openclaw::net {

// Asks the proxy at the other end of `socket` for a tunnel to `goal` (RFC 9110 §9.3.6). No
// deadline of its own.
task<result<stream_socket>> connect_through(stream_socket socket, const url& goal,
                                            const proxy& via);

}  // namespace openclaw::net
