#pragma once

#include "openclaw/core/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace openclaw::app {

// <state>/gateway.pid: {"pid","startedMs","address","version"}, for `gateway status` and `gateway
// stop`. It says where the gateway is; who may run is decided by the lock of the store.
class pid_file {
public:
    static result<pid_file> write(const std::filesystem::path& state_dir, std::int64_t started_ms,
                                  const std::string& address);
    pid_file(pid_file&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    pid_file& operator=(pid_file&&) = delete;
    ~pid_file();

private:
    explicit pid_file(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace openclaw::app
