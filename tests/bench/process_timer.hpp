#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace openclaw::bench {

// Milliseconds from the start of `command` to its end, once per run. Throws when it fails.
std::vector<double> time_command(const std::vector<std::string>& command, int runs);

// Milliseconds from the start of `command` to the first 200 on /health at `port`, once per run.
// `state`, if it is not the empty string, is emptied before each run and filled with a copy of the
// files in `from`, if that is not; the process is ended after it.
std::vector<double> time_boot(const std::vector<std::string>& command, const std::string& state,
                              const std::string& from, std::uint16_t port, int runs);

}  // namespace openclaw::bench
