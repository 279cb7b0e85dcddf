#include "routing/job_spec.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/model/session_key.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace openclaw::routing {

namespace {

constexpr std::size_t max_name = 200, max_description = 2'000, max_text = 64 << 10;   // bytes
constexpr double longest_limit_s = 24 * 3'600;

error wrong(std::string what, std::string hint = {}) {
    return error(errc::invalid_input, std::move(what), std::move(hint));
}

bool is_unset(const json& value) {
    return value.is_null() || value == false || value == "" || (value.is_structured() && value.empty());
}

// Refuses members that nothing here reads.
result<void> check_members(const json& in, std::string_view of,
                           std::initializer_list<std::string_view> known) {
    if (!in.is_object()) return wrong(std::string(of) + " has to be an object");
    for (const auto& [key, value] : in.items()) {
        if (std::find(known.begin(), known.end(), key) != known.end() || is_unset(value)) continue;
        return wrong("`" + printable(key, 40) + "` of " + std::string(of) +
                         " is not in effect in this version",
                     "Leave it out.");
    }
    return {};
}

// Reads texts and switches of one object; the first that is wrong is kept.
class members {
public:
    members(const json& in, std::string_view of) : in_(in), of_(of) {}

    void text(const char* key, std::string& to, std::size_t limit) {
        const auto* value = find(in_, key);
        if (value == nullptr || value->is_null()) return;
        if (!value->is_string() || value->get_ref<const std::string&>().size() > limit) {
            return complain(key, "has to be a string of at most " + std::to_string(limit) + " bytes");
        }
        to = value->get<std::string>();
    }
    void needed(const char* key, std::string& to, std::size_t limit) {
        text(key, to, limit);
        if (to.find_first_not_of(" \t\r\n") == to.npos) complain(key, "has to say something");
    }
    void flag(const char* key, bool& to) {
        const auto* value = find(in_, key);
        if (value == nullptr || value->is_null()) return;
        if (!value->is_boolean()) return complain(key, "has to be true or false");
        to = value->get<bool>();
    }
    void complain(const char* key, const std::string& what) {
        if (!failure_) failure_ = wrong("\"" + std::string(key) + "\" of " + of_ + " " + what);
    }
    result<void> done() const {
        if (failure_) return *failure_;
        return {};
    }

private:
    const json& in_;
    std::string of_;
    std::optional<error> failure_;
};

result<void> read_payload(const json& in, job_spec& out) {
    const auto* payload = find(in, "payload");
    if (payload == nullptr || !payload->is_object()) {
        return wrong("a job needs a \"payload\"", "Write {kind: \"agentTurn\", message: \"…\"}.");
    }
    const auto kind = string_or(*payload, "kind");
    members read(*payload, "the payload");
    out.event = kind == "systemEvent";
    if (out.event) {
        if (auto good = check_members(*payload, "the payload", {"kind", "text"}); !good) return good;
        read.needed("text", out.text, max_text);
        return read.done();
    }
    if (kind != "agentTurn") {
        return wrong("a payload of kind \"" + printable(kind, 40) + "\" is not in effect in this version",
                     "There are agentTurn and systemEvent.");
    }
    auto good = check_members(*payload, "the payload", {"kind", "message", "model", "timeoutSeconds"});
    if (!good) return good;
    read.needed("message", out.text, max_text);
    read.text("model", out.model, max_name);
    const auto* limit = find(*payload, "timeoutSeconds");
    if (limit != nullptr && !limit->is_null()) {
        const double s = limit->is_number() ? limit->get<double>() : -1;
        if (s < 0 || s > longest_limit_s) {
            read.complain("timeoutSeconds", "has to be a number of seconds, a day at most");
        } else {
            out.time_limit_ms = std::llround(s * 1000);
        }
    }
    return read.done();
}

result<void> read_delivery(const json& in, job_spec& out) {
    const auto* delivery = find(in, "delivery");
    if (delivery == nullptr || delivery->is_null()) return {};
    // Whether it arrives never changes how the run went: that is what bestEffort asks for.
    auto good = check_members(*delivery, "the delivery",
                              {"mode", "channel", "to", "accountId", "threadId", "bestEffort"});
    if (!good) return good;
    const auto mode = string_or(*delivery, "mode");
    if (mode == "none") return {};
    if (mode != "announce") {
        return wrong("a delivery of mode \"" + printable(mode, 40) + "\" is not in effect in this version",
                     "There are none and announce.");
    }
    members read(*delivery, "the delivery");
    read.text("channel", out.announce.channel, 64);
    read.text("to", out.announce.to, max_name);
    read.text("accountId", out.announce.account, 64);
    const auto* thread = find(*delivery, "threadId");
    if (thread != nullptr && thread->is_number_integer()) out.announce.thread = dump(*thread);
    else read.text("threadId", out.announce.thread, max_name);
    if (auto done = read.done(); !done) return done;
    if (out.announce.channel.empty() || out.announce.channel == "last" || out.announce.to.empty()) {
        return wrong("an announcement to whoever was spoken to last is not in effect in this version",
                     "Name the \"channel\" and the recipient, \"to\"; or write {mode: \"none\"}.");
    }
    return {};
}

result<void> check_target(const job_spec& s) {
    constexpr std::string_view named = "session:";
    if (s.target == "main" || s.target == "isolated") {
        if (s.event && s.target != "main") {
            return wrong("a systemEvent goes to the main session", "Write sessionTarget: \"main\".");
        }
        if (s.target == "main" && s.wake == "next-heartbeat") {
            return wrong("`wakeMode` \"next-heartbeat\" is not in effect in this version: there are no "
                         "heartbeats",
                         "Write wakeMode: \"now\".");
        }
        return {};
    }
    if (!s.target.starts_with(named)) {
        return wrong("`sessionTarget` \"" + printable(s.target, 40) + "\" is not in effect in this version",
                     "There are main, isolated and session:<key>.");
    }
    if (s.event) return wrong("a systemEvent goes to the main session", "Write sessionTarget: \"main\".");
    const auto key = session_key::parse(s.target.substr(named.size()), s.agent.empty() ? "main" : s.agent);
    if (!key) return key.error();
    if (!s.agent.empty() && key->agent() != s.agent) {
        return wrong("the session belongs to agent \"" + key->agent() + "\", not to \"" + s.agent + "\"");
    }
    return key->check_choosable();
}

json payload_json(const job_spec& s) {
    if (s.event) return {{"kind", "systemEvent"}, {"text", s.text}};
    json out{{"kind", "agentTurn"}, {"message", s.text}};
    if (!s.model.empty()) out["model"] = s.model;
    if (s.time_limit_ms % 1000 != 0) out["timeoutSeconds"] = static_cast<double>(s.time_limit_ms) / 1000;
    else if (s.time_limit_ms > 0) out["timeoutSeconds"] = s.time_limit_ms / 1000;
    return out;
}

json delivery_json(const job_spec& s) {
    json out{{"mode", "announce"}, {"channel", s.announce.channel}, {"to", s.announce.to}};
    if (!s.announce.account.empty()) out["accountId"] = s.announce.account;
    if (!s.announce.thread.empty()) out["threadId"] = s.announce.thread;
    return out;
}

}  // namespace

