#pragma once

#include <string_view>

namespace openclaw {

std::string_view version();      // "0.1.0"
std::string_view commit();       // short hash, or "unknown" outside of a checkout
std::string_view build_type();   // "release", "debug"

}  // namespace openclaw
