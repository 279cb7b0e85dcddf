#pragma once

#include "openclaw/core/promise.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace openclaw {

// A bounded queue between owners: many senders on any thread, one receiving coroutine.
// A full mailbox refuses at once; a closed one refuses senders and hands out what it holds first.
template <class T>
class mailbox {
public:
    explicit mailbox(std::size_t capacity) : capacity_(capacity) {}

    // False when full or closed; `value` is untouched then.
    bool try_push(T&& value) {
        {
            std::lock_guard lock(mutex_);
            if (closed_ || items_.size() >= capacity_) return false;
            items_.push_back(std::move(value));
        }
        gate_.open();
        return true;
    }

    // The oldest item, or nothing once closed and empty.
    task<std::optional<T>> pop() {
        while (true) {
            {
                std::lock_guard lock(mutex_);
                if (!items_.empty()) {
                    std::optional<T> item(std::move(items_.front()));
                    items_.pop_front();
                    co_return item;
                }
                if (closed_) co_return std::nullopt;
            }
            co_await gate_.wait();
        }
    }

    std::optional<T> try_pop() {
        std::lock_guard lock(mutex_);
        if (items_.empty()) return std::nullopt;
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        return item;
    }

    void close() {
        {
            std::lock_guard lock(mutex_);
            closed_ = true;
        }
        gate_.open();
    }

    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return items_.size();
    }

private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<T> items_;
    bool closed_ = false;
    gate gate_;
};

}  // namespace openclaw
