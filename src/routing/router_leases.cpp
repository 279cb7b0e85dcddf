// A turn has its session on lease: until its time limit, and gateway.sessions.queue.lease beyond. One
// that holds it longer, because what it waits for neither ends nor can be stopped, loses it.

#include "routing/router_impl.hpp"

#include "openclaw/core/log.hpp"
#include "routing/inbound_json.hpp"
#include "routing/turn_end.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::routing {

// Runs while sessions rest because more may come for their next turn.
task<> router::impl::wait_for_rest() {
    auto self = shared_from_this();
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!stopping_) {
        std::optional<steady_time> at;
        {
            std::lock_guard lock(mutex_);
            at = table_.wakes_at();
            if (!at) watches_rest_ = false;
        }
        if (!at) co_return;
        timer.expires_after(*at - d_.time.steady());
        boost::system::error_code failure;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
        if (failure) co_return;
        dispatch();
    }
}

task<> router::impl::release_overdue() {
    std::vector<std::shared_ptr<lane>> late;
    {
        std::lock_guard lock(mutex_);
        late = table_.overdue(d_.time.steady());
    }
    for (const auto& l : late) co_await give_up(l);
}

// A message that has not ended, as the store has it; null: there is none. Errors: the store's.
task<result<queued_ptr>> router::impl::read_unfinished(participant who) {
    const auto row = co_await d_.store.find_run(who.run->run_id);
    if (!row) co_return row.error();
    if (!*row) co_return queued_ptr();
    const auto rows = co_await d_.store.waiting((*row)->inbox_id - 1, 1);
    if (!rows) co_return rows.error();
    if (rows->empty() || rows->front().run_id != who.run->run_id) co_return queued_ptr();
    const auto body = parse_json(rows->front().body, max_body_depth);
    if (!body) co_return body.error();
    auto item = left_behind(rows->front(), *body);
    item->sink = std::move(who.sink);
    item->alone = false;
    co_return item;
}

// Its message fails, in the session and before all that waits there, by a turn that only says so. What that
// needs is read first; if it cannot be read, the next look tries again. One that is not in the store was
// its caller's alone.
task<> router::impl::give_up(std::shared_ptr<lane> l) {
    participant host;
    std::vector<participant> guests;
    {
        std::lock_guard lock(mutex_);
        if (!l->live) co_return;
        host = {l->live->run, l->sink, {}, 0};
        guests = l->joined;
    }
    auto item = co_await read_unfinished(host);
    if (item && *item) {
        (*item)->given_up = true;
        for (const auto& guest : guests) {
            auto other = co_await read_unfinished(guest);
            if (!other) co_return;
            if (*other) (*item)->joined.push_back(std::move(*other));
        }
        (*item)->joins_kept = (*item)->joined.empty();
    }
    if (!item) co_return;
    const bool kept = *item != nullptr;
    {
        std::lock_guard lock(mutex_);
        const auto now = d_.time.steady();
        const bool same = table_.find(l->canonical) == l && l->working && l->turn && l->live &&
                          l->live->run == host.run && l->overdue_at <= now &&
                          l->joined.size() == guests.size();
        if (!same) co_return;
        l->live->muted = true;
        l->turn.cancel();
        table_.release(l, now);
        if (kept) table_.put_back(l->key, l->canonical, std::move(*item), now);
    }
    released_figure_.add();
    log::error("routing", "a turn held its session for too long and was given up",
               {{"run", host.run->run_id}, {"session", l->canonical}});
    if (!kept) {
        tell_failed(host.run, host.sink, held_for_too_long());
        waiters_.ended(host.run->run_id, store::run_state::failed);
    }
    go_on();
}

}  // namespace openclaw::routing
