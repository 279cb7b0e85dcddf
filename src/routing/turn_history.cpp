// What a lane remembers of its conversation: read, kept, told.

#include "openclaw/agents/estimate.hpp"
#include "routing/turn_worker.hpp"

namespace openclaw::routing {

namespace {

constexpr std::size_t history_rows = 400;       // rows of a conversation that a model may see
constexpr std::size_t history_slack = 100;      // more that a lane keeps, to move them less often
constexpr std::size_t history_bytes = 8 << 20;  // of the rows that a lane keeps

void count(lane& l, const std::vector<chat_message>& rows) {
    for (const auto& row : rows) {
        l.history_size += size_of(row);
        l.history_tokens += agents::estimate_tokens(row);
    }
}

// Keeps the newest rows that fit, and the last one in any case.
void trim(lane& l) {
    auto& rows = l.history;
    if (rows.size() <= history_rows + history_slack && l.history_size <= history_bytes) return;
    std::size_t bytes = 0, kept = 0;
    while (kept < rows.size() && kept < history_rows) {
        bytes += size_of(rows[rows.size() - kept - 1]);
        if (kept > 0 && bytes > history_bytes) break;
        ++kept;
    }
    rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(kept));
    l.history_size = 0;
    l.history_tokens = 0;
    count(l, rows);
}

}  // namespace

std::span<const chat_message> turn_worker::recent(const std::vector<chat_message>& history) {
    return std::span(history).last(std::min(history.size(), history_rows));
}

task<result<void>> turn_worker::load(turn& t) {
    lane& l = t.on;
    if (l.loaded) co_return result<void>();
    const auto* fork = t.item->fork.get();
    if (fork != nullptr || !t.item->message.fresh_session) {
        const auto from = fork == nullptr ? l.canonical : fork->copy.from;
        auto rows = co_await d_.store.history(from, history_rows, fork == nullptr ? 0 : fork->end + 1);
        if (!rows) co_return rows.error();
        auto session = co_await d_.store.find_session(from);
        if (!session) co_return session.error();
        l.history = std::move(*rows);
        l.history_size = 0;
        l.history_tokens = 0;
        count(l, l.history);
        trim(l);
        l.wanted_model = *session ? (*session)->wanted_model : std::string();
        l.row = *session && fork == nullptr
                    ? std::make_shared<const store::session_row>(std::move(**session)) : nullptr;
    }
    l.loaded = true;
    co_return result<void>();
}

// A copy comes to be with the first thing that its turn keeps.
task<result<void>> turn_worker::make_fork(const turn& t) const {
    if (!t.item->fork) co_return result<void>();
    auto copy = t.item->fork->copy;
    auto made = co_await d_.store.fork_session(std::move(copy));
    if (made) t.item->fork = nullptr;
    co_return made;
}

// A session of one message without listeners: nobody asks for its rows again, or reads them anew.
bool turn_worker::keeps_rows(const turn& t) const {
    return !t.item->message.fresh_session || is_watched();
}

void turn_worker::remember(lane& l, std::vector<chat_message> rows) const {
    count(l, rows);
    l.history.insert(l.history.end(), std::make_move_iterator(rows.begin()),
                     std::make_move_iterator(rows.end()));
    trim(l);
}

// What was stored with the event, for those who watch; but for the rows that they have been told of.
void turn_worker::add_kept(const turn& t, turn_event& event, const kept_turn& kept,
                           std::size_t stored) const {
    event.session = kept.session;
    const auto& known = t.on.history;
    const std::size_t told = t.told ? 1 : 0;
    if (!is_watched() || known.size() < stored || stored <= told) return;
    event.rows.assign(known.end() - static_cast<std::ptrdiff_t>(stored - told), known.end());
}

}  // namespace openclaw::routing
