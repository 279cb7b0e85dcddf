#include "net/watchdog.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mutex>

namespace openclaw::net {

namespace {
constexpr auto never = steady_time::max();
}  // namespace

struct watchdog::state : std::enable_shared_from_this<state> {
    state(const executor& timers, std::function<void()> f)
        : timer(timers), on_expiry(std::move(f)) {}

    // With the mutex held, as everything that touches the timer.
    void arm() {
        armed = deadline;
        timer.expires_at(deadline);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
            if (!failure) self->fired();
        });
    }

    // On any thread of the io_context.
    void fired() {
        std::lock_guard lock(mutex);
        armed = never;
        if (gone || deadline == never) return;
        if (std::chrono::steady_clock::now() < deadline) {
            arm();
            return;
        }
        asio::post(ex, [self = shared_from_this(), where = ex] { self->expire(where); });
    }

    // On `where`, the strand of the connection when this was queued.
    void expire(const executor& where) {
        {
            std::lock_guard lock(mutex);
            if (gone || expired || deadline == never) return;
            if (ex != where) {
                // Another exchange has the connection by now.
                asio::post(ex, [self = shared_from_this(), now = ex] { self->expire(now); });
                return;
            }
            if (std::chrono::steady_clock::now() < deadline) {
                // The connection moved on while this was queued.
                if (armed > deadline) arm();
                return;
            }
            expired = true;
        }
        on_expiry();
    }

    mutable std::mutex mutex;
    asio::steady_timer timer;
    const std::function<void()> on_expiry;
    executor ex;
    steady_time deadline = never;
    steady_time armed = never;  // when the timer fires
    bool expired = false;
    bool gone = false;
};

watchdog::watchdog(const executor& timers, std::function<void()> on_expiry)
    : state_(std::make_shared<state>(timers, std::move(on_expiry))) {}

watchdog::~watchdog() {
    std::lock_guard lock(state_->mutex);
    state_->gone = true;
    state_->timer.cancel();
}

void watchdog::attach(executor ex) {
    std::lock_guard lock(state_->mutex);
    state_->ex = std::move(ex);
}

void watchdog::watch(milliseconds limit) {
    auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(state_->mutex);
    state_->deadline = now + limit;
    if (state_->armed > state_->deadline) state_->arm();
}

void watchdog::rest() {
    std::lock_guard lock(state_->mutex);
    state_->deadline = never;
}

bool watchdog::expired() const {
    std::lock_guard lock(state_->mutex);
    return state_->expired;
}

}  // namespace openclaw::net
