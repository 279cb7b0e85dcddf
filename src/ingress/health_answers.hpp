#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

namespace openclaw::ingress {

// How much of `health` a caller sees.
enum class health_view : std::uint8_t { outside, sessions, place_on_disk };

// The last answers of the method `health`, one for each view. They serve for a second: an answer
// reads the store once for each agent, and dashboards ask all the time.
class health_answers {
public:
    // Nothing when the last one is older than a second.
    std::shared_ptr<const json> recent(health_view view, steady_time now) const {
        std::lock_guard lock(mutex_);
        const auto& e = answers_[static_cast<std::size_t>(view)];
        return now < e.until ? e.answer : nullptr;
    }
    void keep(health_view view, steady_time now, const json& answer) {
        auto copy = std::make_shared<const json>(answer);
        std::lock_guard lock(mutex_);
        auto& e = answers_[static_cast<std::size_t>(view)];
        e.until = now + std::chrono::seconds(1);
        e.answer = std::move(copy);
    }

private:
    struct entry {
        steady_time until{};
        std::shared_ptr<const json> answer;
    };
    mutable std::mutex mutex_;
    std::array<entry, 3> answers_;
};

}  // namespace openclaw::ingress
