// Changes of a session that no turn makes: they wait in its lane like a message.

#include "routing/router_impl.hpp"

#include "openclaw/core/log.hpp"

namespace openclaw::routing {

task<result<void>> router::impl::between_turns(session_key session,
                                               std::function<task<result<void>>()> change) {
    auto item = std::make_unique<queued>();
    item->chore = std::make_shared<chore>();
    item->chore->change = std::move(change);
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
    job.lane->loaded = false;
    job.lane->history.clear();
    {
        std::lock_guard lock(mutex_);
        table_.finished(job.lane, d_.time.steady(), true);
    }
    job.item->chore->done.set(std::move(outcome));
    go_on();
}

}  // namespace openclaw::routing
