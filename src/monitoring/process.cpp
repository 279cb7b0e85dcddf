#include "openclaw/monitoring/process.hpp"

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace openclaw::monitoring {

namespace {

std::string first_line(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

// The memory limit of the process's cgroup (version 2), looking upwards; 0: none.
std::uint64_t cgroup_limit() {
    static const std::string path = [] {
        const auto line = first_line("/proc/self/cgroup");
        const auto colon = line.rfind(':');
        return colon == std::string::npos ? std::string() : line.substr(colon + 1);
    }();
    std::uint64_t lowest = 0;
    for (std::filesystem::path p = path; !p.empty(); p = p.parent_path()) {
        const auto text = first_line("/sys/fs/cgroup" + p.string() + "/memory.max");
        std::uint64_t value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        if (parsed.ec == std::errc() && (lowest == 0 || value < lowest)) lowest = value;
        if (p == p.root_path()) break;
    }
    return lowest;
}

std::uint64_t machine_memory() {
    struct sysinfo info{};
    if (sysinfo(&info) != 0) return 0;
    return static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
}

std::uint64_t count_entries(const char* folder) {
    std::error_code failure;
    std::uint64_t n = 0;
    for (auto it = std::filesystem::directory_iterator(folder, failure);
         !failure && it != std::filesystem::directory_iterator(); it.increment(failure)) {
        ++n;
    }
    return n;
}

}  // namespace

process_figures read_process_figures() {
    process_figures f;
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::istringstream statm(first_line("/proc/self/statm"));
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    if (statm >> total >> resident) {
        f.virtual_bytes = total * page;
        f.resident_bytes = resident * page;
    }
    f.memory_limit_bytes = cgroup_limit();
    if (f.memory_limit_bytes == 0) f.memory_limit_bytes = machine_memory();
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        const auto seconds = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
        };
        f.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    }
    f.open_fds = count_entries("/proc/self/fd");
    f.threads = count_entries("/proc/self/task");
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) f.max_fds = limit.rlim_cur;
    return f;
}

}  // namespace openclaw::monitoring
