#include "routing/scheduler_impl.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/public_message.hpp"

#include <boost/asio/redirect_error.hpp>

#include <set>

namespace openclaw::routing {

namespace {

constexpr milliseconds wait_slice{600'000};       // for the end of a run
constexpr std::size_t max_summary = 1'000;        // bytes of an answer in the history

// A failure of the moment: what was not begun for it is due again soon.
bool is_passing(errc code) {
    return code == errc::queue_full || code == errc::unavailable || code == errc::disk_full ||
           code == errc::storage || code == errc::timed_out;
}

// How a run ended, for the planner and for the history.
struct verdict {
    run_ended::how outcome = run_ended::how::failed;
    std::string message;             // of a failure
    json outcome_of = json::object();   // what is on record
};

verdict verdict_of(const result<run_report>& report, bool by_hand) {
    verdict v;
    if (!report) {
        v.message = public_message(report.error());
        if (!by_hand && is_passing(report.error().code)) v.outcome = run_ended::how::not_begun;
        return v;
    }
    const auto& row = report->row;
    auto outcome = parse_json(row.outcome);
    if (outcome && outcome->is_object()) v.outcome_of = std::move(*outcome);
    if (row.state == store::run_state::done) {
        v.outcome = run_ended::how::ok;
    } else if (row.state == store::run_state::aborted) {
        v.message = "somebody stopped it";
    } else if (!report->known) {
        v.message = "how it ended is not on record any more";
    } else {
        const auto* failure = find(v.outcome_of, "error");
        const auto code = failure ? string_or(*failure, "code") : std::string();
        v.message = failure ? string_or(*failure, "message", code) : "it failed";
        if (row.state == store::run_state::dead) return v;   // what ends the process would do so again
        for (const auto may_help : {errc::timed_out, errc::unavailable, errc::overloaded, errc::rate_limited,
                                    errc::network, errc::queue_full, errc::disk_full}) {
            if (code == name_of(may_help)) v.outcome = run_ended::how::failed_for_now;
        }
    }
    return v;
}

const char* what_went_wrong(run_ended::how outcome) {
    if (outcome == run_ended::how::not_begun) return "a job could not begin";
    return outcome == run_ended::how::skipped ? "a job does not run again" : "a job failed";
}

run_status status_of(run_ended::how outcome) {
    if (outcome == run_ended::how::ok) return run_status::ok;
    return outcome == run_ended::how::skipped ? run_status::skipped : run_status::failed;
}

// A CronRunLogEntry (protocol.md §8).
json entry_of(const std::string& id, const std::string& job_name, std::int64_t now, run_status how) {
    const bool ok = how == run_status::ok, skipped = how == run_status::skipped;
    json out{{"ts", now}, {"jobId", id}, {"jobName", job_name}, {"action", "finished"},
             {"status", ok ? "ok" : skipped ? "skipped" : "error"}};
    if (!skipped) out["completionStatus"] = ok ? "succeeded" : "failed";
    return out;
}

void describe(json& entry, const verdict& v, const result<run_report>& report, const running_job& run) {
    const auto& row = report ? report->row : store::run_row();
    const auto ended = row.ended_ms != 0 ? row.ended_ms : entry["ts"].get<std::int64_t>();
    entry["runAtMs"] = run.started_ms;
    entry["durationMs"] = std::max<std::int64_t>(ended - run.started_ms, 0);
    if (!row.session.empty()) entry["sessionKey"] = row.session;
    if (!v.message.empty()) entry["error"] = v.message;
    const auto said = string_or(v.outcome_of, "text");
    if (!said.empty()) entry["summary"] = utf8_prefix(said, max_summary);
    for (const char* key : {"provider", "model"}) {
        if (auto value = string_or(v.outcome_of, key); !value.empty()) entry[key] = std::move(value);
    }
    if (const auto* usage = find(v.outcome_of, "usage")) {
        entry["usage"] = {{"input_tokens", find_int(*usage, "input").value_or(0)},
                          {"output_tokens", find_int(*usage, "output").value_or(0)},
                          {"total_tokens", find_int(*usage, "total").value_or(0)}};
    }
}

}  // namespace

scheduler::impl::impl(dependencies d, json configured)
    : d_(std::move(d))
    , configured_(std::move(configured))
    , strand_(asio::make_strand(d_.io))
    , alarm_(strand_) {}

error scheduler::impl::stopping() {
    return error(errc::unavailable, "the gateway is stopping", "Try again in a moment.");
}

void scheduler::impl::start() {
    tasks_.spawn(strand_, "scheduler", drive());
}

task<> scheduler::impl::stop() {
    stopping_ = true;
    tasks_.stop();
    co_await tasks_.join();
}

void scheduler::impl::look() {
    asio::post(strand_, [self = shared_from_this()] {
        self->wake_ms_ = 0;
        self->alarm_.cancel();
    });
}

task<bool> scheduler::impl::pause(milliseconds time) {
    if (stopping_) co_return false;
    asio::steady_timer timer(strand_, time);
    boost::system::error_code failure;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

// Looks at the clock when something is due, and every five seconds: it may have been put. Ends with stop().
task<> scheduler::impl::drive() {
    auto self = shared_from_this();
    if (!co_await load()) co_return;
    while (!stopping_) {
        const auto wait = wake_ms_ ? *wake_ms_ - d_.time.unix_ms() : job_planner::longest_sleep_ms;
        if (wait > 0) {
            alarm_.expires_after(milliseconds(std::min(wait, job_planner::longest_sleep_ms)));
            boost::system::error_code woken;
            co_await alarm_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            if (woken) continue;   // what is to come has changed, or the end
        }
        const auto turn = co_await turn_.acquire();
        if (!turn) co_return;
        job_event what = time_passed{};
        if (auto done = co_await step(std::move(what)); !done) {
            log::error("cron", "jobs wait for the store", {{"error", done.error().to_string()}});
        }
    }
}

store::record scheduler::impl::record_of(const std::string& id, const job_entry& e) const {
    json body{{"job", spec_json(e.spec)},
              {"state", state_json(planner_.jobs().at(id).state)},
              {"createdAtMs", e.created_ms},
              {"updatedAtMs", e.updated_ms},
              {"configured", e.configured}};
    if (!e.key.empty()) body["key"] = e.key;
    return {job_kind, id, dump(body)};
}

// What a plan changes in the store; the rows of the history that come with it are put into `more`.
void scheduler::impl::collect(const job_plan& plan, addition& more, job_history::change& out) {
    std::set<std::string> changed;
    for (const auto& row : plan.writes) changed.insert(row.id);
    for (const auto& start : plan.starts) changed.insert(start.row.id);
    if (more.entry && !plan.refusal) changed.insert(more.id);
    for (const auto& id : changed) {
        if (!planner_.jobs().contains(id)) continue;
        const bool new_entry = more.entry && id == more.id;
        out.put.push_back(record_of(id, new_entry ? *more.entry : jobs_.at(id)));
    }
    for (const auto& id : plan.removals) out.drop.push_back({job_kind, id, {}});
    if (more.forgets && unread_.contains(more.id)) out.drop.push_back({job_kind, more.id, {}});
    const auto now = d_.time.unix_ms();
    for (const auto& skip : plan.skips) {
        auto row = entry_of(skip.id, jobs_.at(skip.id).spec.name, now, run_status::skipped);
        row["runAtMs"] = skip.due.last_ms;
        row["error"] = "it was too late to begin";
        more.ended.push_back(std::move(row));
    }
    for (auto& row : more.ended) {
        const auto job = planner_.jobs().find(string_or(row, "jobId"));
        if (job != planner_.jobs().end() && job->second.state.enabled && job->second.next_ms) {
            row["nextRunAtMs"] = std::max(*job->second.next_ms, job->second.state.not_before_ms);
        }
        history_.add(row, out);
    }
    if (more.forgets && !plan.refusal) history_.forget(more.id, out);
}

// With the turn held. What cannot be written has not happened.
task<result<void>> scheduler::impl::step(job_event what, addition more) {
    auto before = planner_;
    const auto plan = planner_.step(d_.time.unix_ms(), std::move(what));
    job_history::change change;
    collect(plan, more, change);
    if (!change.put.empty() || !change.drop.empty()) {
        auto put = change.put;
        // The store writes on when nobody waits, and then it has happened.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto written = co_await d_.store.change_records(std::move(put), std::move(change.drop));
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        if (!written) {
            planner_ = std::move(before);
            history_.take_back(change);
            wake_ms_ = d_.time.unix_ms() + retry_pause.count();
            alarm_.cancel();
            co_return written.error();
        }
        ++changes_;
    }
    if (more.entry && !plan.refusal && planner_.jobs().contains(more.id)) {
        jobs_.insert_or_assign(more.id, std::move(*more.entry));
    }
    wake_ms_ = plan.wake_ms;
    alarm_.cancel();
    for (auto& row : more.ended) {
        auto job = string_or(row, "jobId");
        tell(job, "finished", std::move(row));
    }
    carry_out(plan);
    if (plan.refusal) co_return *plan.refusal;
    co_return result<void>();
}

void scheduler::impl::carry_out(const job_plan& plan) {
    for (const auto& id : plan.removals) {
        jobs_.erase(id);
        tell(id, "removed", json::object());
    }
    for (const auto& start : plan.starts) {
        const auto& id = start.row.id;
        tell(id, "started", {{"runAtMs", start.run.started_ms}});
        begin(id, start.run, false);
    }
}

void scheduler::impl::begin(const std::string& id, const running_job& run, bool resumed) {
    auto name = run_name(id, run);
    tasks_.spawn(strand_, "cron job", attend(id, jobs_.at(id).spec, run, std::move(name), resumed));
}

// A run from its message to its end.
task<> scheduler::impl::attend(std::string id, job_spec spec, running_job run, std::string name,
                               bool resumed) {
    auto self = shared_from_this();
    result<run_report> report = run_report();
    verdict v;
    if (history_.has(name)) {
        v.outcome = run_ended::how::skipped;
        v.message = "it had run before, by a clock that was ahead";
    } else {
        report = co_await follow(id, spec, name, resumed);
        if (stopping_) co_return;   // the next start finds out
        v = verdict_of(report, run.by_hand);
    }
    if (v.outcome != run_ended::how::ok) {
        log::warn("cron", what_went_wrong(v.outcome),
                  {{"job", id}, {"run", name}, {"error", report ? v.message : report.error().to_string()}});
    }
    while (true) {
        {
            const auto turn = co_await turn_.acquire();
            if (!turn) co_return;
            addition more;
            if (jobs_.contains(id) && v.outcome != run_ended::how::not_begun) {
                auto entry = entry_of(id, spec.name, d_.time.unix_ms(), status_of(v.outcome));
                if (v.outcome != run_ended::how::skipped) entry["runId"] = name;
                describe(entry, v, report, run);
                more.ended.push_back(std::move(entry));
            }
            job_event what = run_ended{id, run.due_ms, v.outcome, v.message};
            const auto done = co_await step(std::move(what), std::move(more));
            if (done) co_return;
            log::warn("cron", "the end of a job waits for the store",
                      {{"job", id}, {"error", done.error().to_string()}});
        }
        if (!co_await pause(retry_pause)) co_return;
    }
}

// The message has the run's name, as its own and as its key: sent twice, it runs once.
task<result<run_report>> scheduler::impl::follow(std::string id, const job_spec& spec,
                                                 const std::string& name, bool resumed) {
    bool sent = false;
    if (resumed) {
        const auto before = co_await look_up(name, milliseconds(0));
        if (!before) co_return before.error();
        sent = before->known;
    }
    if (!sent) {
        std::string account;
        if (!spec.announce.channel.empty()) {
            auto found = d_.find_account(spec.announce.channel, spec.announce.account);
            if (!found) co_return found.error();
            account = std::move(*found);
        }
        auto message = message_of(id, spec, name, account);
        const auto taken = co_await d_.submit(std::move(message));
        if (!taken) co_return taken.error();
    }
    while (true) {
        auto report = co_await look_up(name, wait_slice);
        if (!report || report->ended || !report->known) co_return report;
    }
}

// Asks again while the store cannot be read: that says nothing about the run.
task<result<run_report>> scheduler::impl::look_up(const std::string& name, milliseconds limit) {
    while (true) {
        auto report = co_await d_.wait(name, limit);
        if (!report.unread) co_return report;
        log::warn("cron", "a run cannot be looked up",
                  {{"run", name}, {"error", report.unread->to_string()}});
        if (!co_await pause(retry_pause)) co_return *report.unread;
    }
}

}  // namespace openclaw::routing
