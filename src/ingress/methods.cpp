#include "ingress/methods.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace openclaw::ingress {

namespace {

// A method that nodes call, and nobody else.
constexpr method of_nodes(std::string_view name, task<result<json>> (*handler)(method_call call)) {
    return {name, std::nullopt, false, handler, nullptr, audience::nodes};
}

// A method that changes what the gateway is, or who may come in.
constexpr method audited(method m) {
    const bool configures = m.name.starts_with("config.") || m.name.starts_with("agents.");
    m.audited_as = configures ? "configuration_change" : "admin_action";
    return m;
}

// A method that is there to say that it changes nothing yet.
constexpr method not_in_effect(method m) {
    m.in_effect = false;
    return m;
}

// Sorted by name.
constexpr std::array table{
    method{"agent", scope::write, true, call_agent, scope_of_words},
    method{"agent.identity.get", scope::read, false, call_agent_identity_get},
    method{"agent.wait", scope::write, true, call_agent_wait},
    audited({"agents.create", scope::admin, true, call_agents_create}),
    audited({"agents.delete", scope::admin, true, call_agents_delete}),
    method{"agents.files.get", scope::read, true, call_agents_files_get},
    method{"agents.files.list", scope::read, true, call_agents_files_list},
    audited({"agents.files.set", scope::admin, true, call_agents_files_set}),
    method{"agents.list", scope::read, false, call_agents_list},
    audited({"agents.update", scope::admin, true, call_agents_update}),
    method{"artifacts.list", scope::read, false, call_empty},
    method{"channels.logout", scope::admin, true, call_channels_logout},
    method{"channels.start", scope::admin, true, call_channels_start},
    method{"channels.status", scope::read, false, call_channels_status},
    method{"channels.stop", scope::admin, true, call_channels_stop},
    method{"chat.abort", scope::write, false, call_chat_abort},
    method{"chat.history", scope::read, false, call_chat_history},
    method{"chat.inject", scope::admin, true, call_chat_inject},
    method{"chat.message.get", scope::read, false, call_chat_message_get},
    method{"chat.metadata", scope::read, false, call_chat_metadata},
    method{"chat.send", scope::write, false, call_chat_send, scope_of_words},
    method{"chat.startup", scope::read, false, call_chat_startup},
    method{"commands.list", scope::read, false, call_commands_list},
    audited({"config.apply", scope::admin, true, call_config_set}),
    method{"config.get", scope::read, true, call_config_get},
    audited({"config.patch", scope::admin, true, call_config_patch}),
    method{"config.schema", scope::read, false, call_config_schema},
    method{"config.schema.lookup", scope::read, false, call_config_schema_lookup},
    audited({"config.set", scope::admin, true, call_config_set}),
    audited({"cron.add", scope::admin, true, call_cron_add}),
    method{"cron.get", scope::read, true, call_cron_get},
    method{"cron.list", scope::read, true, call_cron_list},
    audited({"cron.remove", scope::admin, true, call_cron_remove}),
    audited({"cron.run", scope::admin, true, call_cron_run}),
    method{"cron.runs", scope::read, true, call_cron_runs},
    method{"cron.status", scope::read, true, call_cron_status},
    audited({"cron.update", scope::admin, true, call_cron_update}),
    audited({"deadLetters.discard", scope::admin, false, call_dead_letters_discard}),
    method{"deadLetters.get", scope::read, false, call_dead_letters_get},
    method{"deadLetters.list", scope::read, false, call_dead_letters_list},
    audited({"deadLetters.retry", scope::write, false, call_dead_letters_retry}),
    method{"deliveries.list", scope::read, false, call_deliveries_list},
    audited({"device.pair.approve", scope::pairing, false, call_device_pair_approve}),
    method{"device.pair.list", scope::pairing, false, call_device_pair_list},
    audited({"device.pair.reject", scope::pairing, false, call_device_pair_reject}),
    audited({"device.pair.remove", scope::pairing, false, call_device_pair_remove}),
    audited({"device.pair.rename", scope::pairing, false, call_device_pair_rename}),
    audited({"device.token.revoke", scope::pairing, false, call_device_token_revoke}),
    audited({"device.token.rotate", scope::pairing, false, call_device_token_rotate}),
    method{"environments.list", scope::read, false, call_empty},
    method{"exec.approval.list", scope::approvals, false, call_empty},
    method{"exec.approval.request", scope::approvals, false, call_exec_approval_request},
    not_in_effect({"exec.approval.resolve", scope::approvals, false, call_exec_approval_resolve}),
    not_in_effect({"exec.approval.waitDecision", scope::approvals, false, call_exec_approval_wait}),
    method{"exec.approvals.get", scope::admin, false, call_exec_approvals_get},
    not_in_effect({"exec.approvals.set", scope::admin, false, call_exec_approvals_set}),
    method{"gateway.identity.get", scope::read, true, call_gateway_identity_get},
    method{"health", std::nullopt, false, call_health, nullptr, audience::everybody},
    method{"hooks.status", scope::read, false, call_empty},
    method{"last-heartbeat", scope::read, false, call_empty},
    method{"logs.tail", scope::read, true, call_logs_tail},
    method{"models.list", scope::read, false, call_models_list},
    method{"node.describe", scope::read, false, call_node_describe},
    not_in_effect(of_nodes("node.event", call_node_event)),
    method{"node.invoke", scope::write, true, call_node_invoke, scope_of_invoke},
    of_nodes("node.invoke.progress", call_node_invoke_progress),
    of_nodes("node.invoke.result", call_node_invoke_result),
    method{"node.list", scope::read, false, call_node_list},
    audited({"node.pair.approve", scope::pairing, false, call_node_pair_approve}),
    method{"node.pair.list", scope::pairing, false, call_node_pair_list},
    audited({"node.pair.reject", scope::pairing, false, call_node_pair_reject}),
    audited({"node.pair.remove", scope::pairing, false, call_node_pair_remove}),
    of_nodes("node.pending.ack", call_node_pending_ack),
    of_nodes("node.pending.drain", call_node_pending_drain),
    of_nodes("node.pending.pull", call_node_pending_pull),
    audited({"node.rename", scope::pairing, false, call_node_rename}),
    method{"plugin.approval.list", scope::approvals, false, call_empty},
    method{"plugins.list", scope::read, false, call_empty},
    method{"projects.list", scope::read, false, call_empty},
    method{"question.list", scope::questions, false, call_empty},
    method{"secrets.store.list", scope::admin, false, call_empty},
    method{"send", scope::write, false, call_send},
    method{"sessions.abort", scope::write, false, call_sessions_abort},
    method{"sessions.compact", scope::admin, true, call_sessions_compact},
    method{"sessions.create", scope::write, false, call_sessions_create, scope_of_words},
    // Also with `archivedOnly`: who may write can archive, and so could delete anything.
    method{"sessions.delete", scope::admin, true, call_sessions_delete},
    method{"sessions.describe", scope::read, false, call_sessions_describe},
    method{"sessions.groups.list", scope::read, false, call_empty},
    method{"sessions.list", scope::read, false, call_sessions_list},
    method{"sessions.messages.subscribe", scope::read, false, call_sessions_follow},
    method{"sessions.messages.unsubscribe", scope::read, false, call_sessions_unfollow},
    method{"sessions.patch", scope::write, false, call_sessions_patch},
    method{"sessions.preview", scope::read, false, call_sessions_preview},
    method{"sessions.reset", scope::admin, true, call_sessions_reset},
    method{"sessions.resolve", scope::read, false, call_sessions_resolve},
    method{"sessions.send", scope::write, false, call_sessions_send, scope_of_words},
    method{"sessions.subscribe", scope::read, false, call_sessions_subscribe},
    method{"sessions.unsubscribe", scope::read, false, call_sessions_unsubscribe},
    method{"sessions.usage", scope::read, false, call_sessions_usage},
    not_in_effect({"set-heartbeats", scope::admin, false, call_set_heartbeats}),
    of_nodes("skills.bins", call_skills_bins),
    method{"skills.status", scope::read, false, call_skills_status},
    method{"status", scope::read, false, call_status},
    method{"system-event", scope::admin, false, call_system_event},
    method{"system-presence", scope::read, false, call_system_presence},
    method{"system.info", scope::read, false, call_system_info},
    method{"talk.config", scope::read, false, call_empty},
    method{"taskSuggestions.list", scope::read, false, call_empty},
    method{"tasks.list", scope::read, false, call_empty},
    method{"terminal.list", scope::admin, false, call_empty},
    method{"tools.catalog", scope::read, false, call_tools_catalog},
    method{"tools.effective", scope::read, false, call_tools_effective},
    method{"tools.invoke", scope::write, true, call_tools_invoke},
    method{"tts.status", scope::read, false, call_empty},
    method{"update.status", scope::admin, false, call_empty},
    method{"usage.cost", scope::read, false, call_usage_cost},
    method{"usage.status", scope::read, false, call_usage_status},
    method{"voicewake.get", scope::read, false, call_empty},
    method{"wake", scope::write, false, call_wake},
};

}  // namespace

