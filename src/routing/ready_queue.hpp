#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/model/inbound.hpp"

#include <map>
#include <memory>
#include <utility>

namespace openclaw::routing {

// The sessions that have work and wait for one of the places of sessions.maxConcurrent. Higher
// priority goes first, but waiting counts: a priority is a head start of `head_start`, so the order
// of two waiters never changes and nobody waits for ever. Sans-io; not thread-safe.
template <class T>
class ready_queue {
public:
    static constexpr milliseconds head_start{30'000};

    void push(priority p, steady_time since, T value) {
        const auto key = since - head_start * static_cast<int>(p);
        waiting_.emplace(key, std::move(value));
    }

    // Whether it was there.
    bool remove(const T& value) {
        return std::erase_if(waiting_, [&](const auto& entry) { return entry.second == value; }) > 0;
    }

    bool empty() const { return waiting_.empty(); }
    std::size_t size() const { return waiting_.size(); }

    // The next one; not on an empty queue.
    T pop() {
        auto first = waiting_.begin();
        T value = std::move(first->second);
        waiting_.erase(first);
        return value;
    }

private:
    std::multimap<steady_time, T> waiting_;  // equal keys keep their order of arrival
};

}  // namespace openclaw::routing
