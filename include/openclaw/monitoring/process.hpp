#pragma once

#include <cstdint>

namespace openclaw::monitoring {

// What the kernel says of this process.
struct process_figures {
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t memory_limit_bytes = 0;  // of the cgroup, else of the machine
    double cpu_seconds = 0;                // user and system
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
    std::uint64_t threads = 0;
};

// Reads /proc and the cgroup; some 30 µs. What cannot be read stays 0.
process_figures read_process_figures();

}  // namespace openclaw::monitoring
