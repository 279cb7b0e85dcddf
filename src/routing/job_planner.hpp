#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/routing/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// The decisions over scheduled jobs, without clocks, timers or a store. All times are Unix milliseconds
// by the wall clock.
namespace openclaw::routing {

enum class run_status : std::uint8_t { none, ok, failed, skipped };

// A run that has begun and of which no end is known. `due_ms` names it: no two runs of a job share it,
// but for a repetition after an end that allowed one.
struct running_job {
    std::int64_t due_ms = 0;         // the occurrence; of a run by hand, when it was asked for
    std::int64_t first_due_ms = 0;   // the oldest one that is settled by it
    std::int64_t started_ms = 0;
    bool by_hand = false;
    std::uint32_t attempt = 0;       // a one-time job that is tried again has the same occurrence
};

// What of a job changes with time: the part of its row that the planner writes.
struct job_state {
    bool enabled = true;
    // Every occurrence up to here is done with: it has begun, was skipped, or lies before the job's time.
    std::int64_t settled_ms = 0;
    std::int64_t not_before_ms = 0;       // after errors
    std::uint32_t errors_in_row = 0;
    std::optional<running_job> running;
    run_status last_status = run_status::none;
    std::string last_error;
    std::int64_t last_started_ms = 0;
    std::int64_t last_duration_ms = 0;
};

struct planned_job {
    std::string id;
    routing::schedule schedule;
    misfire_policy misfire;
    bool delete_after_run = false;        // once nothing is left to come and the last run went well
    job_state state;
    std::optional<std::int64_t> next_ms;  // the planner's own: what comes after what is settled
};

// The table at the start. A job that is running there counts as such until its end is told: whoever
// resumes what was accepted knows how it went.
struct jobs_loaded { std::vector<planned_job> jobs; };
// Somebody adds a job or changes it; of `job.state` only `enabled` is looked at. What was due before
// a job was added, enabled or given another schedule never runs.
struct job_put { planned_job job; };
struct job_removed { std::string id; };
// Somebody wants a run now, whatever the schedule says.
struct run_wanted { std::string id; };
struct run_ended {
    enum class how : std::uint8_t {
        ok,
        failed,
        failed_for_now,   // a one-time job may try again
        skipped,          // it had run before
        not_begun,        // what had to be written before could not be: nothing has happened
    };
    std::string id;
    std::int64_t due_ms = 0;
    how outcome = how::ok;
    std::string message{};
};
struct time_passed {};
using job_event = std::variant<time_passed, jobs_loaded, job_put, job_removed, run_wanted, run_ended>;

struct job_row {
    std::string id;
    job_state state;
};
struct job_start {
    job_row row;           // to be committed before the run begins, together with what makes it resume
    running_job run;
};
struct job_skip {
    std::string id;
    due_range due;
};

// What the caller has to do. The writes come before the starts: both may have a row of the same job.
struct job_plan {
    std::vector<job_start> starts;
    std::vector<job_row> writes;
    std::vector<std::string> removals;
    std::vector<job_skip> skips;           // for the history; the row is among the writes
    std::optional<std::int64_t> wake_ms;   // call again then; nothing: only with the next event
    std::optional<error> refusal;          // of what somebody wanted: nothing has changed
};

// Says which jobs begin now, when to look again, and what to write first, so that an occurrence begins once
// however often the process ends and the clock jumps:
//
// - Before a run begins its occurrence is settled in the job's row. A process that ends before that is
//   written has not begun it and finds it due; one that ends after that finds it running.
// - Of a job's overdue occurrences one runs (misfire_policy), never two at once.
// - A clock that is put back by up to three hours makes no occurrence come again: the job waits until the
//   clock is there. One that is put back further was wrong; what it settled ahead of recurring jobs is
//   forgotten.
// - After errors a job waits longer and longer, an hour at most, and a one-time job tries again three
//   times if that may help.
//
// Bounded by its limits. Not for several threads; owned by whoever drives it.
class job_planner {
public:
    struct limits {
        std::size_t jobs = 1000;
        std::size_t running = 8;
    };
    // The longest time between two looks at the clock, which may be put forward or back meanwhile.
    static constexpr std::int64_t longest_sleep_ms = 5'000;
    static constexpr std::int64_t correction_ms = 3 * 3'600'000;
    static constexpr std::uint32_t retries = 3;

    job_planner() = default;
    explicit job_planner(limits l) : limits_(l) {}

    job_plan step(std::int64_t now_ms, job_event what);

    using table = std::map<std::string, planned_job, std::less<>>;
    const table& jobs() const { return jobs_; }

private:
    void on(std::int64_t now, time_passed, job_plan&);
    void on(std::int64_t now, jobs_loaded e, job_plan& out);
    void on(std::int64_t now, job_put e, job_plan& out);
    void on(std::int64_t now, job_removed e, job_plan& out);
    void on(std::int64_t now, run_wanted e, job_plan& out);
    void on(std::int64_t now, run_ended e, job_plan& out);
    void mend_for(std::int64_t now);
    void begin_due(std::int64_t now, job_plan& out);
    void begin(planned_job& job, const running_job& run, job_plan& out);
    std::optional<std::int64_t> next_wake(std::int64_t now) const;

    limits limits_{};
    table jobs_;
    std::set<std::pair<std::string, std::int64_t>> running_;   // also those whose job was removed
};

}  // namespace openclaw::routing