std::span<const method> all_methods() {
    return table;
}

const method* find_method(std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const method& m) { return m.name == name; });
    return found == table.end() ? nullptr : &*found;
}

error bad_params(const method_call& c, const std::string& problem) {
    return error(errc::invalid_input, "invalid " + c.method + " params: " + problem);
}

result<std::string> optional_text(const method_call& c, const char* name, std::size_t limit) {
    const auto* value = find(c.params, name);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return bad_params(c, std::string("at /") + name + ": must be string");
    auto text = value->get<std::string>();
    if (text.size() > limit) {
        return bad_params(c, std::string("at /") + name + ": must not be longer than " +
                                 std::to_string(limit) + " bytes");
    }
    return text;
}

result<std::string> required_text(const method_call& c, const char* name, std::size_t limit) {
    if (find(c.params, name) == nullptr) {
        return bad_params(c, std::string("must have required property '") + name + "'");
    }
    auto text = optional_text(c, name, limit);
    if (text && text->empty()) {
        return bad_params(c, std::string("at /") + name + ": must be a non-empty string");
    }
    return text;
}

result<std::int64_t> optional_int(const method_call& c, const char* name, std::int64_t low,
                                  std::int64_t high, std::int64_t fallback) {
    const auto* value = find(c.params, name);
    if (value == nullptr || value->is_null()) return fallback;
    if (!value->is_number_integer() || value->get<std::int64_t>() < low ||
        value->get<std::int64_t>() > high) {
        return bad_params(c, std::string("at /") + name + ": must be integer from " +
                                 std::to_string(low) + " to " + std::to_string(high));
    }
    return value->get<std::int64_t>();
}

