// Changes of a session that no turn makes: they wait in its lane like a message.

#include "routing/router_impl.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::routing {

namespace {

constexpr std::size_t copied_rows = 400;  // of a conversation that is gone on from twice: what a lane keeps
constexpr std::size_t most_rows_of_a_run = 1000;

}  // namespace

struct router::impl::follow_up {
    std::string run_id;
    inbound_message message;
    std::shared_ptr<reply_sink> sink;
    std::optional<result<admission>> taken;   // nothing: the session does not end with the run
};

task<result<void>> router::impl::between_turns(session_key session,
                                               std::function<task<result<void>>()> change,
                                               bool looks_only) {
    auto item = std::make_unique<queued>();
    item->chore = std::make_shared<chore>();
    item->chore->change = std::move(change);
    item->chore->looks_only = looks_only;
    auto waiting = item->chore;
    const auto name = session.str();
    if (stopping_) co_return stopping_error();
    {
        std::lock_guard lock(mutex_);
        if (auto kept = table_.reserve_place(name); !kept) co_return kept.error();
        table_.enqueue(session, name, std::move(item), d_.time.steady());
    }
    dispatch();
    co_return co_await waiting->done.get();
}

void router::impl::reload(const std::string& session) {
    std::lock_guard lock(mutex_);
    if (const auto l = table_.find(session)) l->outdated = true;
}

task<> router::impl::do_chore(lane_table::job job) {
    auto self = shared_from_this();
    result<void> outcome = error(errc::internal, "the change failed unexpectedly");
    try {
        outcome = co_await job.item->chore->change();
    } catch (const std::exception& e) {
        log::error("routing", "a change broke", {{"session", job.lane->canonical}, {"error", e.what()}});
    }
    const bool forget = !job.item->chore->looks_only;
    if (forget) {
        forget_history(*job.lane);
    }
    {
        std::lock_guard lock(mutex_);
        table_.finished(job.lane, d_.time.steady(), forget);
    }
    job.item->chore->done.set(std::move(outcome));
    go_on();
}

// In the session's lane, in which no turn begins meanwhile, and the message has the next one.
task<result<void>> router::impl::follow(std::shared_ptr<follow_up> f) {
    auto rows = co_await d_.store.history(f->message.session, 1, 0);
    if (!rows) co_return rows.error();
    if (rows->empty() || rows->back().run_id != f->run_id) co_return result<void>();
    f->taken = co_await submit(std::move(f->message), f->sink, true);
    co_return result<void>();
}

task<result<admission>> router::impl::submit_after(std::string run_id, session_key other,
                                                   inbound_message message,
                                                   std::shared_ptr<reply_sink> sink) {
    auto p = find_place(message, false);
    if (!p) co_return p.error();
    message.session = p->canonical;
    auto busy_with = runs_of(p->canonical).ids;
    std::erase(busy_with, run_id);   // its end is told before its lane is free
    // Shared with the chore, which may outlive this wait.
    auto f = std::make_shared<follow_up>(
        follow_up{std::move(run_id), std::move(message), std::move(sink), std::nullopt});
    if (busy_with.empty()) {
        std::function<task<result<void>>()> change = [this, f] { return follow(f); };
        auto looked = co_await between_turns(p->key, std::move(change), true);
        if (!looked) co_return looked.error();
        if (f->taken) co_return std::move(*f->taken);
    }
    auto plan = co_await plan_fork(p->canonical, f->run_id, std::move(other));
    if (!plan) co_return plan.error();
    f->message.session = (*plan)->copy.key;
    co_return co_await submit(std::move(f->message), f->sink, false, std::move(*plan));
}

// Where the run ends: behind the rows that bear its id.
task<result<std::shared_ptr<const planned_fork>>> router::impl::plan_fork(std::string from,
                                                                          std::string run_id,
                                                                          session_key other) const {
    auto first = co_await d_.store.find_message(from, run_id + ":1");
    if (!first) co_return first.error();
    if (!*first) co_return error(errc::not_found, "run " + run_id + " has no rows in " + from);
    auto rows = co_await d_.store.history_from(from, (*first)->seq, most_rows_of_a_run);
    if (!rows) co_return rows.error();
    auto plan = std::make_shared<planned_fork>();
    plan->end = (*first)->seq;
    for (const auto& row : *rows) {
        if (row.run_id != run_id) break;
        plan->end = row.seq;
    }
    plan->copy.from = std::move(from);
    plan->copy.run_id = std::move(run_id);
    plan->copy.key = other.str();
    plan->copy.agent = other.agent();
    plan->copy.limit = copied_rows;
    plan->copy.at_ms = d_.time.unix_ms();
    co_return std::shared_ptr<const planned_fork>(std::move(plan));
}

}  // namespace openclaw::routing
