#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/task.hpp"

#include <functional>
#include <memory>

namespace openclaw::net {

// A deadline that moves with every step of an exchange and hardly ever passes: moving it later
// costs no timer operation, since the timer that is armed looks again when it fires.
//
// Owned by a connection; used on the strand of the coroutine that holds the connection, which may
// be another one for each exchange.
class watchdog {
public:
    watchdog(const executor& timers, std::function<void()> on_expiry);
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    // From now on expiry is delivered on `ex`.
    void attach(executor ex);
    // `on_expiry` runs unless watch() or rest() is called again within `limit`.
    void watch(milliseconds limit);
    void rest();
    // Whether on_expiry ran; final.
    bool expired() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace openclaw::net
