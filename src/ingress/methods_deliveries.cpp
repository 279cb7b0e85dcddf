// deliveries.list: what became of the replies that go out through channels.

#include "ingress/methods.hpp"

namespace openclaw::ingress {

namespace {

using store::delivery_state;

constexpr std::size_t max_run = 256;    // bytes of a run's id

json delivery_json(const store::delivery_report& r) {
    json row{{"replyId", r.reply.reply_id},
             {"runId", r.reply.run_id},
             {"sessionKey", r.reply.session},
             {"channel", r.reply.channel},
             {"accountId", r.reply.account},
             {"peer", r.reply.peer},
             {"state", store::name_of(r.state)},
             {"attempts", r.reply.attempts},
             {"updatedAt", r.updated_ms}};
    if (!r.reply.thread.empty()) row["thread"] = r.reply.thread;
    if (r.state == delivery_state::sent) row["messageId"] = r.detail;
    else if (!r.detail.empty()) row["reason"] = r.detail;
    const bool waits = r.state == delivery_state::pending && r.reply.next_ms != store::delivery_begun;
    if (waits) row["nextAttemptAt"] = r.reply.next_ms;
    return row;
}

result<std::optional<delivery_state>> state_param(const method_call& c) {
    auto name = optional_text(c, "state", 16);
    if (!name) return name.error();
    if (name->empty()) return std::optional<delivery_state>();
    for (const auto s : {delivery_state::pending, delivery_state::sent, delivery_state::failed,
                         delivery_state::unknown}) {
        if (store::name_of(s) == *name) return std::optional(s);
    }
    return error(errc::invalid_input, "state: one of pending, sent, failed and unknown");
}

}  // namespace

task<result<json>> call_deliveries_list(method_call c) {
    store::delivery_query query;
    auto run = optional_text(c, "runId", max_run);
    if (!run) co_return run.error();
    auto state = state_param(c);
    if (!state) co_return state.error();
    auto limit = optional_int(c, "limit", 1, 200, 50);
    if (!limit) co_return limit.error();
    auto before = optional_int(c, "cursor", 0, INT64_MAX, 0);
    if (!before) co_return before.error();
    query.run_id = std::move(*run);
    query.state = *state;
    query.limit = static_cast<std::size_t>(*limit);
    query.before_id = *before;
    auto found = co_await c.gateway.d.store.deliveries(std::move(query));
    if (!found) co_return found.error();
    json out{{"deliveries", json::array()}, {"nextCursor", nullptr}};
    for (const auto& r : *found) out["deliveries"].push_back(delivery_json(r));
    if (std::ssize(*found) == *limit) out["nextCursor"] = found->back().reply.id;
    co_return out;
}

}  // namespace openclaw::ingress
