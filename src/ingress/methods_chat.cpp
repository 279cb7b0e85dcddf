// chat.send, chat.abort, agent, agent.wait (protocol.md §5, §6, §8).

#include "ingress/client_turns.hpp"
#include "ingress/errors.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr milliseconds agent_wait_default{30'000};
constexpr milliseconds agent_patience{600'000};   // for the end of `agent` without a timeout
constexpr milliseconds agent_wait_max{3'600'000};

std::string_view status_text(store::run_state s) {
    switch (s) {
    case store::run_state::done: return "ok";
    case store::run_state::failed:
    case store::run_state::dead:
    case store::run_state::aborted: return "error";
    default: return "timeout";
    }
}

// `value` is what this version does anyway.
result<void> accept_only(const method_call& c, const char* name, std::string_view value) {
    auto asked = optional_text(c, name, 64);
    if (!asked) return asked.error();
    if (asked->empty() || *asked == value) return {};
    return bad_params(c, std::string("at /") + name + ": \"" + printable(*asked, 64) +
                             "\" is not in effect in this version; leave it out, or send \"" +
                             std::string(value) + "\"");
}

result<std::optional<queue_mode>> queue_mode_param(const method_call& c) {
    auto asked = optional_text(c, "queueMode", 64);
    if (!asked) return asked.error();
    if (asked->empty()) return std::optional<queue_mode>();
    const auto mode = queue_mode_from(*asked);
    if (mode) return mode;
    return bad_params(c, "at /queueMode: must be \"followup\", \"collect\", \"steer\" or \"interrupt\"");
}

result<void> check_fast_mode(const method_call& c) {
    const auto* asked = find(c.params, "fastMode");
    if (asked == nullptr || asked->is_null() || *asked == false) return {};
    return bad_params(c, "at /fastMode: is not in effect in this version; leave it out, or send false");
}

// The words of the call itself.
result<client_words> words_of(const method_call& c, std::string session, std::string agent) {
    if (auto all = refuse_fields(c, {"attachments", "to", "channel"}); !all) {
        return all.error();
    }
    auto text = required_text(c, "message", max_message);
    if (!text) return text.error();
    auto key = required_text(c, "idempotencyKey", max_idempotency);
    if (!key) return key.error();
    return client_words{std::move(session), std::move(agent), std::move(*text), std::move(*key), {}};
}

json outcome_of(const store::run_row& run) {
    auto parsed = parse_json(run.outcome);
    return parsed ? std::move(*parsed) : json::object();
}

json wait_result(const std::string& run_id, const routing::run_report& r) {
    json out{{"runId", run_id}, {"status", r.ended ? status_text(r.row.state) : "timeout"}};
    if (!r.known) return out;
    if (r.row.started_ms != 0) out["startedAt"] = r.row.started_ms;
    if (!r.ended) return out;
    if (r.row.ended_ms != 0) out["endedAt"] = r.row.ended_ms;
    const auto outcome = outcome_of(r.row);
    if (const auto text = find_string(outcome, "text")) {
        out["terminalReply"] = {{"disposition", "reply"}, {"text", *text}};
    }
    if (const auto stop = find_string(outcome, "stopReason")) out["stopReason"] = *stop;
    if (const auto* failure = find(outcome, "error")) out["error"] = string_or(*failure, "message");
    if (r.row.state == store::run_state::aborted) out["error"] = "aborted";
    return out;
}

bool takes_commands(const json& params) {
    return !find_bool(params, "suppressCommandInterpretation").value_or(false);
}

// `model`, or `provider` and `model`: in full, once it is known that it can be used.
result<std::string> model_param(const method_call& c) {
    auto name = optional_text(c, "model", 256);
    if (!name || name->empty()) return name;
    auto provider = optional_text(c, "provider", 64);
    if (!provider) return provider.error();
    if (!provider->empty()) *name = *provider + "/" + *name;
    const auto model = c.gateway.d.router.agents()->model_named(*name);
    if (!model) return not_a_model(model.error());
    return model->ref.str();
}

}  // namespace