result<job_spec> parse_job(const json& in, std::int64_t now_ms) {
    auto good = check_members(in, "a job", {"id", "name", "description", "agentId", "enabled",
                                            "deleteAfterRun", "schedule", "misfire", "sessionTarget",
                                            "wakeMode", "payload", "delivery"});
    if (!good) return good.error();
    job_spec out;
    members read(in, "the job");
    read.needed("name", out.name, max_name);
    read.text("description", out.description, max_description);
    read.text("agentId", out.agent, 64);
    read.flag("enabled", out.enabled);
    std::string misfire = "run";
    read.text("misfire", misfire, 16);
    if (misfire != "run" && misfire != "skip") read.complain("misfire", "has to be \"run\" or \"skip\"");
    out.misfire.when_late = misfire == "run" ? misfire_policy::late::catch_up : misfire_policy::late::skip;
    read.text("wakeMode", out.wake, 16);
    if (out.wake != "now" && out.wake != "next-heartbeat") read.complain("wakeMode", "has to be \"now\"");
    if (auto done = read.done(); !done) return done.error();
    if (!out.agent.empty() && !is_valid_id(out.agent)) return wrong("\"agentId\" is no name of an agent");

    const auto* when = find(in, "schedule");
    if (when == nullptr || !when->is_object()) {
        return wrong("a job needs a \"schedule\"", "Write {kind: \"cron\", expr: \"0 8 * * *\"}.");
    }
    auto due = parse_schedule(*when, now_ms);
    if (!due) return due.error();
    out.schedule = std::move(*due);
    // A reminder is of no use once it has been said.
    out.delete_after_run = std::holds_alternative<at_schedule>(out.schedule);
    read.flag("deleteAfterRun", out.delete_after_run);
    if (auto payload = read_payload(in, out); !payload) return payload.error();
    if (out.event) out.target = "main";
    read.text("sessionTarget", out.target, 520);
    if (auto done = read.done(); !done) return done.error();
    if (auto target = check_target(out); !target) return target.error();
    if (auto delivery = read_delivery(in, out); !delivery) return delivery.error();
    return out;
}

