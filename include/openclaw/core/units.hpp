#pragma once

#include "openclaw/core/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace openclaw {

// "500ms", "30s", "5m", "1h", "7d", or a plain number of milliseconds. Not negative,
// at most a hundred years.
result<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest text that parse_duration reads back: 90000 -> "90s", 60000 -> "1m".
std::string format_duration(std::chrono::milliseconds value);
// For people: "7d 12h 30m"; "45s" under a minute.
std::string format_uptime(std::chrono::seconds value);

// "100m", "2g", "512KB", "1GiB", or plain bytes; units are powers of 1024, case does not matter.
result<std::uint64_t> parse_size(std::string_view text);
// For people, as /health shows it: "512MB", "2GB", "12KB", "100B".
std::string format_size(std::uint64_t bytes);

}  // namespace openclaw
