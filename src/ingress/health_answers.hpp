#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/promise.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace openclaw::ingress {

// How much of `health` a caller sees.
enum class health_view : std::uint8_t { outside, sessions, place_on_disk };

// The last answers of the method `health`, one for each view. They serve for a second: an answer
// reads the store once for each agent, and dashboards ask all the time. Any thread.
class health_answers {
public:
    // Nothing when the last one is older than a second.
    std::shared_ptr<const json> recent(health_view view, steady_time now) const {
        std::lock_guard lock(mutex_);
        const auto& e = answers_[static_cast<std::size_t>(view)];
        return now < e.until ? e.answer : nullptr;
    }
    std::shared_ptr<const json> keep(health_view view, steady_time now, json answer) {
        auto kept = std::make_shared<const json>(std::move(answer));
        std::lock_guard lock(mutex_);
        answers_[static_cast<std::size_t>(view)] = {now + std::chrono::seconds(1), kept};
        return kept;
    }

    // The `health` event (protocol.md §9) is due, and somebody waits to send it. One waiter.
    void tell() { due_.open(); }
    task<> due() { return due_.wait(); }
    // stateVersion.health: grows with each event.
    std::int64_t version() const { return version_; }
    void count_event() { ++version_; }

private:
    struct entry {
        steady_time until{};
        std::shared_ptr<const json> answer;
    };
    mutable std::mutex mutex_;
    std::array<entry, 3> answers_;
    gate due_;
    std::atomic<std::int64_t> version_ = 1;
};

}  // namespace openclaw::ingress
