#pragma once

#include "openclaw/config/loader.hpp"
#include "openclaw/core/error.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

// Which process is the gateway of a state folder.
namespace openclaw::cli {

// <state>/gateway.pid, as the gateway writes it.
struct pid_record {
    pid_t pid = 0;
    std::int64_t started_ms = 0;   // Unix time
    std::string address, version;
    std::string refusal;           // why it has not restarted when it was asked to last
    std::int64_t refused_ms = 0;   // when that was; 0: never
};
result<pid_record> parse_pid_record(std::string_view text);

// What the kernel says of a process.
struct process_facts {
    std::string program;           // file name of the executable, else of its first argument
    std::int64_t started_ms = 0;   // Unix time, from the boot time and the clock ticks
};
// The start time in clock ticks since boot: field 22 of /proc/<pid>/stat.
std::optional<std::uint64_t> parse_start_ticks(std::string_view stat);
std::optional<process_facts> look_at_process(pid_t pid);

// Whether the process is the gateway that wrote the record, and not one that got its number
// later. `holds_lock`: it holds the lock of the state folder, which only a gateway does.
bool is_same_process(const pid_record& record, const process_facts& facts, bool holds_lock);

// Whether /proc/locks (its text) says that `pid` holds a lock on the file with this inode.
bool holds_lock(std::string_view locks, pid_t pid, std::uint64_t inode);

// The running gateway; nothing: none runs (a file left behind by a crash counts as none).
// io when the file cannot be read.
result<std::optional<pid_record>> find_gateway(const std::filesystem::path& state_dir);

// Asks the process to end (SIGTERM) and waits until it is gone. timed_out, forbidden, not_found.
result<void> stop_gateway(const std::filesystem::path& state_dir, const pid_record& record,
                          std::chrono::milliseconds limit);
// The same, but kills it when it has not ended within `limit`.
result<void> end_gateway(const std::filesystem::path& state_dir, const pid_record& record,
                         std::chrono::milliseconds limit);

// Asks the process to start again in place (SIGUSR2) and waits until it has: what it says of itself then.
// timed_out, forbidden; config when
// it says why it does not; not_found when it ended instead.
result<pid_record> restart_gateway(const std::filesystem::path& state_dir, const pid_record& record,
                                   std::chrono::milliseconds limit);

}  // namespace openclaw::cli
