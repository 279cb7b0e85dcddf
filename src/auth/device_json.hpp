#pragma once

#include "openclaw/auth/devices.hpp"
#include "openclaw/core/json.hpp"

namespace openclaw::auth {

// How devices and requests lie in the store's records. Nothing for text that is neither.
std::string to_stored(const device& d);
std::optional<device> device_from_stored(std::string_view body);
std::string to_stored(const pairing_request& r);
std::optional<pairing_request> request_from_stored(std::string_view body);

}  // namespace openclaw::auth
