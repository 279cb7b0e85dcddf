#include "channels/outbox_plan.hpp"

#include <algorithm>
#include <map>

namespace openclaw::channels {

std::string_view name_of(link_state s) {
    switch (s) {
    case link_state::stopped: return "stopped";
    case link_state::connecting: return "connecting";
    case link_state::connected: return "connected";
    case link_state::failed: return "failed";
    }
    return "unknown";
}

std::string_view name_of(send_outcome::kind k) {
    switch (k) {
    case send_outcome::kind::sent: return "sent";
    case send_outcome::kind::retry: return "retry";
    case send_outcome::kind::failed: return "failed";
    case send_outcome::kind::unknown: return "unknown";
    }
    return "unknown";
}

outbox_plan plan_outbox(std::vector<store::delivery> rows, const std::set<std::string>& busy,
                        std::int64_t now_ms, std::size_t places) {
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    outbox_plan plan;
    std::map<std::string, std::size_t> batch_of;
    std::set<std::string> held;
    for (auto& row : rows) {
        if (busy.contains(row.peer) || held.contains(row.peer)) continue;
        const auto batch = batch_of.find(row.peer);
        if (row.next_ms > now_ms && row.next_ms != store::delivery_begun) {
            // A batch that goes first looks again when it ends.
            if (batch == batch_of.end()) {
                plan.next_ms = std::min(plan.next_ms.value_or(row.next_ms), row.next_ms);
            }
            held.insert(row.peer);
        } else if (batch != batch_of.end()) {
            plan.batches[batch->second].push_back(std::move(row));
        } else if (plan.batches.size() < places) {
            batch_of.emplace(row.peer, plan.batches.size());
            plan.batches.emplace_back().push_back(std::move(row));
        }
    }
    return plan;
}

attempt_end end_attempt(const store::delivery& d, const send_outcome& outcome, when_unknown unknown,
                        std::int64_t now_ms, random_source& random) {
    using store::delivery_state;
    const bool in_doubt = outcome.what == send_outcome::kind::unknown;
    if (in_doubt && unknown == when_unknown::record) {
        return {delivery_state::unknown, outcome.detail, 0, "unknown"};
    }
    switch (outcome.what) {
    case send_outcome::kind::sent: return {delivery_state::sent, outcome.detail, 0, "sent"};
    case send_outcome::kind::failed: return {delivery_state::failed, outcome.detail, 0, "failed"};
    case send_outcome::kind::unknown:
    case send_outcome::kind::retry: break;
    }
    if (d.attempts + 1 >= max_attempts) {
        const auto end = in_doubt ? delivery_state::unknown : delivery_state::failed;
        return {end, "given up after " + std::to_string(max_attempts) + " attempts: " + outcome.detail, 0,
                store::name_of(end)};
    }
    const auto wait = std::max(outcome.retry_after, retry_backoff.delay(d.attempts, random));
    return {delivery_state::pending, outcome.detail, now_ms + wait.count(), "retry"};
}

}  // namespace openclaw::channels
