// Messages that take part in the turn of another one: how the store, the transcript and their senders
// learn of it. They end with that turn, as it does.

#include "routing/turn_worker.hpp"

#include "openclaw/core/log.hpp"

#include <algorithm>

namespace openclaw::routing {

// What was gathered before the turn is told to the store before anything is built on it: with the first
// step, or else with the end. Until then a restart gathers anew.
task<result<void>> turn_worker::keep_joins(turn& t) const {
    if (t.item->joins_kept) co_return result<void>();
    store::message_join join;
    join.into = t.item->inbox_id;
    join.at_ms = d_.time.unix_ms();
    join.epoch = d_.store.epoch();
    for (const auto& guest : t.item->joined) join.messages.push_back(guest->inbox_id);
    auto kept = co_await d_.store.join(std::move(join));
    if (kept) t.item->joins_kept = true;
    co_return kept;
}

task<result<store::commit_result>> turn_worker::commit_with_joins(turn& t, store::turn_commit c) const {
    if (auto joined = co_await keep_joins(t); !joined) co_return joined.error();
    co_return co_await d_.store.commit(std::move(c));
}

// The words and that they are in the turn are one transaction. They count as joined before it is known
// how it ended: a turn that is stopped meanwhile says so with its own end.
task<std::vector<chat_message>> turn_worker::take_words(turn& t, std::int64_t steps_done) const {
    std::vector<chat_message> rows;
    auto guests = t.lease.take_steering(*t.item);
    if (guests.empty()) co_return rows;
    store::message_join join;
    join.into = t.item->inbox_id;
    join.at_ms = d_.time.unix_ms();
    join.epoch = d_.store.epoch();
    auto& joined = t.item->joined;
    const auto before = static_cast<std::ptrdiff_t>(joined.size());
    for (auto& guest : guests) {
        auto& step = join.steps.emplace_back();
        step.run_id = t.item->run->run_id;
        step.number = ++steps_done;
        step.epoch = join.epoch;
        step.row = user_row(t, *guest);
        rows.push_back(step.row);
        join.messages.push_back(guest->inbox_id);
        joined.push_back(std::move(guest));
    }
    t.item->joins_kept = false;
    const auto kept = co_await d_.store.join(std::move(join));
    if (kept) {
        t.item->joins_kept = true;
        co_return rows;
    }
    log::warn("routing", "what came for a turn waits for the next one",
              {{"run", t.item->run->run_id}, {"error", kept.error().to_string()}});
    guests.assign(std::make_move_iterator(joined.begin() + before), std::make_move_iterator(joined.end()));
    joined.erase(joined.begin() + before, joined.end());
    t.item->joins_kept = true;
    t.lease.give_back(std::move(guests));
    co_return std::vector<chat_message>();
}

// Of a turn that ends without an answer: what was said stands in the transcript all the same.
void turn_worker::add_joined(const turn& t, std::vector<chat_message>& rows) const {
    for (const auto& guest : t.item->joined) {
        auto row = user_row(t, *guest);
        const bool there = std::ranges::any_of(rows, [&](const auto& r) { return r.id == row.id; });
        if (!there) rows.push_back(std::move(row));
    }
}

// An answer is told once, under the message that the turn is named after (protocol.md §6.3).
void turn_worker::tell_end(const turn& t, turn_watch& watch, turn_event event) const {
    std::vector<turn_event> others;
    for (std::size_t i = 0; i < t.item->joined.size(); ++i) {
        auto& other = others.emplace_back();
        other.what = event.what;
        other.session = event.session;
        other.stop_reason = event.what == turn_event::kind::final ? "joined" : event.stop_reason;
        other.failure = event.failure;
    }
    watch.emit(std::move(event));
    for (std::size_t i = 0; i < others.size(); ++i) {
        const auto& guest = *t.item->joined[i];
        turn_watch(guest.run, guest.sink, d_.observer, nullptr, d_.time).emit(std::move(others[i]));
    }
}

}  // namespace openclaw::routing
