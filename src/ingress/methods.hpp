#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/model/principal.hpp"
#include "ingress/gateway_context.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// The sessions whose events a connection asked for. `chat` and `agent` events of others are kept
// from those with the cap session-scoped-events alone.
class followed_sessions {
public:
    virtual ~followed_sessions() = default;
    // False when too many are followed already.
    virtual bool follow(const std::string& session) = 0;
    virtual void unfollow(const std::string& session) = 0;
    // `session.message` and `sessions.changed` of all sessions.
    virtual void follow_all() = 0;
    // Of follow_all() alone; sessions that are followed by name stay.
    virtual void unfollow_all() = 0;
};

// One call of a WebSocket method.
struct method_call {
    gateway_context& gateway;
    const principal& who;
    const json& params;
    std::string method;
    followed_sessions& followed;
    const std::string& device;     // the caller's, proven; may be empty
    const std::string& connection; // its id; may be empty
    // A first answer before the final one; method `agent` alone.
    std::function<void(const json& payload)> accepted;
    // What the error object has besides, when the handler fails: a JSON merge patch (RFC 7396).
    json& refusal;
};

// Whose method it is (protocol.md §2.4).
enum class audience { operators, nodes, everybody };

// A method of the protocol: who may call it, and what it does. The handler's error becomes the
// response's error object.
struct method {
    std::string_view name;
    std::optional<scope> needed;   // nothing: everybody
    bool slow = false;             // runs beside the connection's other calls
    task<result<json>> (*handler)(method_call call);
    // Where the scope depends on the params; they are an object.
    scope (*needed_for)(const json& params) = nullptr;
    audience of = audience::operators;
    std::string_view audited_as = {};   // the kind of its audit records; empty: it leaves none
    bool in_effect = true;              // false: not named in features.methods

    bool serves(std::string_view role) const {
        return of == audience::everybody || (of == audience::nodes) == (role == "node");
    }

    std::optional<scope> scope_for(const json& params) const {
        return needed_for == nullptr ? needed : needed_for(params);
    }
    // The scope that `who` would need besides; nothing: the call is allowed. Params that are no
    // object do not lessen it.
    std::optional<scope> missing_for(const principal& who, const json& params) const {
        const auto wanted = params.is_object() ? scope_for(params) : needed;
        return wanted && !who.allows(*wanted) ? wanted : std::nullopt;
    }
};

// Every method of this version, by name.
std::span<const method> all_methods();
const method* find_method(std::string_view name);

