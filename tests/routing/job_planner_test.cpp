#include "routing/job_planner.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

using how = run_ended::how;

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr std::int64_t start = 1'770'292'800'000;   // 2026-02-05T12:00:00Z

planned_job job(std::string id, schedule s) { return {std::move(id), std::move(s), {}, false, {}, {}}; }
planned_job hourly(std::string id) { return job(std::move(id), every_schedule{hour, start}); }
planned_job once(std::string id, std::int64_t at_ms) { return job(std::move(id), at_schedule{at_ms}); }

// A planner, and the table as its caller would have written it.
class job_planner_test : public testing::Test {
protected:
    job_plan step(job_event what = time_passed{}) {
        auto plan = planner.step(now, std::move(what));
        for (const auto& w : plan.writes) rows[w.id] = w.state;
        for (const auto& s : plan.starts) rows[s.row.id] = s.row.state;
        for (const auto& id : plan.removals) rows.erase(id);
        return plan;
    }
    job_plan put(planned_job j) {
        defined.insert_or_assign(j.id, j);
        return step(job_put{std::move(j)});
    }
    // Steps at `at_ms` and gives the occurrences that begin.
    std::vector<std::int64_t> begins_at(std::int64_t at_ms) {
        now = at_ms;
        std::vector<std::int64_t> due;
        for (const auto& s : step().starts) due.push_back(s.run.due_ms);
        return due;
    }
    job_plan end(std::string id, std::int64_t due_ms, how outcome = how::ok) {
        return step(run_ended{std::move(id), due_ms, outcome, outcome == how::ok ? "" : "no"});
    }
    job_plan restart() {
        planner = job_planner(limits);
        jobs_loaded all;
        for (const auto& [id, state] : rows) {
            auto j = defined.at(id);
            j.state = state;
            all.jobs.push_back(std::move(j));
        }
        return step(std::move(all));
    }
    const planned_job& at(const char* id) { return planner.jobs().find(id)->second; }

    job_planner::limits limits{};
    job_planner planner{limits};
    std::map<std::string, job_state> rows;
    std::map<std::string, planned_job> defined;
    std::int64_t now = start;
};

using times = std::vector<std::int64_t>;

