#pragma once

#include <unistd.h>

#include <utility>

namespace openclaw {

// Owns an open file, folder or socket of the kernel's and closes it at the end of the scope; one that
// could not be opened is false, and errno says why.
class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&&) = delete;

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

}  // namespace openclaw
