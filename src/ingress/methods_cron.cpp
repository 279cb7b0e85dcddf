// cron.* (protocol.md §8): jobs that run by the clock.

#include "ingress/client_turns.hpp"

#include <algorithm>
#include <set>

namespace openclaw::ingress {

namespace {

using run_when = routing::scheduler::run_when;

constexpr std::size_t max_id = 128;

// `id`, or `jobId` as other clients have it. What is refused for it names it.
result<std::string> job_param(const method_call& c) {
    auto id = required_text(c, find(c.params, "jobId") != nullptr ? "jobId" : "id", max_id);
    if (!id) return id.error();
    return id;
}

// The protocol's word for a job that is not there.
error about_job(const method_call& c, const error& e, const std::string& id) {
    if (e.code == errc::not_found) c.refusal["details"] = {{"code", "CRON_JOB_NOT_FOUND"}, {"jobId", id}};
    return e;
}

result<std::string> word_param(const method_call& c, const char* name,
                               std::initializer_list<std::string_view> words) {
    auto word = optional_text(c, name, 32);
    if (!word) return word.error();
    if (word->empty()) return std::string(*words.begin());
    if (std::find(words.begin(), words.end(), *word) != words.end()) return word;
    std::string known;
    for (const auto w : words) known += (known.empty() ? "" : ", ") + std::string(w);
    return bad_params(c, std::string("at /") + name + ": must be one of " + known);
}

std::string lower(std::string text) {
    for (auto& ch : text) {
        if (ch >= 'A' && ch <= 'Z') ch = static_cast<char>(ch - 'A' + 'a');
    }
    return text;
}

bool holds(const json& row, std::initializer_list<const char*> names, const std::string& wanted) {
    return wanted.empty() || std::any_of(names.begin(), names.end(), [&](const char* name) {
        return lower(string_or(row, name)).find(wanted) != std::string::npos;
    });
}

// Cuts the page that is asked for out of all that there is.
result<json> page_of(const method_call& c, const char* name, std::vector<json> all) {
    auto limit = optional_int(c, "limit", 1, 200, 50);
    if (!limit) return limit.error();
    auto offset = optional_int(c, "offset", 0, INT32_MAX, 0);
    if (!offset) return offset.error();
    const auto total = static_cast<std::int64_t>(all.size());
    const auto first = std::min(*offset, total);
    const auto last = std::min(first + *limit, total);
    json rows = json::array();
    for (auto i = first; i < last; ++i) rows.push_back(std::move(all[static_cast<std::size_t>(i)]));
    const bool more = last < total;
    return json{{name, std::move(rows)}, {"total", total}, {"offset", *offset}, {"limit", *limit},
                {"hasMore", more}, {"nextOffset", more ? json(last) : json(nullptr)}};
}

struct job_filter {
    std::string enabled, kind, status, trigger, agent, query;

    bool takes(const json& job, const std::string& default_agent) const {
        const bool on = job["enabled"] == true;
        if ((enabled == "enabled" && !on) || (enabled == "disabled" && on)) return false;
        if (kind != "all" && job["schedule"]["kind"] != kind) return false;
        if (status != "all" && string_or(job["state"], "lastRunStatus", "unknown") != status) return false;
        if (trigger == "conditional") return false;
        if (!agent.empty() && string_or(job, "agentId", default_agent) != agent) return false;
        return holds(job, {"id", "name", "description", "agentId"}, query);
    }
};

result<job_filter> filter_of(const method_call& c) {
    const auto disabled_too = optional_bool(c, "includeDisabled", false);
    if (!disabled_too) return disabled_too.error();
    const auto* usual = *disabled_too ? "all" : "enabled";
    auto enabled = word_param(c, "enabled", {usual, "all", "enabled", "disabled"});
    if (!enabled) return enabled.error();
    auto kind = word_param(c, "scheduleKind", {"all", "at", "every", "cron", "on-exit", "stream"});
    if (!kind) return kind.error();
    auto status = word_param(c, "lastRunStatus", {"all", "ok", "error", "skipped", "unknown"});
    if (!status) return status.error();
    auto trigger = word_param(c, "trigger", {"all", "conditional", "unconditional"});
    if (!trigger) return trigger.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) return agent.error();
    auto query = optional_text(c, "query", 512);
    if (!query) return query.error();
    return job_filter{std::move(*enabled), std::move(*kind), std::move(*status), std::move(*trigger),
                      std::move(*agent), lower(std::move(*query))};
}

// Jobs without a next run stand last, whichever the direction.
result<void> sort_jobs(const method_call& c, std::vector<json>& jobs) {
    const auto by = word_param(c, "sortBy", {"nextRunAtMs", "updatedAtMs", "name"});
    if (!by) return by.error();
    const auto direction = word_param(c, "sortDir", {"asc", "desc"});
    if (!direction) return direction.error();
    const bool down = *direction == "desc";
    const auto number = [&](const json& job) {
        return *by == "updatedAtMs" ? find_int(job, "updatedAtMs") : find_int(job["state"], "nextRunAtMs");
    };
    std::stable_sort(jobs.begin(), jobs.end(), [&](const json& a, const json& b) {
        if (*by == "name") {
            const auto x = lower(string_or(a, "name")), y = lower(string_or(b, "name"));
            return down ? y < x : x < y;
        }
        const auto x = number(a), y = number(b);
        if (!x || !y) return x.has_value() && !y;
        return down ? *y < *x : *x < *y;
    });
    return {};
}

result<std::set<std::string>> statuses_of(const method_call& c) {
    std::set<std::string> out;
    const auto one = word_param(c, "status", {"all", "ok", "error", "skipped"});
    if (!one) return one.error();
    if (*one != "all") out.insert(*one);
    const auto* list = find(c.params, "statuses");
    if (list == nullptr || list->is_null()) return out;
    for (const auto& word : *list) {
        if (word != "ok" && word != "error" && word != "skipped") {
            return bad_params(c, "at /statuses: must be a list of ok, error, skipped");
        }
        out.insert(word.get<std::string>());
    }
    return out;
}

}  // namespace

