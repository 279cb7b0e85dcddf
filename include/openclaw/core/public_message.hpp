#pragma once

#include "openclaw/core/error.hpp"

#include <string>

namespace openclaw {

// What somebody outside may know of `e`: their own mistakes in full, ours and the provider's by class.
std::string public_message(const error& e);

}  // namespace openclaw
