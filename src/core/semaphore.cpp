#include "openclaw/core/semaphore.hpp"

#include "openclaw/core/promise.hpp"

#include <list>
#include <mutex>

namespace openclaw {

struct semaphore::state {
    std::mutex mutex;
    std::size_t free = 0;
    struct waiter {
        gate opened;
        bool granted = false;
    };
    std::list<std::shared_ptr<waiter>> queue;
};

semaphore::semaphore(std::size_t places) : state_(std::make_unique<state>()) {
    state_->free = places;
}

semaphore::~semaphore() = default;

semaphore::ticket semaphore::try_acquire() {
    std::lock_guard lock(state_->mutex);
    if (state_->free == 0) return {};
    --state_->free;
    return ticket(*this);
}

task<semaphore::ticket> semaphore::acquire() {
    auto w = std::make_shared<state::waiter>();
    {
        std::lock_guard lock(state_->mutex);
        if (state_->free > 0) {
            --state_->free;
            co_return ticket(*this);
        }
        state_->queue.push_back(w);
    }
    try {
        co_await w->opened.wait();
    } catch (...) {
        bool had = false;
        {
            std::lock_guard lock(state_->mutex);
            had = w->granted;
            state_->queue.remove(w);
        }
        if (had) release();
        throw;
    }
    bool granted = false;
    {
        std::lock_guard lock(state_->mutex);
        granted = w->granted;
        state_->queue.remove(w);
    }
    co_return granted ? ticket(*this) : ticket();
}

void semaphore::release() {
    std::shared_ptr<state::waiter> next;
    {
        std::lock_guard lock(state_->mutex);
        if (state_->queue.empty()) {
            ++state_->free;
            return;
        }
        next = state_->queue.front();
        state_->queue.pop_front();
        next->granted = true;
    }
    next->opened.open();
}

}  // namespace openclaw