TEST_F(job_planner_test, says_when_to_wake_and_begins_then) {
    EXPECT_FALSE(step().wake_ms) << "nothing to wait for";
    const auto added = put(once("a", start + 30'000));
    EXPECT_EQ(added.wake_ms, start + job_planner::longest_sleep_ms);
    ASSERT_EQ(added.writes.size(), 1U);
    EXPECT_EQ(begins_at(start + 29'999), times{});
    EXPECT_EQ(begins_at(start + 30'000), times{start + 30'000});
    EXPECT_EQ(rows.at("a").settled_ms, start + 30'000) << "written before the run begins";
    EXPECT_TRUE(rows.at("a").running);
    EXPECT_FALSE(step().wake_ms) << "it runs";
}

TEST_F(job_planner_test, looks_at_the_clock_every_few_seconds_at_least) {
    EXPECT_EQ(put(hourly("a")).wake_ms, start + job_planner::longest_sleep_ms);
    now = start + hour - 1;
    EXPECT_EQ(step().wake_ms, start + hour);
}

TEST_F(job_planner_test, an_occurrence_runs_once_over_restarts) {
    put(hourly("a"));
    EXPECT_EQ(begins_at(start + hour), times{start + hour});
    EXPECT_TRUE(restart().starts.empty()) << "it runs still";
    EXPECT_TRUE(end("a", start + hour).starts.empty());
    EXPECT_TRUE(restart().starts.empty());
    EXPECT_EQ(begins_at(start + 2 * hour), times{start + 2 * hour});
}

TEST_F(job_planner_test, what_was_not_written_has_not_begun) {
    put(hourly("a"));
    now = start + hour;
    const auto lost = planner.step(now, time_passed{});   // and the process ends before the row is written
    ASSERT_EQ(lost.starts.size(), 1U);
    now += 1000;
    const auto plan = restart();
    ASSERT_EQ(plan.starts.size(), 1U);
    EXPECT_EQ(plan.starts[0].run.due_ms, start + hour);
}

TEST_F(job_planner_test, a_begin_that_could_not_be_written_is_due_again_soon) {
    put(hourly("a"));
    const auto before = rows.at("a");
    now = start + hour;
    planner.step(now, time_passed{});
    const auto plan = end("a", start + hour, how::not_begun);
    EXPECT_EQ(at("a").state.last_error, "no");
    EXPECT_TRUE(plan.starts.empty()) << "not at once";
    EXPECT_TRUE(plan.writes.empty());
    EXPECT_EQ(plan.wake_ms, now + job_planner::longest_sleep_ms);
    EXPECT_EQ(begins_at(now + 30'000), times{start + hour});
}

TEST_F(job_planner_test, a_begin_that_failed_leaves_another_schedule_alone) {
    put(hourly("a"));
    now = start + hour;
    step();
    now += 1000;
    put(job("a", every_schedule{2 * hour, start}));
    const auto plan = end("a", start + hour, how::not_begun);
    EXPECT_EQ(at("a").next_ms, start + 2 * hour);
    EXPECT_FALSE(rows.at("a").running);
}

TEST_F(job_planner_test, a_run_keeps_its_attempt_whatever_is_changed_meanwhile) {
    put(once("a", start + 1000));
    now = start + 1000;
    step();
    end("a", start + 1000, how::failed_for_now);
    now += minute;
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 1U);
    EXPECT_EQ(plan.starts[0].run.attempt, 1U);
    put(once("a", start + hour));
    EXPECT_EQ(rows.at("a").errors_in_row, 0U);
    EXPECT_EQ(rows.at("a").running->attempt, 1U);
}

TEST_F(job_planner_test, what_came_while_it_was_down_runs_once) {
    put(hourly("a"));
    now = start + 5 * hour + 10 * minute;
    const auto plan = restart();
    ASSERT_EQ(plan.starts.size(), 1U);
    EXPECT_EQ(plan.starts[0].run.due_ms, start + 5 * hour);
    EXPECT_EQ(plan.starts[0].run.first_due_ms, start + hour);
    end("a", start + 5 * hour);
    EXPECT_EQ(begins_at(start + 6 * hour), times{start + 6 * hour}) << "the cadence is as before";
}

TEST_F(job_planner_test, or_not_at_all_by_its_policy) {
    auto picky = hourly("a");
    picky.misfire.when_late = misfire_policy::late::skip;
    put(picky);
    now = start + 5 * hour + 10 * minute;
    const auto plan = restart();
    EXPECT_TRUE(plan.starts.empty());
    ASSERT_EQ(plan.skips.size(), 1U);
    EXPECT_EQ(plan.skips[0].due.last_ms, start + 5 * hour);
    EXPECT_EQ(rows.at("a").last_status, run_status::skipped);
    EXPECT_EQ(rows.at("a").settled_ms, start + 5 * hour);
    EXPECT_EQ(begins_at(start + 6 * hour + 30'000), times{start + 6 * hour}) << "a little late is in time";
}

TEST_F(job_planner_test, a_clock_put_back_repeats_nothing) {
    put(hourly("a"));
    EXPECT_EQ(begins_at(start + 2 * hour), times{start + 2 * hour});
    end("a", start + 2 * hour);
    EXPECT_EQ(begins_at(start + hour), times{}) << "an hour back";
    EXPECT_EQ(begins_at(start + 2 * hour), times{});
    EXPECT_EQ(begins_at(start + 3 * hour), times{start + 3 * hour});
}

TEST_F(job_planner_test, a_clock_that_was_wrong_by_years_does_not_silence_a_job) {
    put(hourly("a"));
    put(once("b", start + day));
    EXPECT_EQ(begins_at(start + 3650 * day).size(), 2U) << "both are due by that clock";
    end("a", start + 3650 * day);
    // Right again, while the one-time job still runs.
    EXPECT_EQ(begins_at(start + hour + 1), times{});
    end("b", start + day);
    EXPECT_EQ(begins_at(start + 2 * hour), times{start + 2 * hour});
    end("a", start + 2 * hour);
    EXPECT_EQ(begins_at(start + day), times{start + day}) << "a alone; b was done with";
    EXPECT_FALSE(at("b").state.enabled);
}

TEST_F(job_planner_test, errors_make_a_job_wait_longer_and_longer) {
    put(job("a", every_schedule{minute, start}));
    const std::int64_t waits[] = {30'000, minute, 5 * minute, 15 * minute, hour, hour};
    std::uint32_t errors = 0;
    for (const auto wait : waits) {
        const auto due = *at("a").next_ms;
        now = std::max(due, at("a").state.not_before_ms);
        const auto plan = step();
        ASSERT_EQ(plan.starts.size(), 1U) << wait;
        now += 100;
        end("a", plan.starts[0].run.due_ms, how::failed);
        EXPECT_EQ(rows.at("a").errors_in_row, ++errors);
        EXPECT_EQ(rows.at("a").not_before_ms, now + wait);
        EXPECT_EQ(rows.at("a").last_error, "no");
        EXPECT_TRUE(begins_at(now + wait - 1).empty());
        now += 1;
    }
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 1U);
    end("a", plan.starts[0].run.due_ms);
    EXPECT_EQ(rows.at("a").errors_in_row, 0U);
    EXPECT_TRUE(rows.at("a").last_error.empty());
    EXPECT_EQ(begins_at(*at("a").next_ms).size(), 1U) << "in time again";
}

TEST_F(job_planner_test, a_one_time_job_tries_again_if_that_may_help) {
    put(once("a", start + 1000));
    std::int64_t runs_made = 0;
    for (now = start + 1000; runs_made < 10; now += minute) {
        const auto plan = step();
        if (!at("a").state.enabled) break;
        if (plan.starts.empty()) continue;
        ++runs_made;
        EXPECT_EQ(plan.starts[0].run.due_ms, start + 1000);
        end("a", start + 1000, how::failed_for_now);
        restart();
    }
    EXPECT_EQ(runs_made, 1 + job_planner::retries);
    put(once("b", now + 1000));
    now += 1000;
    step();
    end("b", now, how::failed);
    EXPECT_FALSE(rows.at("b").enabled) << "no use in that";
}

TEST_F(job_planner_test, a_one_time_job_ends_disabled_or_removed) {
    put(once("a", start + 1000));
    auto gone = once("b", start + 1000);
    gone.delete_after_run = true;
    put(gone);
    EXPECT_EQ(begins_at(start + 1000).size(), 2U);
    end("a", start + 1000);
    EXPECT_EQ(end("b", start + 1000).removals, std::vector<std::string>{"b"});
    EXPECT_FALSE(rows.at("a").enabled);
    EXPECT_EQ(rows.at("a").last_status, run_status::ok);
    EXPECT_EQ(planner.jobs().size(), 1U);
    EXPECT_TRUE(restart().starts.empty());
    auto again = hourly("c");
    again.delete_after_run = true;
    put(again);
    begins_at(start + hour);
    EXPECT_TRUE(end("c", start + hour).removals.empty()) << "more is to come";
}

TEST_F(job_planner_test, so_many_run_at_once_the_longest_overdue_first) {
    limits.running = 2;
    planner = job_planner(limits);
    put(once("late", start + 3));
    put(once("first", start + 1));
    put(once("second", start + 2));
    EXPECT_EQ(begins_at(start + 10), (times{start + 1, start + 2}));
    EXPECT_FALSE(step().wake_ms) << "waiting for a place, not for a time";
    const auto plan = end("first", start + 1);
    ASSERT_EQ(plan.starts.size(), 1U);
    EXPECT_EQ(plan.starts[0].row.id, "late");
    EXPECT_EQ(step(run_wanted{"first"}).refusal->code, errc::queue_full);
    step(job_removed{"second"});
    EXPECT_EQ(step(run_wanted{"first"}).refusal->code, errc::queue_full) << "what was removed runs still";
    end("second", start + 2);
    EXPECT_FALSE(step(run_wanted{"first"}).refusal);
}

TEST_F(job_planner_test, refuses_what_is_too_much_past_or_unknown) {
    limits.jobs = 1;
    planner = job_planner(limits);
    EXPECT_EQ(put(once("a", start)).refusal->code, errc::invalid_input) << "its time has passed";
    EXPECT_TRUE(planner.jobs().empty());
    put(hourly("a"));
    EXPECT_EQ(put(hourly("b")).refusal->code, errc::too_large);
    EXPECT_FALSE(put(hourly("a")).refusal) << "a change is no addition";
    EXPECT_EQ(step(job_removed{"b"}).refusal->code, errc::not_found);
    EXPECT_EQ(step(run_wanted{"b"}).refusal->code, errc::not_found);
    step(run_wanted{"a"});
    EXPECT_EQ(step(run_wanted{"a"}).refusal->code, errc::conflict);
    EXPECT_TRUE(end("b", start).writes.empty()) << "an end of nothing";
    EXPECT_TRUE(end("a", start + 1).writes.empty()) << "an end of another run";
}

TEST_F(job_planner_test, a_run_by_hand_leaves_the_schedule_alone) {
    auto off = hourly("a");
    off.state.enabled = false;
    put(off);
    const auto plan = step(run_wanted{"a"});
    ASSERT_EQ(plan.starts.size(), 1U);
    EXPECT_TRUE(plan.starts[0].run.by_hand);
    end("a", start, how::failed);
    EXPECT_EQ(rows.at("a").last_status, run_status::failed);
    EXPECT_EQ(rows.at("a").errors_in_row, 0U);
    put(hourly("a"));
    now = start + hour - 1;
    step(run_wanted{"a"});
    EXPECT_EQ(begins_at(start + hour), times{}) << "one run of a job at a time";
    const auto after = end("a", start + hour - 1);
    ASSERT_EQ(after.starts.size(), 1U) << "and then what was due";
    EXPECT_EQ(after.starts[0].run.due_ms, start + hour);
}

TEST_F(job_planner_test, nothing_from_before_a_change_runs) {
    auto off = hourly("a");
    off.state.enabled = false;
    put(off);
    EXPECT_EQ(begins_at(start + 5 * hour), times{}) << "disabled";
    now += minute;
    EXPECT_TRUE(put(hourly("a")).starts.empty()) << "enabled again";
    EXPECT_EQ(begins_at(start + 6 * hour), times{start + 6 * hour});
    end("a", start + 6 * hour);
    now = start + 6 * hour + 10 * minute;
    auto other = job("a", every_schedule{minute, start});
    EXPECT_TRUE(put(other).starts.empty()) << "another schedule";
    EXPECT_EQ(at("a").next_ms, now + minute);
    EXPECT_EQ(rows.at("a").last_status, run_status::ok) << "what is known of it stays";
    // The same schedule again is no change: what is due stays so.
    now += minute;
    EXPECT_EQ(put(other).starts.size(), 1U);
}

}  // namespace
}  // namespace openclaw::routing
