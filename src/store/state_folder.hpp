#pragma once

#include "openclaw/core/error.hpp"

#include <filesystem>
#include <utility>

namespace openclaw::store {

// The folder that holds what the gateway knows, private to its user, and the lock that says which
// process works on it. The kernel drops the lock with the process, so nothing stale ever holds.
// Unlocks when destroyed.
class state_folder {
public:
    // Makes the folder (0700) when it is missing. in_use names the pid that holds it.
    static result<state_folder> claim(const std::filesystem::path& dir);

    state_folder(state_folder&& other) noexcept
        : dir_(std::move(other.dir_)), lock_(std::exchange(other.lock_, -1)) {}
    state_folder& operator=(state_folder&& other) noexcept {
        std::swap(dir_, other.dir_);
        std::swap(lock_, other.lock_);
        return *this;
    }
    ~state_folder();

    const std::filesystem::path& dir() const noexcept { return dir_; }
    // Makes `name` in the folder if it is missing, and readable for its owner only.
    result<std::filesystem::path> private_file(const std::string& name) const;

private:
    state_folder(std::filesystem::path dir, int lock) : dir_(std::move(dir)), lock_(lock) {}

    std::filesystem::path dir_;
    int lock_;
};

}  // namespace openclaw::store