result<turn_wishes> turn_wishes_of(const method_call& c) {
    constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;  // of JavaScript's integers
    if (auto none = refuse_fields(c, {"deliver"}); !none) return none.error();
    if (auto off = accept_only(c, "thinking", "off"); !off) return off.error();
    if (auto slow = check_fast_mode(c); !slow) return slow.error();
    auto limit = optional_int(c, "timeoutMs", 0, largest, 0);
    if (!limit) return limit.error();
    auto id = session_id_param(c, "sessionId");
    if (!id) return id.error();
    if (*id == 0) id = session_id_param(c, "expectedExistingSessionId");
    if (!id) return id.error();
    auto model = model_param(c);
    if (!model) return model.error();
    auto mode = queue_mode_param(c);
    if (!mode) return mode.error();
    return turn_wishes{*limit, std::move(*model), *id, *mode};
}

error not_a_model(const error& why) {
    return error(errc::invalid_input, why.message, why.hint);
}

std::optional<routing::spoken_command> command_in(const json& params, std::string_view text) {
    if (!takes_commands(params)) return std::nullopt;
    return routing::parse_command(text);
}

inbound_message message_of(const method_call& c, client_words words) {
    inbound_message m;
    m.origin.channel = "ws";
    m.origin.peer = m.origin.sender = c.who.subject();
    m.who = c.who;
    m.text = std::move(words.text);
    // A key is its caller's own, and what it began answers for the same method alone (protocol.md §5).
    m.idempotency_key = (c.method == "agent" ? "agent:" : "chat:") + c.who.subject() + ":" + words.key;
    m.run_id = std::move(words.key);
    m.session = std::move(words.session);
    m.agent = std::move(words.agent);
    m.commands = takes_commands(c.params);
    m.time_limit_ms = words.wishes.time_limit_ms;
    m.model = std::move(words.wishes.model);
    m.session_id = words.wishes.session_id;
    m.queue = words.wishes.queue;
    m.received_ms = c.gateway.d.time.unix_ms();
    return m;
}

scope scope_of_words(const json& params) {
    for (const char* name : {"message", "task"}) {
        const auto text = string_or(params, name);
        const auto command = command_in(params, text);
        if (command && command->command->what == routing::command_kind::begin_anew) return scope::admin;
    }
    return scope::write;
}

task<result<json>> call_back(const method_call& c, const session_key& session, const std::string& run,
                             std::string reason) {
    auto runs = co_await c.gateway.d.router.call_back(session.str(), run, std::move(reason));
    if (!runs) co_return runs.error();
    if (!runs->empty()) c.gateway.d.hub->session_changed(session, "abort", nullptr);
    co_return json{{"ok", true}, {"aborted", !runs->empty()}, {"runIds", *runs}};
}

task<result<json>> start_turn(const method_call& c, client_words words) {
    auto& router = c.gateway.d.router;
    const auto command = command_in(c.params, words.text);
    if (command && command->command->what == routing::command_kind::stop) {
        auto key = router.resolve(words.session, words.agent);
        if (!key) co_return key.error();
        co_return co_await call_back(c, *key, "", "stop");
    }
    auto message = message_of(c, std::move(words));
    auto taken = co_await router.submit(std::move(message), nullptr);
    if (!taken) co_return taken.error();
    using progress = routing::admission::progress;
    if (taken->status == progress::ended) {
        co_return json{{"runId", taken->run_id}, {"status", status_text(taken->run.state)}};
    }
    co_return json{{"runId", taken->run_id},
                   {"status", taken->status == progress::started ? "started" : "in_flight"}};
}

task<result<json>> call_chat_send(method_call c) {
    auto session = required_text(c, "sessionKey", max_key);
    if (!session) co_return session.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) co_return agent.error();
    auto words = words_of(c, *session, *agent);
    if (!words) co_return words.error();
    auto wishes = turn_wishes_of(c);
    if (!wishes) co_return wishes.error();
    words->wishes = *wishes;
    co_return co_await start_turn(c, std::move(*words));
}

