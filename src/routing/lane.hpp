#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"
#include "openclaw/model/inbound.hpp"
#include "openclaw/model/turn_event.hpp"
#include "openclaw/routing/router.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::routing {

// What is done to a session between its turns.
struct chore {
    std::function<task<result<void>>()> change;
    bool looks_only = false;   // it changes nothing of what the lane remembers
    promise<result<void>> done;
};

// A session that begins as a copy of another one, up to the place `end` there. Made with what its first
// turn keeps, so that a turn which comes to nothing copies nothing.
struct planned_fork {
    store::session_fork copy;
    std::int64_t end = 0;
};

struct queued;
using queued_ptr = std::unique_ptr<queued>;

// A message that waits for its turn; or a chore, without message and run. Held by queued_ptr: it goes
// through many hands.
struct queued {
    std::shared_ptr<openclaw::routing::chore> chore;
    inbound_message message;
    std::shared_ptr<reply_sink> sink;         // may be null
    std::shared_ptr<const run_identity> run;
    std::int64_t inbox_id = 0;                // 0: not accepted apart from its answer
    bool accepting = false;                   // it is on its way into the inbox: see turn_commit
    std::size_t bytes = 0;                    // what it counts for in the bound of memory
    bool recovered = false;                   // left by an earlier process
    bool next = false;                        // goes before all that wait
    std::shared_ptr<const planned_fork> fork;   // until it is made; null: none
    std::uint32_t deaths = 0;                 // attempts that ended with their process
    bool begun = false;                       // by an earlier process: it may have had effects
    std::string abort_reason;                 // not empty: its sender has called it back
    queue_mode mode = queue_mode::followup;
    std::string quota;                        // whose bound it counts for; empty: nobody's
    steady_time since{};                      // in its queue
    bool alone = false;                       // no other such turn runs beside its own
    bool given_up = false;                    // an earlier turn of it held its session for too long
    std::vector<queued_ptr> joined;           // take part in its turn, in order
    bool joins_kept = true;                   // the store knows of all of them
};

inline constexpr std::uint32_t max_deaths = 5;      // of the process, in one turn; then it is put aside
inline constexpr std::uint32_t suspect_deaths = 2;  // from here on it goes alone

// Whether `guest` may take part in the turn of `host`: accepted messages of one sender, with words and
// pictures alone, whose answer goes to one place.
bool can_join(const queued& guest, const queued& host);

// The text of a turn in progress, for those who join late. Its own lock: others read it.
struct live_turn final : answer_so_far {
    std::shared_ptr<const run_identity> run;
    std::int64_t started_ms = 0;
    // Its end is being told: for whoever hears of that it runs no more, though its lane is not free yet.
    std::atomic<bool> over = false;
    // Its session was taken from it: whatever it still tells is not heard.
    std::atomic<bool> muted = false;

    void append(std::string_view delta) {
        std::lock_guard lock(mutex_);
        text_ += delta;
    }
    std::string text() const override {
        std::lock_guard lock(mutex_);
        return text_;
    }
    void ask(chat_message row) {
        std::lock_guard lock(mutex_);
        question_ = std::move(row);
    }
    std::optional<chat_message> question() const {
        std::lock_guard lock(mutex_);
        return question_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
    std::optional<chat_message> question_;
};

// A run in the turn of another one, for those who have to tell it of its end.
struct participant {
    std::shared_ptr<const run_identity> run;
    std::shared_ptr<reply_sink> sink;   // may be null
    std::string text;
    std::int64_t received_ms = 0;
};
participant participant_of(const queued& guest);

// One session in memory: its queue and what is known of its conversation. At most one coroutine
// works on it, on `on`, and that coroutine alone touches `history`; everything under "guarded" is
// under the router's mutex.
struct lane {
    lane(asio::io_context& io, session_key k, std::string name)
        : key(std::move(k)), canonical(std::move(name)), on(asio::make_strand(io)) {}

    const session_key key;
    const std::string canonical;
    // One strand per session: its turns, their events and its history.
    const strand on;

    // With the router's mutex held: is this run in progress here?
    bool works_on(const std::string& run_id) const {
        const auto is_it = [&](const participant& p) { return p.run->run_id == run_id; };
        return (live && live->run->run_id == run_id) || std::ranges::any_of(joined, is_it);
    }

    // --- guarded
    std::deque<queued_ptr> queue;
    bool scheduled = false;                   // has work: ready, resting, held back or being worked on
    bool working = false;
    bool released = false;                    // taken from the turn that holds it; nobody finds it any more
    bool alone = false;                       // works on something that goes alone
    bool is_chore = false;                    // works on a chore
    bool rests = false, held_back = false;    // scheduled, but not ready
    steady_time ready_since{};
    steady_time last_arrival{};
    steady_time overdue_at = steady_time::max();   // of the turn in progress
    steady_time idle_since{};
    std::list<std::shared_ptr<lane>>::iterator idle_place{};  // valid while not scheduled
    std::shared_ptr<live_turn> live;
    std::shared_ptr<reply_sink> sink;         // of the turn in progress; may be null
    std::vector<participant> joined;          // take part in the turn in progress
    task_handle turn;                         // in progress, while it can be stopped
    std::string abort_reason;                 // why it was cancelled; empty: it was not
    bool outdated = false;                    // somebody has changed the session: load again

    // --- the working coroutine's
    bool loaded = false;
    std::vector<chat_message> history;        // the newest rows, oldest first
    std::size_t history_size = 0;             // of all of them, as size_of counts
    std::int64_t history_tokens = 0;          // the same, as estimate_tokens counts
    std::shared_ptr<const store::session_row> row;   // as its last turn left it; null: not known
    std::string wanted_model;                 // the session's choice; empty: the agent's
};

// By its working coroutine: what it knew of its session may not hold any more.
void forget_history(lane& l);

}  // namespace openclaw::routing
