#pragma once

#include <exception>
#include <string>

namespace openclaw {

// What a caught exception says of itself, for the log.
std::string describe(const std::exception_ptr& failure);

}  // namespace openclaw
