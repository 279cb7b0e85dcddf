#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/model/inbound.hpp"
#include "routing/job_planner.hpp"

#include <string>

namespace openclaw::routing {

// What a job does and when, as its maker wrote it (protocol.md §8).
struct job_spec {
    std::string name, description;
    std::string agent;                 // empty: the default one
    bool enabled = true;               // as wanted when it was made; job_state says how it is
    bool delete_after_run = false;
    routing::schedule schedule;
    misfire_policy misfire;
    std::string target = "isolated";   // "main", "isolated" or "session:<key>"
    std::string wake = "now";
    bool event = false;                // a systemEvent; else an agentTurn
    std::string text, model;
    std::int64_t time_limit_ms = 0;    // 0: none but the agent's own
    // Where the answer goes; without a channel nowhere.
    struct { std::string channel, account, to, thread; } announce;
};

// Reads the params of cron.add, an element of cron.jobs, or what spec_json() made. What this version does
// not do is refused by name. Errors: invalid_input.
result<job_spec> parse_job(const json& in, std::int64_t now_ms);
json spec_json(const job_spec& s);
// `spec` as cron.update changes it: what is null goes, a payload and a delivery of the same kind are changed
// in part, all else is replaced.
json patched_spec(json spec, const json& patch);

json state_json(const job_state& s);
job_state state_from(const json& in);

// The name of a run, the same in every process: of the occurrence, and of the attempt if it is tried again.
std::string run_name(const std::string& job, const running_job& run);
// The message that begins the run `name` of a job. `account` is the one that sends, if the job announces.
inbound_message message_of(const std::string& job, const job_spec& spec, const std::string& name,
                           const std::string& account);

}  // namespace openclaw::routing
