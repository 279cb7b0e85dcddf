#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/core/units.hpp"
#include "openclaw/routing/schedule.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <cctype>
#include <ostream>

namespace openclaw::cli {

namespace {

struct add_options {
    std::string name, message, event, cron, zone, every, at, agent, session, model, channel, to;
    bool disabled = false, keep = false, skip_late = false;
};

struct run_options {
    std::string id;
    int limit = 20;
    bool due = false;
};

std::string when(std::int64_t at_ms) {
    return at_ms <= 0 ? "-" : to_rfc3339(wall_time(milliseconds(at_ms)));
}

// As somebody would write it down.
std::string words_for(const json& schedule) {
    const auto kind = string_or(schedule, "kind");
    if (kind == "at") return "at " + string_or(schedule, "at");
    if (kind == "every") {
        return "every " + format_duration(milliseconds(find_int(schedule, "everyMs").value_or(0)));
    }
    const auto zone = string_or(schedule, "tz");
    return string_or(schedule, "expr") + (zone.empty() ? "" : " (" + zone + ")");
}

std::string status_of(const json& job) {
    const auto state = job.value("state", json::object());
    if (find(state, "runningAtMs") != nullptr) return "running";
    if (!find_bool(job, "enabled").value_or(true)) return "disabled";
    return string_or(state, "lastRunStatus", "waiting");
}

// Every page of a list.
result<json> all_pages(context& x, const std::string& method, json params, const char* name) {
    json rows = json::array();
    params["limit"] = 200;
    params["offset"] = 0;
    while (true) {
        auto page = call_gateway(x, method, params);
        if (!page) return page.error();
        for (auto& row : page->value(name, json::array())) rows.push_back(std::move(row));
        const auto next = find_int(*page, "nextOffset");
        if (!next) return rows;
        params["offset"] = *next;
    }
}

int list_jobs(context& x) {
    const auto jobs = all_pages(x, "cron.list", {{"includeDisabled", true}}, "jobs");
    if (!jobs) return report(x, jobs.error());
    if (x.flags.json) {
        print_json(x, {{"jobs", *jobs}});
        return done;
    }
    table t({"ID", "NAME", "SCHEDULE", "NEXT", "LAST", "STATUS"});
    const auto now = system_time().unix_ms();
    for (const auto& job : *jobs) {
        const auto state = job.value("state", json::object());
        t.add({string_or(job, "id"), string_or(job, "name"), words_for(job.value("schedule", json::object())),
               when(find_int(state, "nextRunAtMs").value_or(0)),
               age(find_int(state, "lastRunAtMs").value_or(0), now), status_of(job)});
    }
    if (t.empty()) x.io.out << "No jobs. Add one: openclaw cron add --help\n";
    else t.print(x.io.out, x.colour());
    return done;
}

result<json> schedule_of(const add_options& o) {
    const int given = (o.cron.empty() ? 0 : 1) + (o.every.empty() ? 0 : 1) + (o.at.empty() ? 0 : 1);
    if (given != 1) {
        return error(errc::invalid_input, "say when: one of --cron, --every and --at",
                     "As in --cron \"0 8 * * MON-FRI\" --tz Europe/Berlin, --every 30m or --at 20m.");
    }
    if (!o.zone.empty() && o.cron.empty()) return error(errc::invalid_input, "--tz goes with --cron");
    if (!o.cron.empty()) {
        json out{{"kind", "cron"}, {"expr", o.cron}};
        if (!o.zone.empty()) out["tz"] = o.zone;
        return out;
    }
    if (!o.every.empty()) {
        const auto period = parse_duration(o.every);
        if (!period) return period.error();
        if (period->count() < routing::shortest_period_ms) {
            return error(errc::invalid_input, "--every " + o.every + " is too short",
                         "A job runs every second at most.");
        }
        return json{{"kind", "every"}, {"everyMs", period->count()}};
    }
    // A time, or how long from now: in whole seconds, the last one begun counts.
    const auto later = parse_duration(o.at);
    if (later && std::ranges::all_of(o.at, [](unsigned char c) { return std::isdigit(c) != 0; })) {
        return error(errc::invalid_input, "--at " + o.at + " has no unit", "Write 20s, 20m or 20h.");
    }
    const auto now = system_time().wall();
    return json{{"kind", "at"}, {"at", later ? to_rfc3339(now + *later + std::chrono::seconds(1)) : o.at}};
}

int add_job(context& x, const add_options& o) {
    auto schedule = schedule_of(o);
    if (!schedule) return report(x, schedule.error());
    if (o.message.empty() == o.event.empty()) {
        return report(x, error(errc::invalid_input, "say what: one of --message and --event",
                               "--message starts a turn of an agent, --event tells the main session."));
    }
    system_random random;
    json job{{"name", o.name}, {"schedule", std::move(*schedule)}, {"wakeMode", "now"},
             {"enabled", !o.disabled}, {"idempotencyKey", make_uuid(random)}};
    if (o.event.empty()) job["payload"] = {{"kind", "agentTurn"}, {"message", o.message}};
    else job["payload"] = {{"kind", "systemEvent"}, {"text", o.event}};
    if (!o.model.empty()) job["payload"]["model"] = o.model;
    job["sessionTarget"] = !o.session.empty() ? o.session : o.event.empty() ? "isolated" : "main";
    if (!o.agent.empty()) job["agentId"] = o.agent;
    if (o.keep && o.at.empty()) {
        return report(x, error(errc::invalid_input, "--keep goes with --at: other jobs stay anyway"));
    }
    if (o.keep) job["deleteAfterRun"] = false;
    if (o.skip_late) job["misfire"] = "skip";
    if (!o.channel.empty() || !o.to.empty()) {
        job["delivery"] = {{"mode", "announce"}, {"channel", o.channel}, {"to", o.to}};
    }
    const auto made = call_gateway(x, "cron.add", job);
    if (!made) return report(x, made.error());
    if (x.flags.json) {
        print_json(x, *made);
        return done;
    }
    const auto next = find_int(made->value("state", json::object()), "nextRunAtMs").value_or(0);
    x.io.out << "Added " << one_line(string_or(*made, "id"))
             << (next > 0 ? ", next at " + when(next) : std::string(", disabled")) << ".\n";
    return done;
}

int run_job(context& x, const run_options& o) {
    const auto run = call_gateway(x, "cron.run", {{"id", o.id}, {"mode", o.due ? "due" : "force"}});
    if (!run) return report(x, run.error());
    const auto id = string_or(*run, "runId");
    if (x.flags.json) print_json(x, *run);
    else if (!id.empty()) x.io.out << "Begun: run " << one_line(id) << '\n';
    else x.io.out << "Not begun: " << one_line(string_or(*run, "reason")) << '\n';
    return id.empty() ? failed : done;
}

int enable_job(context& x, const run_options& o, bool on) {
    const auto job = call_gateway(x, "cron.update", {{"id", o.id}, {"patch", {{"enabled", on}}}});
    if (!job) return report(x, job.error());
    if (x.flags.json) print_json(x, *job);
    else x.io.out << (on ? "Enabled.\n" : "Disabled.\n");
    return done;
}

int remove_job(context& x, const run_options& o) {
    const auto gone = call_gateway(x, "cron.remove", {{"id", o.id}});
    if (!gone) return report(x, gone.error());
    if (x.flags.json) print_json(x, *gone);
    else x.io.out << "Removed.\n";
    return done;
}

int list_runs(context& x, const run_options& o) {
    json params{{"scope", o.id.empty() ? "all" : "job"}, {"limit", o.limit}};
    if (!o.id.empty()) params["id"] = o.id;
    const auto page = call_gateway(x, "cron.runs", params);
    if (!page) return report(x, page.error());
    if (x.flags.json) {
        print_json(x, *page);
        return done;
    }
    table t({"TIME", "JOB", "STATUS", "TOOK", "RESULT"});
    for (const auto& run : page->value("entries", json::array())) {
        const auto took = find_int(run, "durationMs");
        t.add({when(find_int(run, "runAtMs").value_or(0)), string_or(run, "jobName", string_or(run, "jobId")),
               string_or(run, "status"), took ? format_duration(milliseconds(*took)) : "-",
               std::string(utf8_prefix(string_or(run, "error", string_or(run, "summary")), 80))});
    }
    if (t.empty()) x.io.out << "No runs.\n";
    else t.print(x.io.out, x.colour());
    return done;
}

void add_adding(command_tree& tree, CLI::App& group) {
    const auto o = std::make_shared<add_options>();
    auto& add = tree.add(group, "add", "Adds a job.",
                         "openclaw cron add --name news --cron \"0 8 * * *\" --message \"What is new?\"",
                         [o](context& x) { return add_job(x, *o); });
    add.add_option("--name", o->name, "what it is called")->type_name("TEXT")->required();
    add.add_option("-m,--message", o->message, "what the agent is told")->type_name("TEXT");
    add.add_option("--event", o->event, "what the main session is told, instead")->type_name("TEXT");
    add.add_option("--cron", o->cron, "when: minute hour day month weekday")->type_name("EXPR");
    add.add_option("--tz", o->zone, "the time zone of --cron (the machine's)")->type_name("ZONE");
    add.add_option("--every", o->every, "or how often: 30m, 6h")->type_name("TIME");
    add.add_option("--at", o->at, "or once: 2026-02-05T08:00:00Z, or 20m from now")->type_name("TIME");
    add.add_option("--agent", o->agent, "which agent (the default one)")->type_name("ID");
    add.add_option("--session", o->session, "isolated, main or session:KEY (isolated)")->type_name("TARGET");
    add.add_option("--model", o->model, "the model, provider/model (the agent's)")->type_name("MODEL");
    add.add_option("--channel", o->channel, "sends the answer through this channel")->type_name("NAME");
    add.add_option("--to", o->to, "and to whom")->type_name("TARGET");
    add.add_flag("--disabled", o->disabled, "does not run until it is enabled");
    add.add_flag("--keep", o->keep, "with --at: stays when it is done");
    add.add_flag("--skip-late", o->skip_late, "what was missed does not run later");
}

}  // namespace

void add_cron_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "cron", "Jobs that run by the clock.", "openclaw cron list");
    tree.add(group, "list", "All jobs.", "openclaw cron list", [](context& x) { return list_jobs(x); });
    add_adding(tree, group);
    const auto o = std::make_shared<run_options>();
    auto& run = tree.add(group, "run", "Runs a job now.", "openclaw cron run ID",
                         [o](context& x) { return run_job(x, *o); });
    auto& remove = tree.add(group, "remove", "Removes a job and its history.", "openclaw cron remove ID",
                            [o](context& x) { return remove_job(x, *o); });
    auto& enable = tree.add(group, "enable", "Has a job run again.", "openclaw cron enable ID",
                            [o](context& x) { return enable_job(x, *o, true); });
    auto& disable = tree.add(group, "disable", "Keeps a job from running.", "openclaw cron disable ID",
                             [o](context& x) { return enable_job(x, *o, false); });
    for (auto* command : {&run, &remove, &enable, &disable}) {
        command->add_option("ID", o->id, "the job, as `cron list` shows it")->required();
    }
    run.add_flag("--due", o->due, "only if it is due");
    auto& runs = tree.add(group, "runs", "The last runs, the newest first.", "openclaw cron runs",
                          [o](context& x) { return list_runs(x, *o); });
    runs.add_option("ID", o->id, "of this job alone");
    runs.add_option("--limit", o->limit, "how many (20)")->type_name("N")->check(CLI::Range(1, 200));
}

}  // namespace openclaw::cli
