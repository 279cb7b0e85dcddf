#include "openclaw/routing/schedule.hpp"

#include <algorithm>

namespace openclaw::routing {

namespace {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::sys_time;

std::optional<std::int64_t> next(const at_schedule& s, std::int64_t after_ms) {
    if (s.at_ms > after_ms) return s.at_ms;
    return std::nullopt;
}

std::optional<std::int64_t> next(const every_schedule& s, std::int64_t after_ms) {
    const auto since = after_ms - s.anchor_ms;
    const auto past = ((since % s.every_ms) + s.every_ms) % s.every_ms;
    return after_ms - past + s.every_ms;
}

std::optional<std::int64_t> next(const cron_schedule& s, std::int64_t after_ms) {
    const auto after = floor<seconds>(sys_time<milliseconds>(milliseconds(after_ms)));
    const auto found = s.expression.next_after(after, s.zone);
    if (!found) return std::nullopt;
    return milliseconds(found->time_since_epoch()).count();
}

}  // namespace

std::optional<std::int64_t> next_after(const schedule& s, std::int64_t after_ms) {
    return std::visit([&](const auto& kind) { return next(kind, after_ms); }, s);
}

std::optional<due_range> due_between(const schedule& s, std::int64_t after_ms, std::int64_t now_ms) {
    const auto first = next_after(s, after_ms);
    if (!first || *first > now_ms) return std::nullopt;
    // A moment has an occurrence behind it that is due for as long as it is earlier than the last one. So
    // halving finds that, however many there were meanwhile.
    std::int64_t last = *first, barren = now_ms;
    while (last < barren) {
        const auto middle = last + (barren - last) / 2;
        const auto later = next_after(s, middle);
        if (later && *later <= now_ms) {
            last = *later;
        } else {
            barren = middle;
        }
    }
    return due_range{*first, last};
}

bool runs(const misfire_policy& policy, const due_range& due, std::int64_t now_ms) {
    return policy.when_late == misfire_policy::late::catch_up || now_ms - due.last_ms <= policy.grace_ms;
}

}  // namespace openclaw::routing
