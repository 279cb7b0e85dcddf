#include "routing/job_planner.hpp"

#include <gtest/gtest.h>

#include <random>

// Random lives of a planner: ends of the process at the worst moments, clocks put forward and back, writes
// that fail, runs that fail. What must never happen is looked for after every step.
namespace openclaw::routing {
namespace {

using how = run_ended::how;

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;

class life {
public:
    explicit life(std::uint64_t seed) : rng_(seed), limits_{20, 3}, planner_(limits_) {
        const auto berlin = time_zone::find("Europe/Berlin").value();
        for (const auto* text : {"*/10 * * * *", "30 2 * * *", "0 3 * * *", "15,45 1-3 * * SUN"}) {
            add(cron_schedule{cron_expression::parse(text).value(), berlin});
        }
        add(every_schedule{7 * minute, now_});
        for (int i = 1; i <= 4; ++i) add(at_schedule{now_ + i * 11 * hour});
    }

    void live(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) something();
        settle_down();
    }

private:
    std::uint64_t below(std::uint64_t n) { return rng_() % n; }
    bool rarely() { return below(20) == 0; }

    void add(schedule s) {
        const auto id = "job" + std::to_string(defined_.size());
        planned_job j{id, std::move(s), {}, false, {}, {}};
        defined_.emplace(id, j);
        step(job_put{std::move(j)});
    }

    void something() {
        switch (below(12)) {
        case 0: now_ += static_cast<std::int64_t>(below(3 * day)); break;
        // Not so far that the clock would count as having been wrong.
        case 1: now_ = std::max(now_ - static_cast<std::int64_t>(below(2 * hour)), latest_ - 2 * hour); break;
        case 2: restart(); return;
        case 3: case 4: case 5: case 6: end_one(); return;
        default: now_ = wake_ ? std::max(*wake_, now_) : now_ + minute;
        }
        step(time_passed{});
    }

    void end_one() {
        std::vector<std::pair<std::string, std::int64_t>> all(in_flight_.begin(), in_flight_.end());
        if (all.empty()) return;
        const auto [id, due] = all.at(below(all.size()));
        in_flight_.erase(id);
        const std::array outcomes{how::ok, how::ok, how::failed, how::failed_for_now};
        const auto outcome = outcomes.at(below(outcomes.size()));
        const bool may_come_again =
            outcome == how::failed_for_now && std::holds_alternative<at_schedule>(defined_.at(id).schedule);
        if (may_come_again) begun_.erase({id, due});
        step(run_ended{id, due, outcome});
    }

    void step(job_event what) {
        latest_ = std::max(latest_, now_);
        const auto plan = planner_.step(now_, std::move(what));
        ASSERT_FALSE(plan.refusal);
        // The process may end after any of the writes, and before the next.
        for (const auto& w : plan.writes) rows_[w.id] = w.state;
        for (const auto& s : plan.starts) {
            if (rarely()) {
                restart();
                return;
            }
            if (rarely()) {
                unwritten_.emplace_back(s.row.id, s.run.due_ms);
                continue;
            }
            begin(s);
        }
        wake_ = plan.wake_ms;
        ASSERT_GT(wake_.value_or(now_ + 1), now_);
        look();
        while (!unwritten_.empty()) {
            const auto [id, due] = unwritten_.back();
            unwritten_.pop_back();
            step(run_ended{id, due, how::not_begun});
        }
    }

    void begin(const job_start& s) {
        const auto& id = s.row.id;
        rows_[id] = s.row.state;
        ASSERT_TRUE(in_flight_.emplace(id, s.run.due_ms).second) << id << " runs twice at once";
        ASSERT_TRUE(begun_.emplace(id, s.run.due_ms).second) << id << " begins twice for " << s.run.due_ms;
        ASSERT_LE(s.run.due_ms, now_) << id << " begins early";
        const auto last = last_due_.emplace(id, s.run.due_ms).first;
        ASSERT_LE(last->second, s.run.due_ms) << id << " goes back";
        last->second = s.run.due_ms;
        ASSERT_LE(in_flight_.size(), limits_.running);
    }

    // Whatever is due and could run does.
    void look() {
        if (in_flight_.size() + unwritten_.size() >= limits_.running) return;
        for (const auto& [id, j] : planner_.jobs()) {
            if (!j.state.enabled || j.state.running || !j.next_ms) continue;
            ASSERT_GT(std::max(*j.next_ms, j.state.not_before_ms), now_) << id << " waits for nothing";
        }
    }

    void restart() {
        planner_ = job_planner(limits_);
        unwritten_.clear();
        jobs_loaded all;
        for (const auto& [id, state] : rows_) {
            auto j = defined_.at(id);
            j.state = state;
            all.jobs.push_back(std::move(j));
        }
        step(std::move(all));
    }

    // Nothing was lost: in the end every job has run for its last occurrence.
    void settle_down() {
        now_ = latest_ + 8 * day;
        for (int i = 0; i < 2000; ++i) {
            step(time_passed{});
            while (!in_flight_.empty()) {
                const auto [id, due] = *in_flight_.begin();
                in_flight_.erase(in_flight_.begin());
                step(run_ended{id, due, how::ok});
            }
            now_ += 5'000;
        }
        for (const auto& [id, j] : planner_.jobs()) {
            const bool recurs = !std::holds_alternative<at_schedule>(j.schedule);
            ASSERT_EQ(j.state.enabled, recurs) << id;
            const auto due = due_between(j.schedule, last_due_.at(id), now_ - 5 * minute);
            ASSERT_FALSE(due) << id << " was forgotten";
        }
    }

    std::mt19937_64 rng_;
    const job_planner::limits limits_;
    job_planner planner_;
    std::int64_t now_ = 1'774'700'000'000;   // the day before Berlin's clocks go forward
    std::int64_t latest_ = now_;
    std::optional<std::int64_t> wake_;
    std::map<std::string, planned_job> defined_;
    std::map<std::string, job_state> rows_;                   // what is on disk
    std::map<std::string, std::int64_t> in_flight_;           // runs that outlive the process
    std::vector<std::pair<std::string, std::int64_t>> unwritten_;
    std::set<std::pair<std::string, std::int64_t>> begun_;
    std::map<std::string, std::int64_t> last_due_;
};

TEST(job_planner_random, loses_and_doubles_nothing) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        life(seed).live(300);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace openclaw::routing
