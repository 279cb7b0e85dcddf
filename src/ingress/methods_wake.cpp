// wake, system-event and set-heartbeats: what other programs tell the gateway of.

#include "ingress/client_turns.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_text = 4096;   // bytes of a presence row's text
constexpr std::size_t max_name = 256;    // bytes of its other texts

// The PresenceEntry (protocol.md §8) that the call tells of.
result<json> told_presence(const method_call& c) {
    auto text = required_text(c, "text", max_text);
    if (!text) return text.error();
    json row{{"text", std::move(*text)}, {"ts", c.gateway.d.time.unix_ms()}};
    for (const char* name : {"host", "ip", "mode", "version", "platform", "deviceFamily", "deviceId",
                             "instanceId", "reason"}) {
        auto said = optional_text(c, name, max_name);
        if (!said) return said.error();
        if (!said->empty()) row[name] = std::move(*said);
    }
    auto idle = optional_int(c, "lastInputSeconds", 0, INT32_MAX, -1);
    if (!idle) return idle.error();
    if (*idle >= 0) row["lastInputSeconds"] = *idle;
    return row;
}

}  // namespace

// The text begins a turn in the agent's main session. There are no heartbeats for it to wait for.
task<result<json>> call_wake(method_call c) {
    auto mode = required_text(c, "mode", 64);
    if (!mode) co_return mode.error();
    if (*mode != "now" && *mode != "next-heartbeat") {
        co_return bad_params(c, "at /mode: must be now or next-heartbeat");
    }
    auto text = required_text(c, "text", max_message);
    if (!text) co_return text.error();
    auto session = optional_text(c, "sessionKey", max_key);
    if (!session) co_return session.error();
    auto agent = agent_param(c);
    if (!agent) co_return agent.error();
    if (*mode != "now") {
        co_return error(errc::invalid_input, "heartbeats are not in effect in this version",
                        "Send mode \"now\".");
    }
    if (session->empty()) *session = "main";
    auto message = message_of(c, {std::move(*session), std::move(*agent), std::move(*text),
                                  "wake-" + make_uuid(c.gateway.d.random), {}});
    message.commands = false;
    auto taken = co_await c.gateway.d.router.submit(std::move(message), nullptr);
    if (!taken) co_return taken.error();
    co_return json{{"ok", true}, {"runId", taken->run_id}};
}

task<result<json>> call_system_event(method_call c) {
    auto row = told_presence(c);
    if (!row) co_return row.error();
    c.gateway.presence.tell(std::move(*row));
    co_return json{{"ok", true}};
}

task<result<json>> call_set_heartbeats(method_call c) {
    const auto* enabled = find(c.params, "enabled");
    if (enabled == nullptr || !enabled->is_boolean()) {
        co_return bad_params(c, "at /enabled: must be boolean");
    }
    if (*enabled == true) {
        co_return error(errc::invalid_input, "heartbeats are not in effect in this version");
    }
    co_return json{{"ok", true}, {"enabled", false}};
}

}  // namespace openclaw::ingress