task<result<json>> call_cron_status(method_call c) {
    auto list = co_await c.gateway.d.cron.list();
    if (!list) co_return list.error();
    json next;
    if (list->next_ms) next = *list->next_ms;
    co_return json{{"enabled", true}, {"storePath", store_path(c)}, {"jobs", list->jobs.size()},
                   {"nextWakeAtMs", std::move(next)}};
}

task<result<json>> call_cron_list(method_call c) {
    const auto filter = filter_of(c);
    if (!filter) co_return filter.error();
    auto list = co_await c.gateway.d.cron.list();
    if (!list) co_return list.error();
    const auto agent = c.gateway.d.router.agents()->default_agent().id;
    std::erase_if(list->jobs, [&](const json& job) { return !filter->takes(job, agent); });
    if (auto sorted = sort_jobs(c, list->jobs); !sorted) co_return sorted.error();
    auto page = page_of(c, "jobs", std::move(list->jobs));
    // The command line checks the page that it gets.
    if (page) (*page)["snapshotRevision"] = list->revision;
    co_return page;
}

task<result<json>> call_cron_get(method_call c) {
    auto id = job_param(c);
    if (!id) co_return id.error();
    auto job = co_await c.gateway.d.cron.get(*id);
    if (!job) co_return about_job(c, job.error(), *id);
    co_return job;
}

task<result<json>> call_cron_runs(method_call c) {
    if (auto all = refuse_fields(c, {"agentId", "deliveryStatus", "deliveryStatuses"}); !all) {
        co_return all.error();
    }
    const bool names_one = find(c.params, "id") != nullptr || find(c.params, "jobId") != nullptr;
    const auto scope_word = word_param(c, "scope", {names_one ? "job" : "all", "job", "all"});
    if (!scope_word) co_return scope_word.error();
    std::string job;
    if (*scope_word == "job") {
        auto id = job_param(c);
        if (!id) co_return id.error();
        job = std::move(*id);
    }
    const auto run = optional_text(c, "runId", 512);
    if (!run) co_return run.error();
    auto query = optional_text(c, "query", 512);
    if (!query) co_return query.error();
    const auto wanted = lower(std::move(*query));
    const auto statuses = statuses_of(c);
    if (!statuses) co_return statuses.error();
    const auto direction = word_param(c, "sortDir", {"desc", "asc"});
    if (!direction) co_return direction.error();
    auto rows = co_await c.gateway.d.cron.runs();
    if (!rows) co_return rows.error();
    std::erase_if(*rows, [&](const json& row) {
        return (!job.empty() && row["jobId"] != job) || (!run->empty() && string_or(row, "runId") != *run) ||
               (!statuses->empty() && !statuses->contains(string_or(row, "status"))) ||
               !holds(row, {"summary", "error", "jobName", "jobId"}, wanted);
    });
    if (*direction == "asc") std::reverse(rows->begin(), rows->end());
    co_return page_of(c, "entries", std::move(*rows));
}

task<result<json>> call_cron_add(method_call c) {
    if (auto agent = agent_param(c); !agent) co_return agent.error();
    if (auto key = optional_text(c, "idempotencyKey", max_idempotency); !key) co_return key.error();
    co_return co_await c.gateway.d.cron.add(c.params);
}

task<result<json>> call_cron_update(method_call c) {
    auto id = job_param(c);
    if (!id) co_return id.error();
    if (auto all = refuse_fields(c, {"expectedConfigRevision"}); !all) co_return all.error();
    const auto* patch = find(c.params, "patch");
    if (patch == nullptr || !patch->is_object()) co_return bad_params(c, "at /patch: must be object");
    if (const auto agent = string_or(*patch, "agentId"); !agent.empty()) {
        if (c.gateway.d.router.agents()->find(agent) == nullptr) {
            co_return error(errc::invalid_input, "there is no agent \"" + agent + "\"");
        }
    }
    auto job = co_await c.gateway.d.cron.update(*id, *patch);
    if (!job) co_return about_job(c, job.error(), *id);
    co_return job;
}

task<result<json>> call_cron_remove(method_call c) {
    auto id = job_param(c);
    if (!id) co_return id.error();
    const auto done = co_await c.gateway.d.cron.remove(*id);
    if (!done) co_return about_job(c, done.error(), *id);
    co_return json{{"ok", true}, {"removed", true}};
}

task<result<json>> call_cron_run(method_call c) {
    auto id = job_param(c);
    if (!id) co_return id.error();
    if (auto all = refuse_fields(c, {"expectedProcessInstanceId"}); !all) co_return all.error();
    const auto mode = word_param(c, "mode", {"force", "due", "if-enabled"});
    if (!mode) co_return mode.error();
    const auto when = *mode == "due"          ? run_when::if_due
                      : *mode == "if-enabled" ? run_when::if_enabled
                                              : run_when::always;
    const auto run = co_await c.gateway.d.cron.run(*id, when);
    if (!run) co_return about_job(c, run.error(), *id);
    if (run->run_id.empty()) co_return json{{"ok", true}, {"ran", false}, {"reason", run->reason}};
    co_return json{{"ok", true}, {"enqueued", true}, {"runId", run->run_id}};
}

}  // namespace openclaw::ingress
