// The scheduler's jobs at the start: those of the store and those of the configuration.

#include "routing/scheduler_impl.hpp"

#include "openclaw/core/log.hpp"
#include "openclaw/model/session_key.hpp"

#include <algorithm>
#include <set>

namespace openclaw::routing {

planned_job planned_from(const std::string& id, const job_spec& spec) {
    planned_job job{id, spec.schedule, spec.misfire, spec.delete_after_run, {}, {}};
    job.state.enabled = spec.enabled;
    return job;
}

configured_jobs read_configured(const json& list) {
    configured_jobs out;
    if (!list.is_array()) return out;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto problem = [&](const std::string& what) {
            out.problems.push_back("cron.jobs[" + std::to_string(i) + "]: " + what);
        };
        auto id = string_or(list[i], "id", string_or(list[i], "name"));
        // From a fixed time on, so that a restart does not shift what comes every so often.
        auto spec = parse_job(list[i], 0);
        if (!spec) {
            problem(spec.error().to_string());
        } else if (!is_valid_id(id)) {
            problem("it needs an \"id\" of letters, digits, '-', '_' and '.', 64 at most");
        } else if (!ids.insert(id).second) {
            problem("there is another job with the id \"" + id + "\"");
        } else {
            spec->delete_after_run = false;   // the file would bring it back
            out.jobs.push_back({std::move(id), std::move(*spec)});
        }
    }
    return out;
}

task<bool> scheduler::impl::load() {
    std::size_t taken = 0;
    while (!loaded_) {
        {
            const auto turn = co_await turn_.acquire();
            if (!turn) co_return false;
            if (std::exchange(configured_anew_, false)) taken = 0;
            const auto configured = read_configured(configured_);
            for (const auto& problem : configured.problems) {
                log::error("cron", "a job does not run: " + problem);
            }
            const auto done = co_await take_all(configured, taken);
            loaded_ = static_cast<bool>(done);
            if (!done) log::error("cron", "the jobs cannot be read", {{"error", done.error().to_string()}});
        }
        // Without the turn: who asks meanwhile is told so.
        if (!loaded_ && !co_await pause(retry_pause)) co_return false;
    }
    if (!jobs_.empty()) log::info("cron", "jobs", {{"count", jobs_.size()}});
    co_return true;
}

// `taken`: the configuration's that were taken up already, and the store's before them.
task<result<void>> scheduler::impl::take_all(const configured_jobs& configured, std::size_t& taken) {
    if (taken == 0) {
        auto stored = co_await take_stored(configured);
        if (!stored) co_return stored;
        taken = 1;
    }
    for (; taken <= configured.jobs.size(); ++taken) {
        const auto& job = configured.jobs[taken - 1];
        auto done = co_await take_configured(job);
        if (done) continue;
        log::error("cron", "a job of the configuration cannot be taken up",
                   {{"job", job.id}, {"error", done.error().to_string()}});
        const auto code = done.error().code;
        if (code != errc::conflict && code != errc::too_large) co_return done;
    }
    co_return result<void>();
}

// A row of the store; nothing: it cannot be read, and stays where it is.
std::optional<planned_job> scheduler::impl::take_row(const store::record& row) {
    const auto body = parse_json(row.body);
    const auto* job = body ? find(*body, "job") : nullptr;
    if (job == nullptr) {
        log::error("cron", "a job in the store cannot be read", {{"job", row.id}});
        return std::nullopt;
    }
    job_entry entry;
    entry.created_ms = find_int(*body, "createdAtMs").value_or(0);
    entry.updated_ms = find_int(*body, "updatedAtMs").value_or(0);
    entry.configured = find_bool(*body, "configured").value_or(false);
    entry.key = string_or(*body, "key");
    auto spec = parse_job(*job, entry.updated_ms);
    if (!spec) {
        log::error("cron", "a job in the store does not run any more",
                   {{"job", row.id}, {"error", spec.error().to_string()}});
        return std::nullopt;
    }
    const auto* state = find(*body, "state");
    planned_job planned{row.id, spec->schedule, spec->misfire, spec->delete_after_run,
                        state_from(state ? *state : json::object()), {}};
    entry.spec = std::move(*spec);
    jobs_.insert_or_assign(row.id, std::move(entry));
    return planned;
}

