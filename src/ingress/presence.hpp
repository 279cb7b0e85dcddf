#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/promise.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace openclaw::ingress {

// Who is here, as clients see it: PresenceEntry rows (protocol.md §8). The list is bounded: those
// that came first are named, the rest are counted. Any thread.
//
// News of it are told by one coroutine that sends at most one event a second, and leaves so much
// time between two events that all of them together stay below a fixed rate however many listen.
class presence_board {
public:
    static constexpr std::size_t max_listed = 100;

    using ticket = std::uint64_t;   // 0: nobody
    ticket enter(json entry);
    void leave(ticket t);

    struct listing {
        std::vector<json> entries;
        std::size_t omitted = 0;     // present and not among `entries`
        std::int64_t version = 0;    // grows with each change
    };
    listing list() const;
    std::int64_t version() const;

    // Returns when something changed since it returned last. One waiter.
    task<> changed() { return news_.wait(); }

private:
    mutable std::mutex mutex_;
    std::map<ticket, json> present_;   // in the order of coming
    ticket last_ = 0;
    std::int64_t version_ = 1;
    gate news_;
};

// How long to wait after an event of `bytes` that `hearers` were sent, before the next one.
std::chrono::milliseconds presence_pause(std::size_t bytes, std::size_t hearers);

}  // namespace openclaw::ingress
