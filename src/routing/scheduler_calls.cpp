// What clients ask of the scheduler.

#include "routing/scheduler_impl.hpp"

#include <span>

namespace openclaw::routing {

namespace {

error no_job(const std::string& id) {
    return error(errc::not_found, "there is no cron job \"" + id + "\"");
}

const char* word_for(run_status s) {
    switch (s) {
    case run_status::ok: return "ok";
    case run_status::failed: return "error";
    case run_status::skipped: return "skipped";
    default: return nullptr;
    }
}

std::string_view kind_of(const schedule& s) {
    if (std::holds_alternative<at_schedule>(s)) return "at";
    return std::holds_alternative<every_schedule>(s) ? "every" : "cron";
}

template <class T>
std::span<const T> cut(const std::vector<T>& rows, row_page page) {
    const std::span<const T> all(rows);
    const auto rest = all.subspan(std::min(page.offset, all.size()));
    return rest.first(std::min(page.limit, rest.size()));
}

std::optional<std::int64_t> due_ms(const planned_job& job) {
    if (!job.state.enabled || !job.next_ms) return std::nullopt;
    return std::max(*job.next_ms, job.state.not_before_ms);
}

}  // namespace

result<void> scheduler::impl::check_channel(const job_spec& spec) const {
    if (spec.announce.channel.empty()) return {};
    const auto account = d_.find_account(spec.announce.channel, spec.announce.account);
    if (!account) return error(errc::invalid_input, account.error().message, account.error().hint);
    return {};
}

result<job_entry> scheduler::impl::changeable(const std::string& id) const {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return no_job(id);
    if (found->second.configured) {
        return error(errc::conflict, "the job \"" + id + "\" is the configuration's",
                     "Change cron.jobs there.");
    }
    return found->second;
}

task<result<semaphore::ticket>> scheduler::impl::client_turn() {
    auto turn = co_await turn_.acquire();
    if (!turn) co_return stopping();
    if (!loaded_) {
        co_return error(errc::unavailable, "the jobs cannot be read yet", "Try again in a moment.");
    }
    co_return turn;
}

task<result<json>> scheduler::impl::add(json job) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    const auto now = d_.time.unix_ms();
    const auto key = string_or(job, "idempotencyKey");
    for (const auto& [id, e] : jobs_) {
        if (!key.empty() && e.key == key) co_return row_of(id);
    }
    if (job.is_object()) {
        job.erase("id");
        job.erase("idempotencyKey");
    }
    auto spec = parse_job(job, now);
    if (!spec) co_return spec.error();
    if (auto good = check_channel(*spec); !good) co_return good.error();
    addition more;
    more.id = make_uuid(d_.random);
    more.entry = job_entry{std::move(*spec), now, now, false, key};
    const auto id = more.id;
    job_event what = job_put{planned_from(id, more.entry->spec)};
    auto done = co_await step(std::move(what), std::move(more));
    if (!done) co_return done.error();
    tell(id, "added", json::object(), true);
    co_return row_of(id);
}

task<result<json>> scheduler::impl::update(std::string id, json patch) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    auto entry = changeable(id);
    if (!entry) co_return entry.error();
    entry->updated_ms = d_.time.unix_ms();
    auto old = spec_json(entry->spec);
    old["enabled"] = planner_.jobs().at(id).state.enabled;
    auto spec = parse_job(patched_spec(std::move(old), patch), entry->updated_ms);
    if (!spec) co_return spec.error();
    if (auto good = check_channel(*spec); !good) co_return good.error();
    entry->spec = std::move(*spec);
    addition more;
    more.id = id;
    more.entry = std::move(*entry);
    job_event what = job_put{planned_from(id, more.entry->spec)};
    auto done = co_await step(std::move(what), std::move(more));
    if (!done) co_return done.error();
    tell(id, "updated", json::object(), true);
    co_return row_of(id);
}

task<result<void>> scheduler::impl::remove(std::string id) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    addition more;
    more.id = id;
    more.forgets = true;
    if (!jobs_.contains(id) && unread_.contains(id)) {
        job_event nothing = time_passed{};
        auto done = co_await step(std::move(nothing), std::move(more));
        if (done) unread_.erase(id);
        co_return done;
    }
    if (auto entry = changeable(id); !entry) co_return entry.error();
    job_event what = job_removed{id};
    co_return co_await step(std::move(what), std::move(more));
}

