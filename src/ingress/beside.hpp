#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/promise.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace openclaw::ingress {

// A few threads for work that blocks, because a disk may take its time: the io threads neither do it nor
// wait for its end. They start with the first work. Owned by the gateway's context; any thread.
class side_threads {
public:
    static constexpr std::size_t threads = 4;
    static constexpr std::size_t max_waiting = 64;   // in progress too; more are refused

    side_threads() = default;
    // What was taken is finished, also for callers that have gone.
    ~side_threads() {
        if (pool_) pool_->join();
    }
    side_threads(const side_threads&) = delete;
    side_threads& operator=(const side_threads&) = delete;

    // What `work` returns, a result<T>; it throws nothing. queue_full when too many wait. Name the lambda
    // before the call: g++ 12 destroys one written inside a co_await expression twice.
    template <class Work>
    task<std::invoke_result_t<Work&>> run(Work work) {
        if (waiting_.fetch_add(1) >= max_waiting) {
            --waiting_;
            co_return error(errc::queue_full, "too many calls wait for files", "Try again in a moment.");
        }
        std::call_once(started_, [this] { pool_.emplace(threads); });
        const auto done = std::make_shared<promise<std::invoke_result_t<Work&>>>();
        asio::post(*pool_, [this, done, work = std::move(work)]() mutable {
            auto made = work();
            --waiting_;
            done->set(std::move(made));
        });
        co_return co_await done->get();
    }

private:
    std::atomic<std::size_t> waiting_ = 0;
    std::once_flag started_;
    std::optional<asio::thread_pool> pool_;
};

}  // namespace openclaw::ingress
