#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace openclaw::bench {

// Milliseconds from the start of `command` to its end, once per run. Throws when it fails.
std::vector<double> time_command(const std::vector<std::string>& command, int runs);

// Milliseconds from the start of `command` to the first 200 on /health at `port`, once per run.
// `state` is emptied before each run if it is not the empty string; the process is ended after it.
std::vector<double> time_boot(const std::vector<std::string>& command, const std::string& state,
                              std::uint16_t port, int runs);

}  // namespace openclaw::bench
