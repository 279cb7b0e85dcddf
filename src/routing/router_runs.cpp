// What others ask of runs and sessions: to stop them, to wait for them, how they stand.

#include "routing/router_impl.hpp"

#include "openclaw/core/deadline.hpp"

namespace openclaw::routing {

namespace {

bool is_of(const queued& item, const std::string& run_id) {
    const auto named = [&](const queued_ptr& guest) { return guest->run->run_id == run_id; };
    return item.run->run_id == run_id || std::ranges::any_of(item.joined, named);
}

}  // namespace

router::impl::stopped_runs router::impl::abort(const std::string& session, const std::string& run_id,
                                               const std::string& reason) {
    stopped_runs stopped;
    std::shared_ptr<lane> l;
    {
        std::lock_guard lock(mutex_);
        l = table_.find(session);
        if (!l) return stopped;
        if (l->turn && (run_id.empty() || l->works_on(run_id))) {
            stopped.turns.push_back(l->live->run->run_id);
            for (const auto& guest : l->joined) stopped.all.push_back(guest.run->run_id);
            if (l->abort_reason.empty()) {
                l->abort_reason = reason;
                l->turn.cancel();
            }
        }
        for (const auto& item : l->queue) {
            if (item->chore || (!run_id.empty() && !is_of(*item, run_id))) continue;
            stopped.turns.push_back(item->run->run_id);
            for (const auto& guest : item->joined) stopped.all.push_back(guest->run->run_id);
            if (item->abort_reason.empty()) item->abort_reason = reason;
        }
        stopped.all.insert(stopped.all.end(), stopped.turns.begin(), stopped.turns.end());
        table_.hurry(l);
    }
    dispatch();
    return stopped;
}

task<result<std::vector<std::string>>> router::impl::call_back(std::string session, std::string run_id,
                                                               std::string reason) {
    auto stopped = abort(session, run_id, reason);
    if (stopped.all.empty()) co_return std::move(stopped.turns);
    auto kept = co_await d_.store.call_back(std::move(stopped.all), std::move(reason));
    if (!kept) {
        auto failure = kept.error();
        failure.message += "; what was to stop is stopped, but a restart would go on with it";
        co_return failure;
    }
    co_return std::move(stopped.turns);
}

namespace {

bool has_ended(store::run_state s) { return s >= store::run_state::done; }

}  // namespace

task<run_report> router::impl::wait(std::string run_id, milliseconds limit) {
    const run_waiters::place mine(waiters_, run_id);
    run_report report;
    auto row = co_await d_.store.find_run(run_id);
    const bool ended = row && *row && has_ended((*row)->state);
    if (!ended && limit.count() > 0) {
        // A run that its caller waits for has no row: the waiters know of its end too.
        auto value = [](run_waiters::promise_ptr p) -> task<result<store::run_state>> {
            co_return co_await p->get();
        };
        const auto end = co_await with_deadline(limit, "the run", value(mine.promise()));
        row = co_await d_.store.find_run(run_id);
        if (end && has_ended(*end) && row && !*row) {
            report.known = report.ended = true;
            report.row.state = *end;
        }
    }
    if (row && *row) {
        report.known = true;
        report.row = std::move(**row);
        report.ended = has_ended(report.row.state);
    }
    if (!row) report.unread = row.error();
    co_return report;
}

std::optional<router::in_flight> router::impl::running_in(const std::string& session) const {
    std::lock_guard lock(mutex_);
    const auto l = table_.find(session);
    if (!l || !l->live || l->live->over) return std::nullopt;
    return in_flight{l->live->run->run_id, l->live->text(), l->live->started_ms, l->live->question()};
}

router::active_runs router::impl::runs_of(const std::string& session) const {
    active_runs runs;
    std::lock_guard lock(mutex_);
    const auto l = table_.find(session);
    if (!l) return runs;
    runs.running = l->live && !l->live->over;
    if (runs.running) runs.ids.push_back(l->live->run->run_id);
    for (const auto& guest : l->joined) runs.ids.push_back(guest.run->run_id);
    for (const auto& item : l->queue) {
        if (item->chore) continue;
        runs.ids.push_back(item->run->run_id);
        for (const auto& guest : item->joined) runs.ids.push_back(guest->run->run_id);
    }
    return runs;
}

std::string router::impl::session_of(const std::string& run_id) const {
    std::lock_guard lock(mutex_);
    const auto l = table_.find_run(run_id);
    return l ? l->canonical : std::string();
}

router::waiting_messages router::impl::waiting_in(const std::string& session,
                                                  std::size_t limit) const {
    waiting_messages out;
    std::lock_guard lock(mutex_);
    const auto l = table_.find(session);
    if (!l) return out;
    const auto add = [&](const participant& p) {
        if (out.first.size() < limit) out.first.push_back({p.run->run_id, p.text, p.received_ms});
        ++out.total;
    };
    // What takes part in a turn stands in the transcript when that has ended.
    if (l->live && !l->live->over) std::ranges::for_each(l->joined, add);
    for (const auto& item : l->queue) {
        if (item->chore || !item->abort_reason.empty()) continue;
        add(participant_of(*item));
        for (const auto& guest : item->joined) add(participant_of(*guest));
    }
    return out;
}

queue_stats router::impl::stats() const {
    std::lock_guard lock(mutex_);
    return table_.stats();
}

}  // namespace openclaw::routing
