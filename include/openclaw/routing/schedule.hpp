#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/routing/cron_expression.hpp"

#include <cstdint>
#include <optional>
#include <variant>

// When jobs are due. Times are Unix milliseconds by the wall clock; everything here is pure.
namespace openclaw::routing {

struct at_schedule {
    std::int64_t at_ms = 0;
};

// At the anchor and every so often before and after it: the cadence is that of the wall clock, so that
// it survives restarts.
struct every_schedule {
    std::int64_t every_ms = 0;
    std::int64_t anchor_ms = 0;
};

struct cron_schedule {
    cron_expression expression;
    time_zone zone;
};

using schedule = std::variant<at_schedule, every_schedule, cron_schedule>;

inline constexpr std::int64_t shortest_period_ms = 1000;

// Reads what protocol.md §8 writes: {kind:"at",at} with an ISO 8601 time, UTC if it has no offset;
// {kind:"every",everyMs,anchorMs?}, anchored at `now_ms` by itself; {kind:"cron",expr,tz?}, in the
// machine's zone by itself. Other members are passed over. Errors: invalid_input, which names the member.
result<schedule> parse_schedule(const json& value, std::int64_t now_ms);
// What parse_schedule() reads as the same.
json schedule_json(const schedule& s);

// The first occurrence later than `after_ms`; nothing: there is none.
std::optional<std::int64_t> next_after(const schedule& s, std::int64_t after_ms);

// The occurrences in (after_ms, now_ms]: the first and the last, which are the same if there is one.
struct due_range {
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
};
std::optional<due_range> due_between(const schedule& s, std::int64_t after_ms, std::int64_t now_ms);

// What becomes of an occurrence that cannot begin in time: the process was down, the job's last run
// took too long, or the clock was put forward.
struct misfire_policy {
    enum class late : std::uint8_t { catch_up, skip };
    late when_late = late::catch_up;
    std::int64_t grace_ms = 60'000;   // no more than this is not late
};
// Of all the occurrences that are due one runs at most, the last: at once if it is not late, else as
// the policy says. All of them are settled by that.
bool runs(const misfire_policy& policy, const due_range& due, std::int64_t now_ms);

}  // namespace openclaw::routing
