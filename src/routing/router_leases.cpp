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
        for (const auto& l : late) {
            l->live->muted = true;
            l->turn.cancel();
            table_.release(l, d_.time.steady());
        }
    }
    for (const auto& l : late) {
        released_figure_.add();
        log::error("routing", "a turn held its session for too long and was given up",
                   {{"run", l->live->run->run_id}, {"session", l->canonical}});
        co_await give_up(l);
    }
    if (!late.empty()) go_on();
}

// A message that has not ended, as the store has it; null: it has, or cannot be read.
task<queued_ptr> router::impl::read_unfinished(participant who) {
    const auto row = co_await d_.store.find_run(who.run_id);
    if (!row || !*row) co_return nullptr;
    const auto rows = co_await d_.store.waiting((*row)->inbox_id - 1, 1);
    if (!rows || rows->empty() || rows->front().run_id != who.run_id) co_return nullptr;
    const auto body = parse_json(rows->front().body, max_body_depth);
    if (!body) co_return nullptr;
    auto item = left_behind(rows->front(), *body);
    item->sink = std::move(who.sink);
    co_return item;
}

// Its message fails, in the session and before all that waits there, by a turn that only says so. One
// that is not in the store was its caller's alone.
task<> router::impl::give_up(std::shared_ptr<lane> l) {
    const auto run = l->live->run;
    participant self{run->run_id, l->sink};
    auto item = co_await read_unfinished(std::move(self));
    if (!item) {
        tell_failed(run, l->sink, held_for_too_long());
        waiters_.ended(run->run_id, store::run_state::failed);
        co_return;
    }
    for (const auto& guest : l->joined) {
        auto other = co_await read_unfinished(guest);
        if (other) item->joined.push_back(std::move(other));
    }
    item->joins_kept = item->joined.empty();
    item->given_up = true;
    item->alone = false;
    {
        std::lock_guard lock(mutex_);
        table_.put_back(l->key, l->canonical, std::move(item), d_.time.steady());
    }
}

}  // namespace openclaw::routing
