#pragma once

#include "openclaw/auth/devices.hpp"
#include "openclaw/core/json.hpp"

namespace openclaw::ingress {

// A device in one of its roles, and a request to be paired, as `device.pair.list` and the
// `device.pair.*` events show them (protocol.md §8, §9). No token is in them.
json device_json(const auth::device& d);
json request_json(const auth::pairing_request& r);

}  // namespace openclaw::ingress