json spec_json(const job_spec& s) {
    json out{{"name", s.name},
             {"enabled", s.enabled},
             {"deleteAfterRun", s.delete_after_run},
             {"schedule", schedule_json(s.schedule)},
             {"sessionTarget", s.target},
             {"wakeMode", s.wake},
             {"payload", payload_json(s)}};
    if (!s.description.empty()) out["description"] = s.description;
    if (!s.agent.empty()) out["agentId"] = s.agent;
    if (s.misfire.when_late == misfire_policy::late::skip) out["misfire"] = "skip";
    if (!s.announce.channel.empty()) out["delivery"] = delivery_json(s);
    return out;
}

json patched_spec(json spec, const json& patch) {
    for (const auto& [key, value] : patch.items()) {
        auto& old = spec[key];
        const char* kind = key == "payload" ? "kind" : key == "delivery" ? "mode" : nullptr;
        const bool in_part = kind != nullptr && old.is_object() && value.is_object() &&
                             (!value.contains(kind) || value[kind] == old[kind]);
        if (in_part) old.merge_patch(value);
        else old = value;
        if (old.is_null()) spec.erase(key);
    }
    return spec;
}

json state_json(const job_state& s) {
    json out{{"enabled", s.enabled},
             {"settledMs", s.settled_ms},
             {"notBeforeMs", s.not_before_ms},
             {"errorsInRow", s.errors_in_row},
             {"lastStatus", static_cast<int>(s.last_status)},
             {"lastError", s.last_error},
             {"lastStartedMs", s.last_started_ms},
             {"lastDurationMs", s.last_duration_ms}};
    if (s.running) {
        out["running"] = {{"dueMs", s.running->due_ms},
                          {"firstDueMs", s.running->first_due_ms},
                          {"startedMs", s.running->started_ms},
                          {"byHand", s.running->by_hand},
                          {"attempt", s.running->attempt}};
    }
    return out;
}

job_state state_from(const json& in) {
    job_state s;
    const auto number = [](const json& of, const char* key) { return find_int(of, key).value_or(0); };
    s.enabled = find_bool(in, "enabled").value_or(true);
    s.settled_ms = number(in, "settledMs");
    s.not_before_ms = number(in, "notBeforeMs");
    const auto few = [&](const json& of, const char* key) {
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number(of, key), 0, 1 << 20));
    };
    s.errors_in_row = few(in, "errorsInRow");
    s.last_status = static_cast<run_status>(std::clamp<std::int64_t>(number(in, "lastStatus"), 0, 3));
    s.last_error = string_or(in, "lastError");
    s.last_started_ms = number(in, "lastStartedMs");
    s.last_duration_ms = number(in, "lastDurationMs");
    if (const auto* run = find(in, "running")) {
        s.running = running_job{number(*run, "dueMs"), number(*run, "firstDueMs"), number(*run, "startedMs"),
                                find_bool(*run, "byHand").value_or(false), few(*run, "attempt")};
    }
    return s;
}

std::string run_name(const std::string& job, const running_job& run) {
    auto name = (run.by_hand ? "manual:" : "cron:") + job + ":" + std::to_string(run.due_ms);
    if (run.by_hand) return name + ":1";
    return run.attempt == 0 ? name : name + ":" + std::to_string(run.attempt);
}

inbound_message message_of(const std::string& job, const job_spec& spec, const std::string& name,
                           const std::string& account) {
    inbound_message m;
    m.origin.channel = "cron";
    m.origin.peer = job;
    if (!spec.announce.channel.empty()) {
        m.origin = {spec.announce.channel, account, peer_kind::direct, spec.announce.to,
                    spec.announce.thread, {}};
        m.deliver = true;
    }
    m.text = spec.text;
    m.model = spec.model;
    m.time_limit_ms = spec.time_limit_ms;
    m.agent = spec.agent;
    m.run_id = m.idempotency_key = name;
    m.priority = priority::low;
    if (spec.target == "main") m.session = "main";
    else if (spec.target != "isolated") m.session = spec.target.substr(spec.target.find(':') + 1);
    else m.session = "cron:" + name.substr(name.find(':') + 1);
    return m;
}

}  // namespace openclaw::routing
