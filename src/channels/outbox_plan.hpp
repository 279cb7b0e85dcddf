#pragma once

#include "openclaw/channels/channel.hpp"
#include "openclaw/net/backoff.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The decisions of an outbox, without clocks, sockets or a store.
namespace openclaw::channels {

// An attempt after this many is not made: the reply has failed.
inline constexpr std::uint32_t max_attempts = 20;
inline constexpr net::backoff retry_backoff{std::chrono::seconds(1), std::chrono::minutes(5),
                                            std::chrono::milliseconds(200)};

struct outbox_plan {
    // What may go now: one list per peer, in order. Different peers may go at the same time.
    std::vector<std::vector<store::delivery>> batches;
    // When to look again although nobody calls; nothing: only when somebody does.
    std::optional<std::int64_t> next_ms;
};

// Decides over the pending rows of one account. One whose attempt has begun is due: whoever began it is
// gone, or its peer is busy. A peer's rows go in the order of their ids: while
// the first waits for its time, the later ones wait with it. Rows of `busy` peers are left alone,
// and at most `places` peers begin.
outbox_plan plan_outbox(std::vector<store::delivery> rows, const std::set<std::string>& busy,
                        std::int64_t now_ms, std::size_t places);

// What becomes of a delivery after an attempt.
struct attempt_end {
    store::delivery_state state = store::delivery_state::sent;
    std::string detail;
    std::int64_t next_ms = 0;          // pending only
    std::string_view outcome;          // the metrics label: sent | retry | failed | unknown
};
attempt_end end_attempt(const store::delivery& d, const send_outcome& outcome, when_unknown unknown,
                        std::int64_t now_ms, random_source& random);

}  // namespace openclaw::channels
