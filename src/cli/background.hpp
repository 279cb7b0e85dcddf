#pragma once

#include "openclaw/core/error.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace openclaw::cli {

struct background_start {
    pid_t pid = 0;
    std::string problem;                   // why it is not ready; empty: it is
    std::string hint;
    std::vector<std::string> last_lines;   // of what it said until then
};

// Starts a gateway (`arguments`: the program and what it is given) in a session of its own, without a
// terminal, and waits until it says that it is ready, has ended, or `limit` has passed; then it goes on by
// itself. io when it cannot be started at all.
result<background_start> start_in_background(const std::vector<std::string>& arguments,
                                             std::chrono::milliseconds limit);

}  // namespace openclaw::cli
