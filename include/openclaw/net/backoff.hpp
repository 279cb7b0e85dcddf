#pragma once

#include "openclaw/core/random.hpp"

#include <chrono>

namespace openclaw::net {

// Exponential backoff with full jitter: attempt n waits between 0 and min(cap, base·2^n), at
// least `floor`. Sans-io: it only says how long.
struct backoff {
    std::chrono::milliseconds base{500};
    std::chrono::milliseconds cap{30'000};
    std::chrono::milliseconds floor{0};

    std::chrono::milliseconds delay(unsigned attempt, random_source& random) const;
};

}  // namespace openclaw::net
