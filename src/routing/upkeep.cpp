// What the router does besides turns: it takes up what the last process left, lets idle sessions
// go, and deletes what is older than sessions.historyRetention.

#include "routing/router_impl.hpp"

#include "openclaw/core/log.hpp"
#include "routing/inbound_json.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::routing {

namespace {

constexpr std::size_t recovery_page = 50;           // inbox rows per read, of up to 1 MB each
constexpr std::size_t sweep_slice = 500;            // rows, or sessions looked at, per transaction
constexpr milliseconds upkeep_pause{60'000};
constexpr milliseconds longest_sweep_pause{3'600'000};
constexpr milliseconds drain_poll{20};

struct sweep_plan {
    milliseconds kept{0};          // what the last one kept
    steady_time next{};            // not before
    std::int64_t session = 0;      // where the walk goes on
};

task<bool> sleep_for(milliseconds pause) {
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    boost::system::error_code failure;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

}  // namespace

void router::impl::start() {
    tasks_.spawn(asio::make_strand(d_.io), "recovery", recover());
    tasks_.spawn(asio::make_strand(d_.io), "upkeep", upkeep());
}

// The next rows behind `after` that an earlier process has left; none: that was all, or the router stops.
// What is of this start's epoch was accepted meanwhile: submit() has put it, or is about to put it, into
// the table.
task<std::vector<store::run_row>> router::impl::next_left(std::int64_t& after) {
    std::vector<store::run_row> left;
    while (!stopping_ && left.empty()) {
        auto rows = co_await d_.store.waiting(after, recovery_page);
        if (!rows) {
            log::error("routing", "the inbox cannot be read", {{"error", rows.error().to_string()}});
            if (!co_await sleep_for(upkeep_pause)) break;
            continue;
        }
        if (rows->empty()) break;
        after = rows->back().inbox_id;
        left = std::move(*rows);
        std::erase_if(left, [this](const auto& row) { return row.epoch == d_.store.epoch(); });
    }
    co_return left;
}

// Twice through what was left: what takes part in the turn of another message is found first, for that turn
// may begin as soon as its message is taken up.
task<> router::impl::recover() {
    auto self = shared_from_this();
    guests_of guests;
    std::int64_t after = 0;
    for (auto rows = co_await next_left(after); !rows.empty(); rows = co_await next_left(after)) {
        for (auto& row : rows) {
            if (row.joined != 0) guests[row.joined].push_back(std::move(row));
        }
    }
    std::size_t taken = 0;
    after = 0;
    for (auto rows = co_await next_left(after); !rows.empty(); rows = co_await next_left(after)) {
        for (auto& row : rows) {
            if (row.joined != 0) continue;
            std::vector<store::run_row> own;
            if (auto found = guests.extract(row.inbox_id)) own = std::move(found.mapped());
            auto work = take_up(std::move(row), std::move(own));
            if (co_await std::move(work)) ++taken;
        }
    }
    holding_ = false;
    dispatch();
    if (taken > 0) log::info("routing", "took up messages of the last process", {{"count", taken}});
}

queued_ptr left_behind(const store::run_row& row, const json& body) {
    auto item = std::make_unique<queued>();
    item->message = from_stored(body);
    item->run = std::make_shared<const run_identity>(run_identity{row.run_id, row.session, row.agent});
    item->inbox_id = row.inbox_id;
    item->recovered = true;
    item->abort_reason = row.called_back;
    item->begun = row.state == store::run_state::running;
    item->deaths = row.attempts;
    item->alone = row.attempts >= suspect_deaths && row.attempts < max_deaths;
    item->bytes = size_of(item->message);
    return item;
}

task<bool> router::impl::take_up(store::run_row row, std::vector<store::run_row> guests) {
    auto body = parse_json(row.body, max_body_depth);
    auto key = session_key::parse(row.session, row.agent);
    if (!body || !key) {
        log::error("routing", "an inbox row cannot be read", {{"run", row.run_id}});
        co_return false;
    }
    auto item = left_behind(row, *body);
    for (const auto& guest : guests) {
        const auto words = parse_json(guest.body, max_body_depth);
        if (words) item->joined.push_back(left_behind(guest, *words));
        else log::error("routing", "an inbox row cannot be read", {{"run", guest.run_id}});
    }
    const auto placed = [&] {
        std::lock_guard lock(mutex_);
        item->mode = mode_of(item->message);
        if (!table_.reserve_place(row.session, item->bytes)) return false;
        table_.enqueue(*key, row.session, std::move(item), d_.time.steady());
        return true;
    };
    while (!stopping_ && !placed()) {
        // More was left than the table holds: turns must run to make room. One that begins gives
        // its place in the queue free, so waiting comes only after a second look.
        holding_ = false;
        dispatch();
        if (placed()) break;
        co_await room_.wait();
    }
    co_return true;
}

task<> router::impl::upkeep() {
    auto self = shared_from_this();
    sweep_plan plan;
    config::session_settings s;
    while (true) {
        {
            std::lock_guard lock(mutex_);
            s = sessions_;
            table_.drop_idle(d_.time.steady() - s.timeout);
            publish(table_.stats());
        }
        if (!co_await sleep_for(std::min(upkeep_pause, s.queue.lease))) co_return;
        co_await release_overdue();
        const auto now = d_.time.steady();
        const auto kept = s.history_retention;
        if (kept.count() == 0 || (kept == plan.kept && now < plan.next)) continue;
        plan.kept = kept;
        // A walk that broke off goes on at the next upkeep, where it was.
        if (co_await sweep(d_.time.unix_ms() - kept.count(), plan.session)) {
            plan.next = now + std::min(kept / 24, longest_sweep_pause);
        }
    }
}

// Deletes what is older; false when it could not be ended. `session` is where the walk goes on.
task<bool> router::impl::sweep(std::int64_t before_ms, std::int64_t& session) {
    std::size_t total = 0;
    std::optional<error> failure;
    while (!stopping_) {
        const auto swept = co_await d_.store.sweep_history(before_ms, sweep_slice, session);
        if (!swept) {
            failure = swept.error();
            break;
        }
        total += swept->rows;
        session = swept->next_session;
        if (session == 0) break;
    }
    while (!stopping_) {
        const auto gone = co_await d_.store.sweep_messages(before_ms, sweep_slice);
        if (!gone) {
            failure = gone.error();
            break;
        }
        total += *gone;
        if (*gone < sweep_slice) break;
    }
    if (total > 0) log::info("routing", "deleted old history", {{"rows", total}});
    if (failure) {
        log::warn("routing", "old history stays for now", {{"error", failure->to_string()}});
    }
    co_return !failure;
}

task<> router::impl::stop(milliseconds grace) {
    stopping_ = true;
    room_.open();
    dismiss_waiting();
    const auto until = d_.time.steady() + grace;
    while (stats().running > 0 && d_.time.steady() < until) co_await sleep_for(drain_poll);
    {
        std::lock_guard lock(mutex_);
        for (const auto& l : table_.working()) l->turn.cancel();
    }
    while (stats().running > 0 && d_.time.steady() < until + milliseconds(5000)) {
        co_await sleep_for(drain_poll);
    }
    tasks_.stop();
    co_await tasks_.join();
}

}  // namespace openclaw::routing
