#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

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
    pid_file(pid_file&& other) noexcept
        : path_(std::exchange(other.path_, {})), record_(std::move(other.record_)) {}
    pid_file& operator=(pid_file&&) = delete;
    ~pid_file();

    // For who asked for a restart and waits: {"refusal", "refusedMs"} besides.
    void note_refusal(const std::string& why, std::int64_t at_ms);

private:
    pid_file(std::filesystem::path path, json record) : path_(std::move(path)), record_(std::move(record)) {}
    static result<void> put(const std::filesystem::path& path, const json& record);
    std::filesystem::path path_;
    json record_;
};

}  // namespace openclaw::app
