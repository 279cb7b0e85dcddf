#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"
#include "routing/lane_table.hpp"
#include "routing/run_waiters.hpp"
#include "routing/turn_worker.hpp"

namespace openclaw::routing {

// To whoever comes while the gateway stops.
error stopping_error();
// Bytes of text and pictures.
std::size_t size_of(const inbound_message& m);
// A message of the inbox as it waits again; `body` is the row's.
queued_ptr left_behind(const store::run_row& row, const json& body);
inline constexpr std::size_t max_body_depth = 128;
// Whose bound a waiting message counts for; empty: nobody's.
std::string quota_of(const inbound_message& m);

// The state behind a router. Short sections under `mutex_` guard the table and the configuration;
// nothing is awaited while it is held. Turns run on the strands of their lanes.
class router::impl : public std::enable_shared_from_this<impl> {
public:
    impl(dependencies d, config::session_settings sessions,
         std::vector<config::binding_settings> bindings,
         std::shared_ptr<const agents::directory> agents);

    void start();
    task<> stop(milliseconds grace);
    void configure(config::session_settings sessions,
                   std::vector<config::binding_settings> bindings,
                   std::shared_ptr<const agents::directory> agents);
    std::shared_ptr<const agents::directory> agents() const;

    // `next`: before all that wait in its session; with_answer only. `own`: of the gateway's making.
    task<result<admission>> submit(inbound_message message, std::shared_ptr<reply_sink> sink,
                                   bool next = false, std::shared_ptr<const planned_fork> fork = nullptr,
                                   bool own = false);
    task<result<admission>> submit_after(std::string run_id, session_key other, inbound_message message,
                                         std::shared_ptr<reply_sink> sink);
    // The runs that have the turns which were stopped, and all that take part in those.
    struct stopped_runs { std::vector<std::string> turns, all; };
    stopped_runs abort(const std::string& session, const std::string& run_id, const std::string& reason);
    task<result<std::vector<std::string>>> call_back(std::string session, std::string run_id,
                                                     std::string reason);
    task<run_report> wait(std::string run_id, milliseconds limit);
    task<result<void>> between_turns(session_key session,
                                     std::function<task<result<void>>()> change, bool looks_only = false);
    waiting_messages waiting_in(const std::string& session, std::size_t limit) const;
    std::optional<in_flight> running_in(const std::string& session) const;
    void reload(const std::string& session);
    active_runs runs_of(const std::string& session) const;
    std::string session_of(const std::string& run_id) const;
    task<result<std::vector<router::dead_letter>>> dead_letters(std::int64_t after, std::size_t limit);
    task<result<std::optional<router::dead_letter>>> find_dead_letter(std::string run_id);
    task<result<admission>> retry_dead_letter(std::string run_id);
    task<result<void>> discard_dead_letter(std::string run_id);
    result<session_key> resolve(std::string_view session, std::string_view agent) const;
    queue_stats stats() const;

private:
    // Where a message goes.
    struct place {
        session_key key;
        std::string canonical;
    };
    struct ticket;  // of a message that is being accepted
    class lease;    // of a turn, on its lane
    struct follow_up;  // a message that waits for the end of its session
    result<place> find_place(inbound_message& message, bool own) const;
    task<result<store::accept_result>> accept(const place& p, const inbound_message& message,
                                              const std::string& run_id);
    task<> take(std::shared_ptr<ticket> t, inbound_message message,
                std::shared_ptr<reply_sink> sink);
    void enqueue(const place& p, const admission& a, inbound_message message,
                 std::shared_ptr<reply_sink> sink, std::int64_t inbox_id, bool next = false,
                 std::shared_ptr<const planned_fork> fork = nullptr);
    task<result<std::shared_ptr<const planned_fork>>> plan_fork(std::string from, std::string run_id,
                                                                session_key other) const;
    task<result<void>> follow(std::shared_ptr<follow_up> f);
    void dispatch();
    task<> wait_for_rest();
    void apply_limits();
    queue_mode mode_of(const inbound_message& m) const;
    task<> release_overdue();
    task<> give_up(std::shared_ptr<lane> l);
    task<result<queued_ptr>> read_unfinished(participant who);
    void tell_broken(const std::shared_ptr<const run_identity>& run,
                     const std::shared_ptr<reply_sink>& sink, const lane& l);
    void begin(lane_table::job job);
    task<> work(lane_table::job job);
    task<> do_chore(lane_table::job job);
    void go_on();
    task<> recover();
    using guests_of = std::unordered_map<std::int64_t, std::vector<store::run_row>>;   // by inbox row
    task<std::vector<store::run_row>> next_left(std::int64_t& after);
    task<bool> take_up(store::run_row row, std::vector<store::run_row> guests);
    task<> upkeep();
    task<bool> sweep(std::int64_t before_ms, std::int64_t& session);
    void dismiss_waiting();
    void tell_accepted(const admission& a);
    void tell_failed(const std::shared_ptr<const run_identity>& run,
                     const std::shared_ptr<reply_sink>& sink, error why);
    void publish(const queue_stats& s);

    dependencies d_;
    turn_worker worker_;
    run_waiters waiters_;
    std::atomic<bool> stopping_ = false;
    // Until the inbox has been read nothing begins: older messages of a session go first.
    std::atomic<bool> holding_ = true;

    mutable std::mutex mutex_;
    config::session_settings sessions_;
    std::vector<config::binding_settings> bindings_;
    std::shared_ptr<const agents::directory> agents_;
    lane_table table_;
    bool watches_rest_ = false;   // wait_for_rest() runs

    metrics::gauge lanes_figure_, running_figure_, waiting_figure_;
    metrics::counter accepted_figure_, refused_figure_, duplicate_figure_, released_figure_;
    gate room_;      // a turn ended: the recovery may go on
    task_group tasks_;
};

}  // namespace openclaw::routing