// Handlers, one file per area.
task<result<json>> call_health(method_call c);
task<result<json>> call_status(method_call c);
task<result<json>> call_agents_list(method_call c);
task<result<json>> call_agents_create(method_call c);
task<result<json>> call_agents_update(method_call c);
task<result<json>> call_agents_delete(method_call c);
task<result<json>> call_agents_files_list(method_call c);
task<result<json>> call_agents_files_get(method_call c);
task<result<json>> call_agents_files_set(method_call c);
task<result<json>> call_models_list(method_call c);
task<result<json>> call_channels_status(method_call c);
task<result<json>> call_send(method_call c);
task<result<json>> call_chat_send(method_call c);
task<result<json>> call_chat_history(method_call c);
task<result<json>> call_chat_abort(method_call c);
task<result<json>> call_agent(method_call c);
task<result<json>> call_agent_wait(method_call c);
// A message that empties its session needs what sessions.reset needs (protocol.md §3).
scope scope_of_words(const json& params);
task<result<json>> call_sessions_list(method_call c);
task<result<json>> call_sessions_describe(method_call c);
task<result<json>> call_sessions_resolve(method_call c);
task<result<json>> call_sessions_preview(method_call c);
task<result<json>> call_sessions_create(method_call c);
task<result<json>> call_sessions_send(method_call c);
task<result<json>> call_sessions_abort(method_call c);
task<result<json>> call_sessions_patch(method_call c);
task<result<json>> call_sessions_reset(method_call c);
task<result<json>> call_sessions_delete(method_call c);
task<result<json>> call_sessions_compact(method_call c);
task<result<json>> call_empty(method_call c);
task<result<json>> call_cron_add(method_call c);
task<result<json>> call_cron_get(method_call c);
task<result<json>> call_cron_list(method_call c);
task<result<json>> call_cron_remove(method_call c);
task<result<json>> call_cron_run(method_call c);
task<result<json>> call_cron_runs(method_call c);
task<result<json>> call_cron_status(method_call c);
task<result<json>> call_cron_update(method_call c);
task<result<json>> call_dead_letters_list(method_call c);
task<result<json>> call_dead_letters_get(method_call c);
task<result<json>> call_dead_letters_retry(method_call c);
task<result<json>> call_dead_letters_discard(method_call c);
task<result<json>> call_deliveries_list(method_call c);
task<result<json>> call_node_list(method_call c);
task<result<json>> call_node_describe(method_call c);
task<result<json>> call_node_rename(method_call c);
task<result<json>> call_node_invoke(method_call c);
scope scope_of_invoke(const json& params);
task<result<json>> call_node_pair_list(method_call c);
task<result<json>> call_node_pair_approve(method_call c);
task<result<json>> call_node_pair_reject(method_call c);
task<result<json>> call_node_pair_remove(method_call c);
task<result<json>> call_node_event(method_call c);
task<result<json>> call_node_invoke_progress(method_call c);
task<result<json>> call_node_invoke_result(method_call c);
task<result<json>> call_node_pending_ack(method_call c);
task<result<json>> call_node_pending_drain(method_call c);
task<result<json>> call_node_pending_pull(method_call c);
task<result<json>> call_skills_bins(method_call c);
task<result<json>> call_exec_approval_request(method_call c);
task<result<json>> call_exec_approval_resolve(method_call c);
task<result<json>> call_exec_approval_wait(method_call c);
task<result<json>> call_exec_approvals_get(method_call c);
task<result<json>> call_exec_approvals_set(method_call c);
task<result<json>> call_wake(method_call c);
task<result<json>> call_system_event(method_call c);
task<result<json>> call_set_heartbeats(method_call c);
task<result<json>> call_usage_status(method_call c);
task<result<json>> call_skills_status(method_call c);
task<result<json>> call_tools_catalog(method_call c);
task<result<json>> call_tools_effective(method_call c);
task<result<json>> call_tools_invoke(method_call c);
task<result<json>> call_system_presence(method_call c);
task<result<json>> call_system_info(method_call c);
task<result<json>> call_logs_tail(method_call c);
task<result<json>> call_chat_message_get(method_call c);
task<result<json>> call_chat_metadata(method_call c);
task<result<json>> call_chat_startup(method_call c);
task<result<json>> call_chat_inject(method_call c);
task<result<json>> call_commands_list(method_call c);
task<result<json>> call_agent_identity_get(method_call c);
task<result<json>> call_sessions_subscribe(method_call c);
task<result<json>> call_sessions_follow(method_call c);
task<result<json>> call_sessions_unfollow(method_call c);
task<result<json>> call_device_pair_list(method_call c);
task<result<json>> call_device_pair_approve(method_call c);
task<result<json>> call_device_pair_reject(method_call c);
task<result<json>> call_device_pair_remove(method_call c);
task<result<json>> call_device_pair_rename(method_call c);
task<result<json>> call_device_token_rotate(method_call c);
task<result<json>> call_device_token_revoke(method_call c);
task<result<json>> call_config_get(method_call c);
task<result<json>> call_config_set(method_call c);
task<result<json>> call_config_patch(method_call c);
task<result<json>> call_config_schema(method_call c);
task<result<json>> call_config_schema_lookup(method_call c);
task<result<json>> call_channels_start(method_call c);
task<result<json>> call_channels_stop(method_call c);
task<result<json>> call_channels_logout(method_call c);
task<result<json>> call_sessions_unsubscribe(method_call c);
task<result<json>> call_sessions_usage(method_call c);
task<result<json>> call_usage_cost(method_call c);
task<result<json>> call_gateway_identity_get(method_call c);

constexpr std::size_t max_key = 512;    // bytes of a session key
constexpr std::size_t max_label = 512;  // bytes of a session's label
constexpr std::size_t max_device_id = 128;  // bytes; also of requests of devices and of what nodes are asked

// PresenceEntry rows (protocol.md §8): the gateway's own, which counts those that are not listed,
// then those of its clients.
struct presence_rows {
    json entries = json::array();
    std::int64_t version = 0;
};
presence_rows presence_of(const gateway_context& gateway, presence_board::listing list);

// The frame's stateVersion of `presence` and `health` events (protocol.md §4).
json state_version(const gateway_context& gateway);
// Sends the `health` event; does nothing when nobody is there to hear it.
task<event_hub::told> tell_health(gateway_context& gateway);

// Input checks: the error text is the protocol's (protocol.md §1.4).
error bad_params(const method_call& c, const std::string& problem);
// A required non-empty string of at most `limit` bytes.
result<std::string> required_text(const method_call& c, const char* name, std::size_t limit);
// An optional string; empty when absent.
result<std::string> optional_text(const method_call& c, const char* name, std::size_t limit);
// An optional integer in [low, high].
result<std::int64_t> optional_int(const method_call& c, const char* name, std::int64_t low,
                                  std::int64_t high, std::int64_t fallback);
result<bool> optional_bool(const method_call& c, const char* name, bool fallback);
// A required session key, in its canonical form: of the agent that `agentId` names, if the key does
// not say. invalid_input when the two name different ones.
result<session_key> session_param(const method_call& c, const char* name);
// An optional `sessionId` as the store counts them; 0 when absent, an id that nothing has for one
// that no session of this gateway could have.
result<std::int64_t> session_id_param(const method_call& c, const char* name);
// The agent that `agentId` or `sessionKey` names, else the default one. not_found: there is none
// of this name.
result<std::string> agent_param(const method_call& c);
// What this version does not do is refused by name rather than left out in silence: an error when
// one of the fields is there and neither null, false nor empty.
result<void> refuse_fields(const method_call& c, std::initializer_list<const char*> names);
// The protocol's words for a session, and for a node, that is not there.
error no_session(const std::string& named);
// A client named the conversation, and the session has begun a new one since.
error other_session();
error unknown_node();
// The place of the sessions on disk, for those who may know it; else empty.
std::string store_path(const method_call& c);

}  // namespace openclaw::ingress
