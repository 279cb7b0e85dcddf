#include "routing/job_planner.hpp"

#include <algorithm>
#include <array>

namespace openclaw::routing {

namespace {

// How long a job waits after so many errors in a row.
constexpr std::array<std::int64_t, 5> backoff_ms{30'000, 60'000, 300'000, 900'000, 3'600'000};

std::int64_t wait_after(std::uint32_t errors) {
    return backoff_ms.at(std::min<std::size_t>(std::max(errors, 1U), backoff_ms.size()) - 1);
}

void settle(planned_job& job, std::int64_t until_ms) {
    job.state.settled_ms = until_ms;
    job.next_ms = next_after(job.schedule, until_ms);
}

// What the end of a run of the schedule means for the next one.
void prepare_next(planned_job& job, const running_job& run, run_ended::how outcome, std::int64_t now) {
    auto& state = job.state;
    const bool ok = outcome == run_ended::how::ok || outcome == run_ended::how::skipped;
    state.errors_in_row = ok ? 0 : state.errors_in_row + 1;
    state.not_before_ms = ok ? 0 : now + wait_after(state.errors_in_row);
    if (job.next_ms) return;
    if (outcome == run_ended::how::failed_for_now && state.errors_in_row <= job_planner::retries) {
        settle(job, run.due_ms - 1);
    } else {
        state.enabled = false;
        state.not_before_ms = 0;
    }
}

// When a job may begin: nothing for one that is off, runs, or has nothing left.
std::optional<std::int64_t> due_ms(const planned_job& job) {
    if (!job.state.enabled || job.state.running || !job.next_ms) return std::nullopt;
    return std::max(*job.next_ms, job.state.not_before_ms);
}

}  // namespace

job_plan job_planner::step(std::int64_t now_ms, job_event what) {
    job_plan out;
    mend_for(now_ms);
    std::visit([&](auto& e) { on(now_ms, std::move(e), out); }, what);
    begin_due(now_ms, out);
    out.wake_ms = next_wake(now_ms);
    return out;
}

void job_planner::on(std::int64_t, time_passed, job_plan&) {}

void job_planner::on(std::int64_t now, jobs_loaded e, job_plan&) {
    for (auto& job : e.jobs) {
        if (job.state.running) running_.emplace(job.id, job.state.running->due_ms);
        settle(job, job.state.settled_ms);
        auto id = job.id;
        jobs_.insert_or_assign(std::move(id), std::move(job));
    }
    mend_for(now);
}

void job_planner::on(std::int64_t now, job_put e, job_plan& out) {
    auto& job = e.job;
    const auto old = jobs_.find(job.id);
    const bool wanted = job.state.enabled;
    bool anew = true;
    if (old == jobs_.end()) {
        if (jobs_.size() >= limits_.jobs) {
            out.refusal = error(errc::too_large,
                                "there are " + std::to_string(jobs_.size()) + " jobs already",
                                "Remove some that are not needed any more.");
            return;
        }
        job.state = {};
    } else {
        anew = wanted && (!old->second.state.enabled ||
                          schedule_json(old->second.schedule) != schedule_json(job.schedule));
        job.state = old->second.state;
    }
    job.state.enabled = wanted;
    if (anew) {
        job.state.errors_in_row = 0;
        job.state.not_before_ms = 0;
    }
    settle(job, anew ? now : job.state.settled_ms);
    if (anew && wanted && !job.next_ms) {
        out.refusal = error(errc::invalid_input, "the job would never run: its time has passed",
                            "Give it a time to come, or add it disabled.");
        return;
    }
    out.writes.push_back({job.id, job.state});
    auto id = job.id;
    jobs_.insert_or_assign(std::move(id), std::move(job));
}

void job_planner::on(std::int64_t, job_removed e, job_plan& out) {
    if (jobs_.erase(e.id) == 0) {
        out.refusal = error(errc::not_found, "there is no job \"" + e.id + "\"");
        return;
    }
    out.removals.push_back(std::move(e.id));
}

void job_planner::on(std::int64_t now, run_wanted e, job_plan& out) {
    const auto found = jobs_.find(e.id);
    if (found == jobs_.end()) {
        out.refusal = error(errc::not_found, "there is no job \"" + e.id + "\"");
    } else if (found->second.state.running) {
        out.refusal = error(errc::conflict, "the job \"" + e.id + "\" is running",
                            "Wait for its end; one run of a job at a time.");
    } else if (running_.size() >= limits_.running) {
        out.refusal = error(errc::queue_full,
                            std::to_string(running_.size()) + " jobs are running, which is the most",
                            "Try again when one has ended.");
    } else {
        begin(found->second, {now, now, now, true}, out);
    }
}

void job_planner::on(std::int64_t now, run_ended e, job_plan& out) {
    running_.erase({e.id, e.due_ms});
    const auto found = jobs_.find(e.id);
    if (found == jobs_.end()) return;
    auto& job = found->second;
    if (!job.state.running || job.state.running->due_ms != e.due_ms) return;
    const auto run = *job.state.running;
    job.state.running.reset();
    if (e.outcome == run_ended::how::not_begun) {
        // The row that was not written is as it was.
        if (run.by_hand) return;
        job.state.last_error = std::move(e.message);
        if (job.state.settled_ms == run.due_ms) {
            settle(job, run.first_due_ms - 1);
            job.state.not_before_ms = std::max(job.state.not_before_ms, now + wait_after(1));
        } else {
            out.writes.push_back({job.id, job.state});   // it has another schedule now
        }
        return;
    }
    const bool skipped = e.outcome == run_ended::how::skipped;
    const bool ok = skipped || e.outcome == run_ended::how::ok;
    job.state.last_status = skipped ? run_status::skipped : ok ? run_status::ok : run_status::failed;
    job.state.last_error = ok ? std::string() : std::move(e.message);
    job.state.last_started_ms = run.started_ms;
    job.state.last_duration_ms = std::max<std::int64_t>(now - run.started_ms, 0);
    if (!run.by_hand) prepare_next(job, run, e.outcome, now);
    if (ok && !run.by_hand && !job.next_ms && job.delete_after_run) {
        jobs_.erase(found);
        out.removals.push_back(std::move(e.id));
    } else {
        out.writes.push_back({job.id, job.state});
    }
}

// A clock that was far ahead leaves times behind that would keep a job from running for as long. What
// was due once is done with all the same.
void job_planner::mend_for(std::int64_t now) {
    for (auto& [id, job] : jobs_) {
        const bool recurs = !std::holds_alternative<at_schedule>(job.schedule);
        if (recurs && job.state.settled_ms > now + correction_ms) settle(job, now);
        job.state.not_before_ms = std::min(job.state.not_before_ms, now + backoff_ms.back());
    }
}

void job_planner::begin_due(std::int64_t now, job_plan& out) {
    std::vector<std::pair<std::int64_t, planned_job*>> due;
    for (auto& [id, job] : jobs_) {
        const auto at = due_ms(job);
        if (at && *at <= now) due.emplace_back(*at, &job);
    }
    // The longest overdue first; the table has them by id.
    std::stable_sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [at, job] : due) {
        const auto range = due_between(job->schedule, job->state.settled_ms, now);
        if (!range) continue;   // not with what due_ms() found
        if (!runs(job->misfire, *range, now)) {
            settle(*job, range->last_ms);
            job->state.last_status = run_status::skipped;
            job->state.last_error.clear();
            job->state.enabled = job->next_ms.has_value();
            out.skips.push_back({job->id, *range});
            out.writes.push_back({job->id, job->state});
        } else if (running_.size() < limits_.running) {
            settle(*job, range->last_ms);
            const bool one_time = std::holds_alternative<at_schedule>(job->schedule);
            const auto attempt = one_time ? job->state.errors_in_row : 0;
            begin(*job, {range->last_ms, range->first_ms, now, false, attempt}, out);
        }
    }
}

void job_planner::begin(planned_job& job, const running_job& run, job_plan& out) {
    job.state.running = run;
    running_.emplace(job.id, run.due_ms);
    out.starts.push_back({{job.id, job.state}, run});
}

std::optional<std::int64_t> job_planner::next_wake(std::int64_t now) const {
    if (running_.size() >= limits_.running) return std::nullopt;
    std::optional<std::int64_t> first;
    for (const auto& [id, job] : jobs_) {
        const auto at = due_ms(job);
        if (at) first = std::min(first.value_or(*at), *at);
    }
    if (first) first = std::min(*first, now + longest_sleep_ms);
    return first;
}

}  // namespace openclaw::routing