result<bool> optional_bool(const method_call& c, const char* name, bool fallback) {
    const auto* value = find(c.params, name);
    if (value == nullptr || value->is_null()) return fallback;
    if (!value->is_boolean()) {
        return bad_params(c, std::string("at /") + name + ": must be boolean");
    }
    return value->get<bool>();
}

result<session_key> session_param(const method_call& c, const char* name) {
    auto key = required_text(c, name, max_key);
    if (!key) return key.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) return agent.error();
    return c.gateway.d.router.resolve(*key, *agent);
}

result<std::int64_t> session_id_param(const method_call& c, const char* name) {
    auto text = optional_text(c, name, 64);
    if (!text) return text.error();
    if (text->empty()) return 0;
    std::int64_t id = 0;
    const auto* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, id);
    return read.ec == std::errc() && read.ptr == end && id > 0 ? id : -1;
}

result<std::string> agent_param(const method_call& c) {
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) return agent.error();
    auto session = optional_text(c, "sessionKey", max_key);
    if (!session) return session.error();
    const auto& router = c.gateway.d.router;
    if (!session->empty()) {
        auto key = router.resolve(*session, *agent);
        if (!key) return key.error();
        *agent = key->agent();
    }
    const auto agents = router.agents();
    if (agent->empty()) return agents->default_agent().id;
    if (agents->find(*agent) != nullptr) return agent;
    return error(errc::not_found, "there is no agent \"" + *agent + "\"");
}

result<void> refuse_fields(const method_call& c, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto* value = find(c.params, name);
        if (value == nullptr || value->is_null() || *value == false) continue;
        if ((value->is_structured() && value->empty()) || *value == "") continue;
        return error(errc::invalid_input,
                     std::string("`") + name + "` is not in effect in this version");
    }
    return {};
}

error no_session(const std::string& named) {
    return error(errc::not_found, "No session found: " + named);
}

error other_session() {
    return error(errc::conflict, "the session is another one by now", "Read it again.");
}

error unknown_node() {
    return error(errc::not_found, "unknown nodeId", "`node.list` shows those that are known.");
}

std::string store_path(const method_call& c) {
    return c.who.allows(scope::admin) ? c.gateway.d.identity.state_dir : std::string();
}

}  // namespace openclaw::ingress
