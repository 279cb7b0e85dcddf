#include "openclaw/core/clock.hpp"

#include <array>
#include <ctime>

namespace openclaw {

std::string to_rfc3339(wall_time t) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const auto n = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), n};
}

}  // namespace openclaw
