#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"

#include <initializer_list>

namespace openclaw::simulation {

// What a seed decides. Every part of a run draws from its own, so that a change in one leaves the
// others' plans as they are.
class dice {
public:
    explicit dice(std::uint64_t seed) : source_(seed * 0x9e3779b97f4a7c15U + 1) {}

    // From `low` to `high`, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        const auto span = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(source_.number() % span);
    }
    bool chance(int percent) { return between(0, 99) < percent; }
    // The place that is hit when each has so many lots.
    std::size_t lot(std::initializer_list<int> weights) {
        std::int64_t all = 0;
        for (const int w : weights) all += w;
        auto at = between(0, all - 1);
        std::size_t place = 0;
        for (const int w : weights) {
            if (at < w) return place;
            at -= w;
            ++place;
        }
        return place;
    }
    // Short ones are as likely as long ones.
    milliseconds pause(std::int64_t longest) {
        auto limit = longest;
        for (auto halvings = between(0, 8); halvings > 0; --halvings) limit /= 2;
        return milliseconds(between(0, limit));
    }
    random_source& source() { return source_; }

private:
    seeded_random source_;
};

}  // namespace openclaw::simulation
