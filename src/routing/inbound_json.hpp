#pragma once

#include "openclaw/model/inbound.hpp"

namespace openclaw::routing {

// The form in which the inbox keeps a message (JSON text), and back. Who sent it is kept by name only: a
// principal cannot be read from disk, so a message that is taken up again has no rights beyond
// being answered.
std::string to_stored(const inbound_message& message);
inbound_message from_stored(const json& stored);

}  // namespace openclaw::routing
