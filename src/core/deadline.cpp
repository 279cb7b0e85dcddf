#include "openclaw/core/deadline.hpp"

#include <atomic>

namespace openclaw {

struct deadline_guard::state : std::enable_shared_from_this<state> {
    state(const executor& ex, std::function<void()> f) : timer(ex), on_expiry(std::move(f)) {}

    void arm(std::chrono::milliseconds limit) {
        timer.expires_after(limit);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
            if (failure || self->finished) return;
            // A restart may come when this wait has ended already but has not been reported yet.
            if (self->timer.expiry() > std::chrono::steady_clock::now()) return;
            self->expired = true;
            self->on_expiry();
        });
    }

    asio::steady_timer timer;
    std::function<void()> on_expiry;
    std::atomic<bool> expired = false;
    std::atomic<bool> finished = false;
};

deadline_guard::deadline_guard(const executor& ex, std::chrono::milliseconds limit,
                               std::function<void()> on_expiry)
    : state_(std::make_shared<state>(ex, std::move(on_expiry))) {
    state_->arm(limit);
}

deadline_guard::~deadline_guard() {
    state_->finished = true;
    state_->timer.cancel();
}

bool deadline_guard::expired() const {
    return state_->expired;
}

void deadline_guard::restart(std::chrono::milliseconds limit) {
    if (!state_->expired) state_->arm(limit);
}

}  // namespace openclaw
