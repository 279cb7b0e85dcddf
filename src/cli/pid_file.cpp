#include "cli/pid_file.hpp"

#include "openclaw/core/descriptor.hpp"
#include "openclaw/core/json.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace openclaw::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* pid_name = "gateway.pid";
constexpr const char* lock_name = "gateway.lock";
constexpr const char* program_name = "openclaw";
// The two clocks that are compared may be set apart by this.
constexpr std::int64_t clock_slack_ms = 5'000;

std::string read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

// Seconds since 1970 at which the machine started; 0 when unknown.
std::int64_t boot_seconds() {
    std::istringstream lines(read_text("/proc/stat"));
    for (std::string word; lines >> word;) {
        std::int64_t seconds = 0;
        if (word == "btime" && lines >> seconds) return seconds;
    }
    return 0;
}

bool folder_is_locked_by(const fs::path& state_dir, pid_t pid) {
    struct stat info {};
    if (stat((state_dir / lock_name).c_str(), &info) != 0) return false;
    return holds_lock(read_text("/proc/locks"), pid, info.st_ino);
}

bool is_alive(const fs::path& state_dir, const pid_record& record) {
    const auto facts = look_at_process(record.pid);
    return facts && is_same_process(record, *facts, folder_is_locked_by(state_dir, record.pid));
}

}  // namespace

result<pid_record> parse_pid_record(std::string_view text) {
    const auto parsed = parse_json(text);
    const auto pid = parsed ? find_int(*parsed, "pid") : std::nullopt;
    if (!pid || *pid <= 1 || *pid > (1 << 22)) {
        return error(errc::invalid_input, "the pid file is damaged",
                     "It is written anew when the gateway starts.");
    }
    return pid_record{static_cast<pid_t>(*pid), find_int(*parsed, "startedMs").value_or(0),
                      string_or(*parsed, "address"), string_or(*parsed, "version"),
                      string_or(*parsed, "refusal"), find_int(*parsed, "refusedMs").value_or(0)};
}

std::optional<std::uint64_t> parse_start_ticks(std::string_view stat) {
    // The program's name stands in parentheses and may itself hold spaces and parentheses.
    const auto end = stat.rfind(')');
    if (end == std::string_view::npos) return std::nullopt;
    std::istringstream fields{std::string(stat.substr(end + 1))};
    std::string field;
    for (int number = 3; number <= 22; ++number) {
        if (!(fields >> field)) return std::nullopt;
    }
    std::uint64_t ticks = 0;
    const auto [rest, failure] = std::from_chars(field.data(), field.data() + field.size(), ticks);
    if (failure != std::errc() || rest != field.data() + field.size()) return std::nullopt;
    return ticks;
}

std::optional<process_facts> look_at_process(pid_t pid) {
    const fs::path folder = "/proc/" + std::to_string(pid);
    const auto stat = read_text(folder / "stat");
    const auto ticks = parse_start_ticks(stat);
    // A zombie has ended; nobody has looked at it yet.
    if (!ticks || stat.compare(stat.rfind(')') + 2, 1, "Z") == 0) return std::nullopt;
    process_facts facts;
    const auto per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
    facts.started_ms = boot_seconds() * 1000 +
                       static_cast<std::int64_t>(*ticks * 1000 / per_second);
    std::error_code failure;
    auto program = fs::read_symlink(folder / "exe", failure).filename().string();
    if (failure) {
        const auto arguments = read_text(folder / "cmdline");
        program = fs::path(arguments.substr(0, arguments.find('\0'))).filename().string();
    }
    // The kernel's mark on a program whose file was replaced by an upgrade.
    constexpr std::string_view deleted = " (deleted)";
    if (program.ends_with(deleted)) program.resize(program.size() - deleted.size());
    facts.program = std::move(program);
    return facts;
}

bool is_same_process(const pid_record& record, const process_facts& facts, bool holds_lock) {
    if (holds_lock) return true;
    if (facts.program != program_name) return false;
    // A gateway that has restarted in place is as old as its process.
    return facts.started_ms <= record.started_ms + clock_slack_ms;
}

bool holds_lock(std::string_view locks, pid_t pid, std::uint64_t inode) {
    // "1: FLOCK  ADVISORY  WRITE 123 fd:01:9001 0 EOF"
    std::istringstream lines{std::string(locks)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string number, kind, advice, access, place;
        std::int64_t holder = 0;
        if (!(fields >> number >> kind >> advice >> access >> holder >> place)) continue;
        const auto colon = place.rfind(':');
        if (kind != "FLOCK" || holder != pid || colon == std::string::npos) continue;
        if (place.substr(colon + 1) == std::to_string(inode)) return true;
    }
    return false;
}