task<result<json>> call_chat_abort(method_call c) {
    auto key = session_param(c, "sessionKey");
    if (!key) co_return key.error();
    auto run = optional_text(c, "runId", max_idempotency);
    if (!run) co_return run.error();
    co_return co_await call_back(c, *key, *run, "rpc");
}

// The second answer of `agent` (protocol.md §6.7).
task<result<json>> end_of_agent(const method_call& c, const routing::admission& taken,
                                const routing::run_report& report) {
    json out{{"runId", taken.run_id}, {"status", "timeout"}, {"summary", "timeout"}};
    if (!report.ended) co_return out;
    const auto outcome = outcome_of(report.row);
    if (report.row.state == store::run_state::failed || report.row.state == store::run_state::dead) {
        const auto failure = outcome.value("error", json::object());
        const auto why = string_or(failure, "code");
        if (why == name_of(errc::timed_out)) co_return out;
        c.refusal["retryable"] = may_pass(why);
        co_return error(errc::unavailable, string_or(failure, "message", "the turn failed"));
    }
    out["status"] = status_text(report.row.state);
    out["summary"] = report.row.state == store::run_state::done ? "completed" : "aborted";
    const auto session = co_await c.gateway.d.store.find_session(taken.session);
    json meta{{"durationMs", report.row.ended_ms - report.row.started_ms},
              {"agentMeta", {{"provider", string_or(outcome, "provider")},
                             {"model", string_or(outcome, "model")},
                             {"usage", outcome.value("usage", json::object())}}}};
    if (session && *session) meta["agentMeta"]["sessionId"] = std::to_string((*session)->id);
    out["result"] = {
        {"payloads", json::array({{{"text", string_or(outcome, "text")}, {"mediaUrl", nullptr}}})},
        {"meta", std::move(meta)}};
    co_return out;
}

// What a client must not believe to have been heeded.
constexpr std::initializer_list<const char*> fields_of_agent_not_in_effect{
    "lane", "label", "cwd", "suppressPromptPersistence", "disableMessageTool", "sessionEffects"};

task<result<json>> call_agent(method_call c) {
    auto session = optional_text(c, "sessionKey", max_key);
    if (!session) co_return session.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) co_return agent.error();
    auto seconds = optional_int(c, "timeout", 0, 86'400, 0);
    if (!seconds) co_return seconds.error();
    if (auto all = refuse_fields(c, fields_of_agent_not_in_effect); !all) co_return all.error();
    auto wishes = turn_wishes_of(c);
    if (!wishes) co_return wishes.error();
    auto words = words_of(c, session->empty() ? "main" : *session, *agent);
    if (!words) co_return words.error();
    auto system = optional_text(c, "extraSystemPrompt", max_message);
    if (!system) co_return system.error();
    if (*seconds > 0) wishes->time_limit_ms = *seconds * 1000;
    words->wishes = *wishes;
    auto message = message_of(c, std::move(*words));
    message.extra_system = std::move(*system);

    auto& router = c.gateway.d.router;
    auto taken = co_await router.submit(std::move(message), nullptr);
    if (!taken) co_return taken.error();
    using progress = routing::admission::progress;
    if (taken->status != progress::ended) {
        c.accepted({{"runId", taken->run_id},
                    {"sessionKey", taken->session},
                    {"agentId", taken->agent},
                    {"status", taken->status == progress::started ? "accepted" : "in_flight"},
                    {"acceptedAt", c.gateway.d.time.unix_ms()}});
    }
    const auto patience = *seconds > 0 ? milliseconds(*seconds * 1000) : agent_patience;
    const auto report = co_await router.wait(taken->run_id, patience);
    co_return co_await end_of_agent(c, *taken, report);
}

task<result<json>> call_agent_wait(method_call c) {
    auto run = required_text(c, "runId", max_idempotency);
    if (!run) co_return run.error();
    auto limit = optional_int(c, "timeoutMs", 0, agent_wait_max.count(),
                              agent_wait_default.count());
    if (!limit) co_return limit.error();
    const auto report = co_await c.gateway.d.router.wait(*run, milliseconds(*limit));
    co_return wait_result(*run, report);
}

}  // namespace openclaw::ingress
