#include "openclaw/net/backoff.hpp"

#include <algorithm>

namespace openclaw::net {

std::chrono::milliseconds backoff::delay(unsigned attempt, random_source& random) const {
    auto ceiling = std::max(base, std::chrono::milliseconds(0));
    for (unsigned i = 0; i < attempt && ceiling < cap && ceiling.count() > 0; ++i) {
        // Doubling stops at the cap, so it cannot overflow whatever the attempt is.
        ceiling = ceiling > cap / 2 ? cap : ceiling * 2;
    }
    ceiling = std::min(ceiling, cap);
    auto drawn = static_cast<std::int64_t>(random.unit() * static_cast<double>(ceiling.count() + 1));
    return std::max(floor, std::chrono::milliseconds(std::min(drawn, ceiling.count())));
}

}  // namespace openclaw::net