task<result<void>> scheduler::impl::take_stored(const configured_jobs& configured) {
    auto rows = co_await d_.store.records(job_kind);
    if (!rows) co_return rows.error();
    const auto past = co_await d_.store.records(job_history::kind);
    if (!past) co_return past.error();
    planner_ = {};
    jobs_.clear();
    unread_.clear();
    history_ = {};
    auto drop = history_.load(*past);
    jobs_loaded loaded;
    for (const auto& row : *rows) {
        auto job = take_row(row);
        if (!job) {
            unread_.insert(row.id);
            continue;
        }
        const auto& entry = jobs_.at(row.id);
        const auto wanted = std::find_if(configured.jobs.begin(), configured.jobs.end(),
                                         [&](const auto& c) { return c.id == row.id; });
        if (entry.configured && wanted == configured.jobs.end()) {
            drop.push_back({job_kind, row.id, {}});
            jobs_.erase(row.id);
            continue;
        }
        // It begins as it is now written, not as it was.
        if (entry.configured && spec_json(wanted->spec) != spec_json(entry.spec)) job->state.enabled = false;
        loaded.jobs.push_back(std::move(*job));
    }
    std::vector<std::pair<std::string, running_job>> running;
    for (const auto& job : loaded.jobs) {
        if (job.state.running) running.emplace_back(job.id, *job.state.running);
    }
    job_event what = std::move(loaded);
    auto done = co_await step(std::move(what));
    if (!done) co_return done.error();
    for (const auto& [id, run] : running) begin(id, run, true);
    if (!drop.empty()) {
        std::vector<store::record> none;
        const auto gone = co_await d_.store.change_records(std::move(none), std::move(drop));
        if (!gone) log::warn("cron", "old rows stay for now", {{"error", gone.error().to_string()}});
    }
    co_return result<void>();
}

task<result<void>> scheduler::impl::configure(json configured) {
    const auto turn = co_await turn_.acquire();
    if (!turn) co_return stopping();
    configured_ = std::move(configured);
    configured_anew_ = !loaded_;
    if (!loaded_) co_return result<void>();   // it loads what is here now
    const auto now = read_configured(configured_);
    for (const auto& problem : now.problems) log::error("cron", "a job does not run: " + problem);
    std::vector<std::string> gone;
    for (const auto& [id, entry] : jobs_) {
        const bool stays = std::ranges::any_of(now.jobs, [&](const auto& job) { return job.id == id; });
        if (entry.configured && !stays) gone.push_back(id);
    }
    for (const auto& id : gone) {
        addition more;
        more.id = id;
        more.forgets = true;
        job_event what = job_removed{id};
        auto done = co_await step(std::move(what), std::move(more));
        if (!done) co_return done;
    }
    std::size_t taken = 1;
    co_return co_await take_all(now, taken);
}

task<result<void>> scheduler::impl::take_configured(const configured_job& job) {
    const auto now = d_.time.unix_ms();
    job_entry entry{job.spec, now, now, true, {}};
    if (const auto known = jobs_.find(job.id); known != jobs_.end()) {
        if (!known->second.configured) {
            co_return error(errc::conflict, "a client has added a job with this id",
                            "Give the one of the configuration another id.");
        }
        if (spec_json(known->second.spec) == spec_json(job.spec)) co_return result<void>();
        entry.created_ms = known->second.created_ms;
    }
    auto planned = planned_from(job.id, job.spec);
    addition more;
    more.id = job.id;
    more.entry = entry;
    job_event what = job_put{planned};
    auto done = co_await step(std::move(what), more);
    if (done || done.error().code != errc::invalid_input) co_return done;
    log::warn("cron", "a job of the configuration does not run any more",
              {{"job", job.id}, {"error", done.error().to_string()}});
    planned.state.enabled = false;
    what = job_put{std::move(planned)};
    co_return co_await step(std::move(what), std::move(more));
}

}  // namespace openclaw::routing
