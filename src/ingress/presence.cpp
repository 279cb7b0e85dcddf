#include "ingress/presence.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{1'000};
constexpr milliseconds longest_pause{60'000};
constexpr std::size_t max_rate = 4 << 20;   // bytes a second, to all together

}  // namespace

presence_board::ticket presence_board::enter(json entry) {
    ticket t = 0;
    {
        std::lock_guard lock(mutex_);
        t = ++last_;
        present_.emplace_hint(present_.end(), t, std::move(entry));
        ++version_;
    }
    news_.open();
    return t;
}

void presence_board::leave(ticket t) {
    {
        std::lock_guard lock(mutex_);
        if (present_.erase(t) == 0) return;
        ++version_;
    }
    news_.open();
}

presence_board::listing presence_board::list() const {
    std::lock_guard lock(mutex_);
    listing out;
    out.version = version_;
    for (auto it = present_.begin(); it != present_.end() && out.entries.size() < max_listed; ++it) {
        out.entries.push_back(it->second);
    }
    out.omitted = present_.size() - out.entries.size();
    return out;
}

std::int64_t presence_board::version() const {
    std::lock_guard lock(mutex_);
    return version_;
}

milliseconds presence_pause(std::size_t bytes, std::size_t hearers) {
    const auto needed = milliseconds(static_cast<std::int64_t>(bytes * hearers * 1000 / max_rate));
    return std::clamp(needed, shortest_pause, longest_pause);
}

}  // namespace openclaw::ingress
