#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/promise.hpp"
#include "ingress/handshake.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace openclaw::ingress {

// The PresenceEntry (protocol.md §8) of a client that came in over the connection of this id. Null for those
// that come for one question and go again, who are not shown.
json presence_entry(const connect_grant& client, const std::string& connection, const std::string& ip,
                    std::int64_t now_ms);

// Who is here, as clients see it. The list is bounded: those that came first are named, the rest are
// counted. Who has gone is named once more, in the next event. Any thread.
//
// News of it are told by one coroutine that sends at most one event a second, and leaves so much
// time between two events that all of them together stay below a fixed rate however many listen.
class presence_board {
public:
    static constexpr std::size_t max_listed = 100;
    static constexpr std::size_t max_told = 50;   // the one that was told first makes room

    using ticket = std::uint64_t;   // 0: nobody
    ticket enter(json entry);
    void leave(ticket t, std::int64_t now_ms);
    // A row that a client tells of somebody who has no connection. The next one of the same instance,
    // device, host or, without these, text takes its place.
    void tell(json entry);
    // Drops the rows told before then.
    void forget_told(std::int64_t before_ms);

    struct listing {
        std::vector<json> entries;
        std::size_t omitted = 0;     // present and not among `entries`
        std::int64_t version = 0;    // grows with each change
    };
    listing list() const;
    // The same, and behind it those that went since the last call, with the reason "disconnect"; not who is
    // here again.
    listing news();
    std::int64_t version() const;

    // Returns when something changed since it returned last. One waiter.
    task<> changed() { return news_.wait(); }

private:
    listing list_now() const;          // under the lock

    mutable std::mutex mutex_;
    std::map<ticket, json> present_;   // in the order of coming
    std::map<std::string, json> told_;
    std::vector<json> gone_;           // since the last news; max_listed at most
    ticket last_ = 0;
    std::int64_t version_ = 1;
    gate news_;
};

// How long to wait after an event of `bytes` that `hearers` were sent, before the next one.
std::chrono::milliseconds presence_pause(std::size_t bytes, std::size_t hearers);

}  // namespace openclaw::ingress
