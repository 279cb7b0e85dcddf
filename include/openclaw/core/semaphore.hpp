#pragma once

#include "openclaw/core/task.hpp"

#include <cstddef>
#include <memory>

namespace openclaw {

// A counting semaphore for coroutines; waiters are served in order. Any thread.
class semaphore {
public:
    explicit semaphore(std::size_t places);
    ~semaphore();
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    // A place; it is given back when the ticket is destroyed.
    class ticket {
    public:
        ticket() = default;
        explicit ticket(semaphore& owner) : owner_(&owner) {}
        ticket(ticket&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        ticket& operator=(ticket&& other) noexcept {
            std::swap(owner_, other.owner_);
            return *this;
        }
        ~ticket() { if (owner_) owner_->release(); }
        explicit operator bool() const { return owner_ != nullptr; }

    private:
        semaphore* owner_ = nullptr;
    };

    // Waits for a place. Cancelling the wait leaves the queue without taking one.
    task<ticket> acquire();
    // A place if one is free now, else an empty ticket.
    ticket try_acquire();

private:
    void release();
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace openclaw
