#pragma once

#include <cstdint>
#include <string>

namespace openclaw::ingress {

// " by nginx (pid 123)" for the process that listens on the TCP port; empty when it cannot be
// found out (another user's process, no /proc).
std::string port_holder(std::uint16_t port);

}  // namespace openclaw::ingress
