#pragma once

#include "openclaw/agents/turn_runner.hpp"
#include "openclaw/config/settings.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/inbound.hpp"
#include "openclaw/model/session_key.hpp"
#include "openclaw/model/turn_event.hpp"
#include "openclaw/store/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::routing {

// What a sender learns of a message that was taken.
struct admission {
    enum class progress { started, in_flight, ended };
    progress status = progress::started;
    std::string run_id;
    std::string session;   // canonical key
    std::string agent;
    store::run_row run;    // what is known of it when it is not `started`
};

// A run that somebody asked about.
struct run_report {
    bool known = false;
    bool ended = false;
    store::run_row row;
    std::optional<error> unread;   // the store's, if it could not say what it knows
};

struct queue_stats {
    std::size_t lanes = 0;     // sessions in memory
    std::size_t running = 0;   // turns in progress
    std::size_t waiting = 0;   // accepted messages whose turn has not begun
};

// Takes messages, finds their session, and runs the turns of each session one after the other.
// Any strand. What it has accepted is committed; what was left by the last process it takes up
// again after start().
class router {
public:
    struct dependencies {
        asio::io_context& io;
        store::store& store;
        agents::turn_runner& runner;
        const time_source& time;
        random_source& random;
        metrics::registry& metrics;
        // Sees every event of every turn, besides the message's own sink; may be null.
        std::shared_ptr<reply_sink> observer;
        // Told that a commit made deliveries for this channel; may be empty.
        std::function<void(const std::string& channel, const std::string& account)> on_deliveries;
    };

    router(dependencies d, config::session_settings sessions,
           std::vector<config::binding_settings> bindings,
           std::shared_ptr<const agents::directory> agents);
    ~router();

    // Takes up what the last process left and begins the sweeps.
    void start();
    // Refuses new messages, waits for running turns until `grace`, then cancels and joins.
    task<> stop(milliseconds grace);
    // After a reload; turns in progress keep what they have.
    void configure(config::session_settings sessions,
                   std::vector<config::binding_settings> bindings,
                   std::shared_ptr<const agents::directory> agents);
    std::shared_ptr<const agents::directory> agents() const;

    // Accepts a message. With durability::before_ack it returns once it is committed, with
    // with_answer at once. The sink hears of the turn; a redelivery starts none.
    // Errors: invalid_input, not_found (agent), queue_full, unavailable (stopping), disk_full, …
    task<result<admission>> submit(inbound_message message, std::shared_ptr<reply_sink> sink);

    // The same for a message of the gateway's own making, without a sink: its session may have one of the
    // names that no caller may choose.
    task<result<admission>> submit_own(inbound_message message);

    // The same for a message with_answer that goes on from the end of a run in its session: there, if
    // the session ends with that run and does nothing else. If not, in a new one named `other`, which
    // begins with a copy of what was said up to there.
    task<result<admission>> submit_after(std::string run_id, session_key other, inbound_message message,
                                         std::shared_ptr<reply_sink> sink);

    // Stops the session's turns, or the one named, for as long as this process lives; the runs that
    // were stopped, also before, and have not ended yet.
    std::vector<std::string> abort(const std::string& session, const std::string& run_id,
                                   const std::string& reason);
    // The same at once, and on record when it returns: no later process goes on with them. With an
    // error they are stopped all the same, but not on record; it may be asked for again.
    task<result<std::vector<std::string>>> call_back(std::string session, std::string run_id,
                                                     std::string reason);
    // Runs `change` once the session's earlier messages have had their turns, while none is in
    // progress; what the session remembers of its conversation is dropped, so that the next turn
    // reads it anew. The error of `change`, or queue_full, or unavailable (stopping).
    task<result<void>> between_turns(session_key session,
                                     std::function<task<result<void>>()> change);
    // Waits until the run ends, at most `limit`.
    task<run_report> wait(std::string run_id, milliseconds limit);
    // The run in progress, for clients that join late: the text so far, and the row of its message
    // once that has been told of; it is stored with the answer.
    struct in_flight {
        std::string run_id;
        std::string text;
        std::int64_t started_ms;
        std::optional<chat_message> question;
    };
    std::optional<in_flight> running_in(const std::string& session) const;
    // The session's runs that have not ended; the one in progress, if there is one, comes first.
    struct active_runs { bool running = false; std::vector<std::string> ids; };
    active_runs runs_of(const std::string& session) const;
    // The session has been changed in the store: its next turn reads it.
    void reload(const std::string& session);
    // The session of a run that has not ended; empty: there is no such run.
    std::string session_of(const std::string& run_id) const;

    // The session's messages that wait for their turn, the next one first.
    struct waiting_message { std::string run_id; std::string text; std::int64_t received_ms; };
    struct waiting_messages { std::vector<waiting_message> first; std::size_t total = 0; };
    waiting_messages waiting_in(const std::string& session, std::size_t limit) const;

    // Messages that were put aside because the gateway ended too often while it worked on them.
    struct dead_letter {
        store::run_row run;
        std::string channel, peer, text;   // where it came from, and what it says
    };
    // Those behind the inbox row `after`, the oldest first, each with the first 200 bytes of its text.
    task<result<std::vector<dead_letter>>> dead_letters(std::int64_t after, std::size_t limit);
    task<result<std::optional<dead_letter>>> find_dead_letter(std::string run_id);
    // Says it again, as a new message of its session; the letter is gone then. Errors: not_found, and
    // submit()'s, in which case it stays.
    task<result<admission>> retry_dead_letter(std::string run_id);
    task<result<void>> discard_dead_letter(std::string run_id);

    // The canonical form of a key that a client sent.
    result<session_key> resolve(std::string_view session, std::string_view agent) const;
    queue_stats stats() const;

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace openclaw::routing