result<std::optional<pid_record>> find_gateway(const fs::path& state_dir) {
    const auto file = state_dir / pid_name;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::optional<pid_record>();
    errno = 0;
    const auto text = read_text(file);
    if (text.empty() && errno == EACCES) return from_errno(errno, "cannot read " + file.string());
    const auto record = parse_pid_record(text);
    if (!record || !is_alive(state_dir, *record)) return std::optional<pid_record>();
    return std::optional<pid_record>(*record);
}

namespace {

constexpr std::chrono::milliseconds restart_poll{10};

enum class patience { report, kill };

// Whether the process does something else on that signal than to end.
bool expects(pid_t pid, int signal) {
    std::istringstream lines(read_text("/proc/" + std::to_string(pid) + "/status"));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("SigCgt:") && !line.starts_with("SigIgn:")) continue;
        if (std::strtoull(line.c_str() + 7, nullptr, 16) >> (signal - 1) & 1U) return true;
    }
    return false;
}

std::string name_of(const pid_record& record) {
    return "the gateway (pid " + std::to_string(record.pid) + ")";
}

// Waits until the process has ended; false when it still runs after `limit`.
bool has_ended(const descriptor& process, std::chrono::milliseconds limit) {
    pollfd waiting{process.get(), POLLIN, 0};
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        const int n = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (n > 0) return true;
        if (n == 0 || errno != EINTR) return false;
    }
}

result<void> stop(const fs::path& state_dir, const pid_record& record,
                  std::chrono::milliseconds limit, patience after) {
    const auto name = name_of(record);
    // The descriptor names the process for good: its number may be given away meanwhile.
    const descriptor process(static_cast<int>(syscall(SYS_pidfd_open, record.pid, 0)));
    if (process.get() < 0) {
        if (errno == ESRCH) return {};
        return from_errno(errno, "cannot look at " + name);
    }
    if (!is_alive(state_dir, record)) return {};
    if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0) {
        if (errno == ESRCH) return {};
        return from_errno(errno, "cannot stop " + name);
    }
    if (has_ended(process, limit)) return {};
    if (after == patience::kill) {
        syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
        if (has_ended(process, limit)) return {};
    }
    return error(errc::timed_out,
                 name + " was asked to stop and still runs after " +
                     std::to_string(limit.count() / 1000) + " s",
                 "Look at its log, or end it with `kill -9 " + std::to_string(record.pid) + "`.");
}

}  // namespace

result<pid_record> restart_gateway(const fs::path& state_dir, const pid_record& record,
                                   std::chrono::milliseconds limit) {
    const auto name = name_of(record);
    const descriptor process(static_cast<int>(syscall(SYS_pidfd_open, record.pid, 0)));
    if (process.get() < 0) return from_errno(errno, "cannot look at " + name);
    if (!is_alive(state_dir, record)) return error(errc::not_found, name + " has ended meanwhile");
    if (!expects(record.pid, SIGUSR2)) {
        return error(errc::unavailable, name + " is of a version that cannot restart in place",
                     "openclaw gateway stop, and then start it as before.");
    }
    if (syscall(SYS_pidfd_send_signal, process.get(), SIGUSR2, nullptr, 0) != 0) {
        return from_errno(errno, "cannot restart " + name);
    }
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!has_ended(process, restart_poll)) {
        const auto now = parse_pid_record(read_text(state_dir / pid_name));
        if (now && now->started_ms != record.started_ms && is_alive(state_dir, *now)) return now;
        if (now && now->refused_ms != record.refused_ms) {
            return error(errc::config,
                         name + " goes on as it is, for it could not start again: " + now->refusal);
        }
        if (std::chrono::steady_clock::now() < end) continue;
        return error(errc::timed_out, name + " was asked to restart and has not done so after " +
                                          std::to_string(limit.count() / 1000) + " s",
                     "Turns in progress have 30 s. Its log says more.");
    }
    return error(errc::not_found, name + " ended when it was to start again",
                 "Its log says why; openclaw gateway run shows it here.");
}

result<void> stop_gateway(const fs::path& state_dir, const pid_record& record,
                          std::chrono::milliseconds limit) {
    return stop(state_dir, record, limit, patience::report);
}

result<void> end_gateway(const fs::path& state_dir, const pid_record& record,
                         std::chrono::milliseconds limit) {
    return stop(state_dir, record, limit, patience::kill);
}

}  // namespace openclaw::cli