task<result<scheduler::manual_run>> scheduler::impl::run(std::string id, run_when when) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    const auto found = planner_.jobs().find(id);
    if (found == planner_.jobs().end()) co_return no_job(id);
    const auto& job = found->second;
    const auto due = due_ms(job);
    manual_run out;
    if (job.state.running) out.reason = "already-running";
    else if (when == run_when::if_enabled && !job.state.enabled) out.reason = "disabled";
    else if (when == run_when::if_due && (!due || *due > d_.time.unix_ms())) out.reason = "not-due";
    if (!out.reason.empty()) co_return out;
    job_event what = run_wanted{id};
    auto done = co_await step(std::move(what));
    if (!done) co_return done.error();
    out.run_id = run_name(id, *planner_.jobs().at(id).state.running);
    co_return out;
}

task<result<json>> scheduler::impl::get(std::string id) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    if (!jobs_.contains(id)) co_return no_job(id);
    co_return row_of(id);
}

task<result<scheduler::summary>> scheduler::impl::status() {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    summary out;
    for (const auto& [id, job] : planner_.jobs()) {
        ++out.jobs;
        const auto due = due_ms(job);
        if (due) out.next_ms = std::min(out.next_ms.value_or(*due), *due);
    }
    co_return out;
}

std::vector<job_view> scheduler::impl::views() const {
    std::vector<job_view> out;
    for (const auto& [id, job] : planner_.jobs()) {
        const auto& entry = jobs_.at(id);
        const auto& spec = entry.spec;
        const auto* last = word_for(job.state.last_status);
        out.push_back({id, spec.name, spec.description, spec.agent, kind_of(spec.schedule),
                       last ? last : "", job.state.enabled, entry.updated_ms, due_ms(job)});
    }
    return out;
}

task<result<scheduler::listing>> scheduler::impl::list(job_choice choose, row_page page) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    const auto all = views();
    std::vector<const job_view*> chosen;
    for (const auto& job : all) chosen.push_back(&job);
    if (choose) choose(chosen);
    listing out;
    out.revision = std::to_string(d_.store.epoch()) + "." + std::to_string(changes_);
    out.total = chosen.size();
    for (const auto* job : cut(chosen, page)) out.rows.push_back(row_of(job->id));
    co_return out;
}

task<result<scheduler::listing>> scheduler::impl::runs(run_choice choose, row_page page) {
    const auto turn = co_await client_turn();
    if (!turn) co_return turn.error();
    auto chosen = history_.list();
    if (choose) choose(chosen);
    listing out;
    out.total = chosen.size();
    for (const auto* row : cut(chosen, page)) out.rows.push_back(*row);
    co_return out;
}

// A CronJob row (protocol.md §8).
json scheduler::impl::row_of(const std::string& id) const {
    const auto& entry = jobs_.at(id);
    const auto& job = planner_.jobs().at(id);
    const auto& s = job.state;
    json state = json::object();
    if (const auto due = due_ms(job)) state["nextRunAtMs"] = *due;
    if (s.running) state["runningAtMs"] = s.running->started_ms;
    if (s.last_started_ms != 0) {
        state["lastRunAtMs"] = s.last_started_ms;
        state["lastDurationMs"] = s.last_duration_ms;
    }
    if (const auto* word = word_for(s.last_status)) state["lastRunStatus"] = state["lastStatus"] = word;
    if (!s.last_error.empty()) state["lastError"] = s.last_error;
    if (s.errors_in_row > 0) state["consecutiveErrors"] = s.errors_in_row;
    auto row = spec_json(entry.spec);
    row["id"] = id;
    row["enabled"] = s.enabled;
    row["createdAtMs"] = entry.created_ms;
    row["updatedAtMs"] = entry.updated_ms;
    row["state"] = std::move(state);
    return row;
}

// The `cron` event (protocol.md §9).
void scheduler::impl::tell(const std::string& id, std::string_view action, json more, bool with_job) {
    if (!d_.tell) return;
    more["jobId"] = id;
    more["action"] = action;
    if (with_job) more["job"] = row_of(id);
    const auto job = planner_.jobs().find(id);
    if (job != planner_.jobs().end() && !more.contains("nextRunAtMs")) {
        if (const auto due = due_ms(job->second)) more["nextRunAtMs"] = *due;
    }
    d_.tell(more);
}

}  // namespace openclaw::routing
