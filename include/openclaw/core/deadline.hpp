#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace openclaw {

// Runs `on_expiry` on `ex` once `limit` has passed, unless it is destroyed first. Cheaper than
// with_deadline on a hot path: the expiry closes the socket and the pending operation fails.
class deadline_guard {
public:
    deadline_guard(const executor& ex, std::chrono::milliseconds limit,
                   std::function<void()> on_expiry);
    ~deadline_guard();
    deadline_guard(const deadline_guard&) = delete;
    deadline_guard& operator=(const deadline_guard&) = delete;

    bool expired() const;
    // Starts the time anew.
    void restart(std::chrono::milliseconds limit);

private:
    struct state;
    std::shared_ptr<state> state_;
};

namespace detail {

// co_spawn wants a value that can be made from nothing; a result<T> may not be.
template <class T>
task<> keep(task<result<T>> work, std::optional<result<T>>& out) {
    out.emplace(co_await std::move(work));
}

}  // namespace detail

// Awaits `work` for at most `limit`, then cancels it and returns timed_out with `what` in the
// message. Boost 1.81 has no cancel_after: the work gets a cancellation of its own, which the timer
// and the awaiting coroutine's cancellation both set off. What the work throws is thrown on.
template <class T>
task<result<T>> with_deadline(std::chrono::milliseconds limit, std::string_view what,
                              task<result<T>> work) {
    const auto ex = co_await asio::this_coro::executor;
    auto outer = co_await asio::this_coro::cancellation_state;
    const auto stop = std::make_shared<asio::cancellation_signal>();
    const auto cancel = [stop] { stop->emit(asio::cancellation_type::terminal); };
    if (outer.slot().is_connected()) {
        outer.slot().assign([cancel](asio::cancellation_type) { cancel(); });
    }
    const deadline_guard guard(ex, limit, cancel);
    std::optional<result<T>> value;
    std::exception_ptr failure;
    try {
        auto kept = detail::keep<T>(std::move(work), value);
        co_await asio::co_spawn(ex, std::move(kept),
                                asio::bind_cancellation_slot(stop->slot(), asio::use_awaitable));
    } catch (...) {
        failure = std::current_exception();
    }
    outer.slot().clear();
    if (value && (*value || !guard.expired())) co_return *std::move(value);
    if (failure && !guard.expired()) std::rethrow_exception(failure);
    co_return error(errc::timed_out,
                    std::string(what) + " took longer than " + std::to_string(limit.count()) + " ms");
}

}  // namespace openclaw
