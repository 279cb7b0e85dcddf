// cron.* (protocol.md §8): jobs that run by the clock.

#include "ingress/client_turns.hpp"
#include "openclaw/core/encoding.hpp"

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

bool holds(std::initializer_list<std::string_view> texts, const std::string& wanted) {
    return wanted.empty() || std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
        return lower(std::string(text)).find(wanted) != std::string::npos;
    });
}

result<routing::row_page> page_of(const method_call& c) {
    auto limit = optional_int(c, "limit", 1, 200, 50);
    if (!limit) return limit.error();
    auto offset = optional_int(c, "offset", 0, INT32_MAX, 0);
    if (!offset) return offset.error();
    return routing::row_page{static_cast<std::size_t>(*offset), static_cast<std::size_t>(*limit)};
}

json page_json(const char* name, const routing::row_page& page, routing::scheduler::listing list) {
    const auto last = std::min(page.offset, list.total) + list.rows.size();
    const bool more = last < list.total;
    return json{{name, std::move(list.rows)}, {"total", list.total}, {"offset", page.offset},
                {"limit", page.limit}, {"hasMore", more}, {"nextOffset", more ? json(last) : json(nullptr)}};
}

struct job_filter {
    std::string enabled, kind, status, trigger, agent, query;

    bool takes(const routing::job_view& job, const std::string& default_agent) const {
        if ((enabled == "enabled" && !job.enabled) || (enabled == "disabled" && job.enabled)) return false;
        if (kind != "all" && job.schedule != kind) return false;
        if (status != "all" && (job.last.empty() ? "unknown" : job.last) != status) return false;
        if (trigger == "conditional") return false;
        if (!agent.empty() && (job.agent.empty() ? default_agent : job.agent) != agent) return false;
        return holds({job.id, job.name, job.description, job.agent}, query);
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

struct job_order {
    std::string by;
    bool down = false;

    // Jobs without a next run stand last, whichever the direction.
    bool operator()(const routing::job_view* a, const routing::job_view* b) const {
        if (by == "name") {
            const auto x = lower(a->name), y = lower(b->name);
            return down ? y < x : x < y;
        }
        if (by == "updatedAtMs") return down ? b->updated_ms < a->updated_ms : a->updated_ms < b->updated_ms;
        if (!a->next_ms || !b->next_ms) return a->next_ms && !b->next_ms;
        return down ? *b->next_ms < *a->next_ms : *a->next_ms < *b->next_ms;
    }
};

result<job_order> order_of(const method_call& c) {
    auto by = word_param(c, "sortBy", {"nextRunAtMs", "updatedAtMs", "name"});
    if (!by) return by.error();
    const auto direction = word_param(c, "sortDir", {"asc", "desc"});
    if (!direction) return direction.error();
    return job_order{std::move(*by), *direction == "desc"};
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

// What a job names has to be there: its runs would fail each time. A session that is named in part is
// the scheduler's to check.
result<void> check_names(const method_call& c, const json& job) {
    const auto& router = c.gateway.d.router;
    const auto agent = string_or(job, "agentId");
    if (!agent.empty() && router.agents()->find(agent) == nullptr) {
        return error(errc::invalid_input, "there is no agent \"" + printable(agent, 64) + "\"");
    }
    constexpr std::string_view named = "session:";
    const auto target = string_or(job, "sessionTarget");
    if (target.starts_with(named) && target.size() > named.size()) {
        const auto session = router.resolve(target.substr(named.size()), agent);
        if (!session) return error(errc::invalid_input, "sessionTarget: " + session.error().message);
        if (router.agents()->find(session->agent()) == nullptr) {
            return error(errc::invalid_input,
                         "sessionTarget: there is no agent \"" + printable(session->agent(), 64) + "\"");
        }
    }
    const auto* payload = find(job, "payload");
    const auto model = payload == nullptr ? "" : string_or(*payload, "model");
    if (model.empty()) return {};
    const auto known = router.agents()->model_named(model);
    if (known) return {};
    return error(errc::invalid_input, "payload.model: " + known.error().message, known.error().hint);
}

}  // namespace

task<result<json>> call_cron_status(method_call c) {
    const auto now = co_await c.gateway.d.cron.status();
    if (!now) co_return now.error();
    json next;
    if (now->next_ms) next = *now->next_ms;
    co_return json{{"enabled", true}, {"storePath", store_path(c)}, {"jobs", now->jobs},
                   {"nextWakeAtMs", std::move(next)}};
}

task<result<json>> call_cron_list(method_call c) {
    const auto filter = filter_of(c);
    if (!filter) co_return filter.error();
    const auto order = order_of(c);
    if (!order) co_return order.error();
    const auto page = page_of(c);
    if (!page) co_return page.error();
    // Of its own: it may be asked for when the caller is gone.
    routing::scheduler::job_choice choose = [filter = *filter, order = *order,
                                             agent = c.gateway.d.router.agents()->default_agent().id](
                                                std::vector<const routing::job_view*>& jobs) {
        std::erase_if(jobs, [&](const auto* job) { return !filter.takes(*job, agent); });
        std::stable_sort(jobs.begin(), jobs.end(), order);
    };
    auto list = co_await c.gateway.d.cron.list(std::move(choose), *page);
    if (!list) co_return list.error();
    // The command line checks the page that it gets.
    auto revision = list->revision;
    auto out = page_json("jobs", *page, std::move(*list));
    out["snapshotRevision"] = std::move(revision);
    co_return out;
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
    const auto page = page_of(c);
    if (!page) co_return page.error();
    routing::scheduler::run_choice choose = [job, run = *run, wanted, statuses = *statuses,
                                             up = *direction == "asc"](std::vector<const json*>& rows) {
        std::erase_if(rows, [&](const json* row) {
            const auto text = [&](const char* name) { return string_or(*row, name); };
            return (!job.empty() && text("jobId") != job) || (!run.empty() && text("runId") != run) ||
                   (!statuses.empty() && !statuses.contains(text("status"))) ||
                   !holds({text("summary"), text("error"), text("jobName"), text("jobId")}, wanted);
        });
        if (up) std::reverse(rows.begin(), rows.end());
    };
    auto rows = co_await c.gateway.d.cron.runs(std::move(choose), *page);
    if (!rows) co_return rows.error();
    if (rows->total == 0 && !job.empty()) {   // it has not run yet, or is none
        const auto known = co_await c.gateway.d.cron.get(job);
        if (!known) co_return about_job(c, known.error(), job);
    }
    co_return page_json("entries", *page, std::move(*rows));
}

task<result<json>> call_cron_add(method_call c) {
    if (auto agent = agent_param(c); !agent) co_return agent.error();
    if (auto key = optional_text(c, "idempotencyKey", max_idempotency); !key) co_return key.error();
    if (auto there = check_names(c, c.params); !there) co_return there.error();
    co_return co_await c.gateway.d.cron.add(c.params);
}

task<result<json>> call_cron_update(method_call c) {
    auto id = job_param(c);
    if (!id) co_return id.error();
    if (auto all = refuse_fields(c, {"expectedConfigRevision"}); !all) co_return all.error();
    const auto* patch = find(c.params, "patch");
    if (patch == nullptr || !patch->is_object()) co_return bad_params(c, "at /patch: must be object");
    if (const auto* other = find(*patch, "id"); other != nullptr && *other != *id) {
        co_return bad_params(c, "at /patch/id: the id of a job stays");
    }
    if (auto there = check_names(c, *patch); !there) co_return there.error();
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
