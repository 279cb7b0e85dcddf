#pragma once

#include "openclaw/core/task.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <cassert>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace openclaw {

// A gate that one coroutine waits at and any thread opens. An open gate lets the next wait
// through and closes behind it, so a signal that comes early is not lost.
//
// Cancelling the waiting coroutine ends the wait. The gate must outlive the wait.
class gate {
public:
    gate() = default;
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    // Any thread.
    void open() {
        std::unique_lock lock(mutex_);
        if (waiter_) resume(lock);
        else open_ = true;
    }

    // One waiter at a time, on the executor of the awaiting coroutine.
    task<> wait() {
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
            [this](auto handler) {
                auto slot = asio::get_associated_cancellation_slot(handler);
                std::unique_lock lock(mutex_);
                if (open_) {
                    open_ = false;
                    auto ex = asio::get_associated_executor(handler);
                    asio::post(ex, std::move(handler));
                    return;
                }
                assert(!waiter_ && "one waiter at a time");
                if (slot.is_connected()) {
                    slot.assign([this](asio::cancellation_type) { cancel_wait(); });
                }
                waiter_ = std::make_unique<held<decltype(handler)>>(std::move(handler));
            },
            asio::use_awaitable);
        // Nothing of this wait may be reached by a later cancellation.
        auto cancellation = co_await asio::this_coro::cancellation_state;
        cancellation.slot().clear();
    }

private:
    // Who waits. Not any_completion_handler: in Boost 1.81 its move assignment never returns, and
    // it takes the handler's cancellation slot for itself.
    struct waiter {
        virtual ~waiter() = default;
        virtual void resume() = 0;
    };

    template <class Handler>
    struct held final : waiter {
        // Tracked: the io_context stays alive for a wake-up from another thread.
        explicit held(Handler&& h)
            : ex(asio::prefer(asio::get_associated_executor(h),
                              asio::execution::outstanding_work.tracked)),
              handler(std::move(h)) {}
        // The tracked executor goes along with the handler: the posting thread must not hold on to
        // an io_context that may end as soon as the waiter has run.
        void resume() override {
            const auto plain = asio::prefer(ex, asio::execution::outstanding_work.untracked);
            asio::post(plain, [h = std::move(handler), work = std::move(ex)]() mutable {
                std::move(h)();
            });
        }

        executor ex;
        Handler handler;
    };

    // Takes the lock and gives it back before the waiter can run: a waiter on another thread may
    // destroy the gate at once.
    void resume(std::unique_lock<std::mutex>& lock) {
        const auto woken = std::move(waiter_);
        lock.unlock();
        woken->resume();
    }

    void cancel_wait() {
        std::unique_lock lock(mutex_);
        if (waiter_) resume(lock);
    }

    std::mutex mutex_;
    std::unique_ptr<waiter> waiter_;
    bool open_ = false;
};

// A value that one side sets once, from any thread, and the other side awaits once.
// Hold it by shared_ptr when the setter may outlive the waiter.
template <class T>
class promise {
public:
    void set(T value) {
        {
            std::lock_guard lock(mutex_);
            if (value_) return;
            value_.emplace(std::move(value));
        }
        gate_.open();
    }

    // The value; when the waiting coroutine is cancelled it throws operation_aborted as Asio does.
    task<T> get() {
        while (true) {
            {
                std::lock_guard lock(mutex_);
                if (value_) break;
            }
            co_await gate_.wait();
        }
        std::lock_guard lock(mutex_);
        co_return std::move(*value_);
    }

private:
    std::mutex mutex_;
    std::optional<T> value_;
    gate gate_;
};

}  // namespace openclaw
