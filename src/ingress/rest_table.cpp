#include "ingress/rest.hpp"

#include <array>

namespace openclaw::ingress {

namespace {

using enum value_kind;

constexpr rest_param in_path(std::string_view name, std::string_view doc, std::string_view as = {}) {
    return {value_place::path, name, text, doc, as, true};
}
constexpr rest_param query(std::string_view name, value_kind kind, std::string_view doc) {
    return {value_place::query, name, kind, doc};
}
constexpr rest_param member(std::string_view name, value_kind kind, std::string_view doc) {
    return {value_place::body, name, kind, doc};
}
constexpr rest_param needed_member(std::string_view name, value_kind kind, std::string_view doc) {
    return {value_place::body, name, kind, doc, {}, true};
}
constexpr rest_param field(std::string_view name, std::string_view doc, std::string_view as,
                           bool made) {
    return {value_place::header, name, text, doc, as, false, made};
}
constexpr route at(std::string_view method, std::string_view path, std::size_t body = 0) {
    return {method, path, access::known, body, nullptr, route_rest};
}

constexpr auto session = in_path("key", "The session's key: `agent:<agent>:<rest>`, or `main`.");
constexpr auto chat_session = in_path("key", session.doc, "sessionKey");
constexpr auto once = field("Idempotency-Key",
                            "A repetition with the same key does nothing twice. The run is called so.",
                            "idempotencyKey", true);
constexpr auto device = in_path("deviceId", "The device's id.");
constexpr auto request = in_path("requestId", "The request's id, of the list of devices.");
constexpr auto node = in_path("nodeId", "The node's id, of the list of nodes.");
constexpr auto role = needed_member("role", text, "The role that the token is for.");
constexpr auto offset = query("offset", integer, "How many to leave out at the begin.");
constexpr auto of_agent = query("agentId", text, "Of this agent; the default one without it.");
constexpr auto titles = query("includeDerivedTitles", boolean, "With a title made of what was said.");
constexpr auto last_message = query("includeLastMessage", boolean, "With the last message's begin.");

constexpr std::array agent_runs{
    in_path("agent", "The agent's id.", "agentId"), once,
    needed_member("message", text, "What is said."),
    member("sessionKey", text, "The session; `main` without it."),
    member("model", text, "The model for this turn, `provider/model`."),
    member("extraSystemPrompt", text, "Put behind the agent's own system prompt, this once.")};
constexpr auto agent = in_path("agent", "The agent's id.", "agentId");
constexpr auto agent_workspace = member("workspace", text, "Folder of its files, from `/` or `~/` on.");
constexpr auto agent_file = in_path("name", "One of the names in the list of its files.");
constexpr std::array one_agent{agent};
constexpr std::array agents_create{
    needed_member("name", text, "Its id is made of it, in lower case."), agent_workspace,
    member("model", text, "The model that answers, `provider/model`.")};
constexpr std::array agents_update{
    agent, agent_workspace, member("model", text, "The model that answers; null: as all agents.")};
constexpr std::array agents_delete{
    agent, query("deleteFiles", boolean, "Whether its folder goes to the trash; true without it.")};
constexpr std::array agent_file_get{agent, agent_file};
constexpr std::array agent_file_set{agent, agent_file, needed_member("content", text, "The new text.")};
constexpr std::array channel_send{
    in_path("channel", "The channel's name, of the list of channels."), once,
    needed_member("to", text, "The recipient, as the service writes one."),
    needed_member("message", text, "The text, in Markdown."),
    member("accountId", text, "The account; the channel's default one without it.")};
constexpr std::array commands{
    of_agent, query("sessionKey", text, "Of this session's agent."),
    query("scope", text, "`text`, `native` or `both`.")};
constexpr auto how_many = query("limit", integer, "How many, 1 to 200; 50 without it.");
constexpr auto job = in_path("jobId", "The job's id, of the list of jobs.");
constexpr auto run_status = query("status", text, "Those that ended so: `ok`, `error` or `skipped`.");
constexpr std::array cron_list{
    how_many, offset, query("includeDisabled", boolean, "With those that are disabled."),
    query("query", text, "Those whose name, description or id holds this text."),
    query("agentId", text, "Those of this agent."),
    query("sortBy", text, "`nextRunAtMs`, `updatedAtMs` or `name`."),
    query("sortDir", text, "`asc` or `desc`.")};
constexpr std::array cron_add{
    field("Idempotency-Key", "A repetition with the same key answers the job that is there.",
          "idempotencyKey", false),
    needed_member("name", text, "What it is called."),
    needed_member("schedule", object, "When: `at`, `every` or `cron` (docs/cron.md)."),
    needed_member("payload", object, "What: `agentTurn` or `systemEvent`."),
    member("sessionTarget", text, "`isolated`, `main` or `session:<key>`."),
    member("wakeMode", text, "`now`."),
    member("delivery", object, "Where the answer goes; nowhere without it."),
    member("agentId", text, "Whose turn it is; the default agent's without it."),
    member("description", text, "What it is for."),
    member("enabled", boolean, "Whether it runs; true without it."),
    member("deleteAfterRun", boolean, "Whether it goes when nothing is left to come."),
    member("misfire", text, "`run` what was missed once, late, or `skip` it.")};
constexpr std::array one_job{job};
constexpr std::array cron_update{job, needed_member("patch", object, "What changes, as for a new job.")};
constexpr std::array cron_run{job, member("mode", text, "`force`, `due` or `if-enabled`.")};
constexpr std::array cron_runs{how_many, offset, run_status};
constexpr std::array job_runs{job, how_many, offset, run_status};
constexpr std::array one_device{device};
constexpr std::array device_rename{device, needed_member("label", text, "The new label.")};
constexpr std::array one_request{request};
constexpr std::array token_rotate{
    device, role, member("scopes", texts, "What the token may do; as before without it.")};
constexpr std::array token_revoke{device, role};
constexpr std::array logs{
    query("cursor", integer, "The cursor of an earlier answer: what came since."),
    query("limit", integer, "How many lines, 1 to 5000; 500 without it."),
    query("maxBytes", integer, "How many bytes, 1 to 1000000; 250000 without it.")};
constexpr std::array one_node{node};
constexpr std::array node_request{in_path("requestId", "The request's id, of the list of requests.")};
constexpr std::array node_rename{node, needed_member("displayName", text, "The new name.")};
constexpr std::array node_invoke{
    node, once, needed_member("command", text, "One that the node offers and that was approved."),
    member("params", object, "What the command takes."),
    member("timeoutMs", integer, "How long to wait for its answer, up to 600000; 30000 without it.")};
constexpr std::array run_wait{
    in_path("runId", "The run's id."),
    query("timeoutMs", integer, "How long to wait for its end, up to 3600000; 0 without it.")};
constexpr std::array dead_letters_list{
    query("limit", integer, "How many, 1 to 200; 50 without it."),
    query("cursor", integer, "The nextCursor of an earlier answer: those behind it.")};
constexpr std::array dead_letter{in_path("runId", "The run's id.")};
constexpr std::array deliveries_list{
    query("runId", text, "The replies to this message alone."),
    query("state", text, "Those that are `pending`, `sent`, `failed` or `unknown`."),
    query("limit", integer, "How many, 1 to 200; 50 without it."),
    query("cursor", integer, "The nextCursor of an earlier answer: those behind it.")};
constexpr std::array run_abort{in_path("runId", "The run's id.")};
constexpr std::array sessions_list{
    query("limit", integer, "How many, 1 to 1000; 50 without it."),
    query("offset", integer, "How many to leave out at the begin."),
    query("agentId", text, "Those of this agent."),
    query("search", text, "Those whose key or label holds this text."),
    query("label", text, "Those with exactly this label."),
    query("activeMinutes", integer, "Those in which something happened that recently."),
    query("archived", boolean_or_all, "`true`: those in the archive; `all`: both sorts."),
    query("includeUnknown", boolean, "With those that were made for one request to a model API."),
    titles, last_message};
constexpr std::array sessions_create{
    once, member("key", text, "Its key; a new one without it."),
    member("agentId", text, "Whose it is; the default agent's without it."),
    member("label", text, "What it is called."),
    member("model", text, "The model that answers in it, `provider/model`."),
    member("message", text, "The first message, which starts a turn.")};
constexpr std::array sessions_describe{session, titles, last_message};
constexpr std::array sessions_patch{
    session, member("label", text, "What it is called; null: nothing."),
    member("model", text, "The model that answers in it, `provider/model`; null: the agent's."),
    member("category", text, "What it is filed under; null: nothing."),
    member("icon", text, "How it is shown; null: as any."),
    member("color", text, "How it is shown; null: as any."),
    member("pinned", boolean, "Whether it stands first."),
    member("archived", boolean, "Whether it is put away."),
    member("unread", boolean, "Whether somebody has yet to read it."),
    member("expectedSessionId", text, "409 unless it is still this session.")};
constexpr std::array sessions_delete{
    session, query("archivedOnly", boolean, "Only if it is archived, else 409.")};
constexpr std::array sessions_abort{
    session, member("runId", text, "This run; the one in progress without it."),
    member("clearQueued", boolean, "What waits behind it, too.")};
constexpr std::array chat_inject{
    chat_session, needed_member("message", text, "The text."),
    member("label", text, "Stands before it in brackets.")};
constexpr std::array chat_history{
    chat_session, query("limit", integer, "How many, 1 to 1000; 200 without it."),
    query("cursor", text, "A deltaCursor: what came after it, or that the client has to start over."),
    query("offset", integer, "How many to leave out, from the newest one."),
    query("before", integer, "Those before this place in the conversation.")};
constexpr std::array chat_send{
    chat_session, once, needed_member("message", text, "What is said."),
    member("agentId", text, "The agent, which must be the session's.")};
constexpr std::array chat_message{
    chat_session, in_path("messageId", "The message's id."),
    query("maxChars", integer, "Cuts its texts to so many bytes.")};
constexpr std::array sessions_reset{session,
                                    member("reason", text, "`new` or `reset`, told to clients.")};
constexpr std::array sessions_compact{session,
                                      member("maxLines", integer, "How many messages stay.")};
constexpr std::array config_change{
    rest_param{value_place::whole, "raw", text, "The file, or what changes in it (RFC 7396), in JSON5.",
               {}, true},
    rest_param{value_place::header, "If-Match", tag,
               "The ETag of what was read; needed when there is a file.", "baseHash"}};
constexpr std::array config_path{query("path", text, "A dotted path; empty: the whole.")};
constexpr std::array channel_account{
    in_path("channel", "The channel."),
    member("accountId", text, "The account; the default one without it.")};
constexpr std::array tools_effective{chat_session};
constexpr std::array tools_catalog{of_agent};

// Sorted by path; the order of methods is GET, POST, PUT, PATCH, DELETE.
constexpr std::array table{
    rest_route{at("GET", "/api/agents"), "agents.list", "Lists agents."},
    rest_route{at("POST", "/api/agents", max_rest_body), "agents.create",
               "Puts an agent into the configuration file; it runs from the next start on.", agents_create,
               201},
    rest_route{at("PATCH", "/api/agents/{agent}", max_rest_body), "agents.update",
               "Changes an agent in the configuration file; in effect with the next start.", agents_update},
    rest_route{at("DELETE", "/api/agents/{agent}"), "agents.delete",
               "Takes an agent and its bindings out of the configuration file; it runs until the next start.",
               agents_delete},
    rest_route{at("GET", "/api/agents/{agent}/files"), "agents.files.list",
               "Lists the files that describe an agent.", one_agent},
    rest_route{at("GET", "/api/agents/{agent}/files/{name}"), "agents.files.get",
               "One of them, with its text.", agent_file_get},
    rest_route{at("PUT", "/api/agents/{agent}/files/{name}", max_message_body), "agents.files.set",
               "Writes one of them.", agent_file_set},
    rest_route{at("GET", "/api/agents/{agent}/identity"), "agent.identity.get",
               "How an agent presents itself.", one_agent},
    rest_route{at("POST", "/api/agents/{agent}/runs", max_message_body), "agent",
               "Gives an agent a message; answers once it is accepted.", agent_runs, 202,
               R"({"timeout":0})"},
    rest_route{at("GET", "/api/channels"), "channels.status", "Lists channels and their state."},
    rest_route{at("POST", "/api/channels/{channel}/messages", max_rest_body), "send",
               "Sends a message through a channel.", channel_send},
    rest_route{at("POST", "/api/channels/{channel}/start", max_rest_body), "channels.start",
               "Starts an account of a channel.", channel_account},
    rest_route{at("POST", "/api/channels/{channel}/stop", max_rest_body), "channels.stop",
               "Stops an account of a channel.", channel_account},
    rest_route{at("GET", "/api/commands"), "commands.list", "Lists the commands of a chat.", commands},
    rest_route{at("GET", "/api/config"), "config.get", "The configuration, without its secrets.", {},
               200, {}, "hash"},
    rest_route{at("PUT", "/api/config", max_rest_body), "config.set",
               "Replaces the configuration file; in effect with the next start.", config_change, 200, {},
               "hash"},
    rest_route{at("PATCH", "/api/config", max_rest_body), "config.patch",
               "Changes the configuration file by a merge patch; in effect with the next start.",
               config_change, 200, {}, "hash"},
    rest_route{at("GET", "/api/config/schema"), "config.schema", "The JSON schema of the configuration."},
    rest_route{at("GET", "/api/config/schema/lookup"), "config.schema.lookup",
               "One setting, and what stands below it.", config_path, 200, R"({"path":""})"},
    rest_route{at("GET", "/api/cron"), "cron.list", "Lists jobs that run by the clock.", cron_list},
    rest_route{at("POST", "/api/cron", max_rest_body), "cron.add", "Adds a job.", cron_add, 201},
    rest_route{at("GET", "/api/cron-runs"), "cron.runs", "The last runs of all jobs, the newest first.",
               cron_runs},
    rest_route{at("GET", "/api/cron/{jobId}"), "cron.get", "One job.", one_job},
    rest_route{at("PATCH", "/api/cron/{jobId}", max_rest_body), "cron.update", "Changes a job.",
               cron_update},
    rest_route{at("DELETE", "/api/cron/{jobId}"), "cron.remove", "Removes a job and its history.", one_job},
    rest_route{at("POST", "/api/cron/{jobId}/run", max_rest_body), "cron.run", "Runs a job now.", cron_run},
    rest_route{at("GET", "/api/cron/{jobId}/runs"), "cron.runs", "The last runs of a job, the newest first.",
               job_runs},
    rest_route{at("GET", "/api/dead-letters"), "deadLetters.list",
               "Lists messages that were put aside, the oldest first.", dead_letters_list},
    rest_route{at("GET", "/api/dead-letters/{runId}"), "deadLetters.get", "One of them in full.",
               dead_letter, 200, {}, {}, "letter"},
    rest_route{at("DELETE", "/api/dead-letters/{runId}"), "deadLetters.discard", "Throws one away.",
               dead_letter},
    rest_route{at("POST", "/api/dead-letters/{runId}/retry", max_rest_body), "deadLetters.retry",
               "Says one again, as a new message of its session.", dead_letter, 202},
    rest_route{at("GET", "/api/deliveries"), "deliveries.list",
               "What became of replies that go out through channels, the newest first.", deliveries_list},
    rest_route{at("GET", "/api/devices"), "device.pair.list",
               "Lists paired devices and those that ask to be."},
    rest_route{at("POST", "/api/devices/requests/{requestId}/approve", max_rest_body),
               "device.pair.approve", "Lets a device in.", one_request},
    rest_route{at("POST", "/api/devices/requests/{requestId}/reject", max_rest_body),
               "device.pair.reject", "Turns a device away.", one_request},
    rest_route{at("PATCH", "/api/devices/{deviceId}", max_rest_body), "device.pair.rename",
               "Gives a device a label.", device_rename},
    rest_route{at("DELETE", "/api/devices/{deviceId}"), "device.pair.remove",
               "Forgets a device and ends its connections.", one_device},
    rest_route{at("POST", "/api/devices/{deviceId}/token/revoke", max_rest_body),
               "device.token.revoke", "Ends a device's token.", token_revoke},
    rest_route{at("POST", "/api/devices/{deviceId}/token/rotate", max_rest_body),
               "device.token.rotate",
               "Ends a device's token; its next connection gets another one.", token_rotate},
    rest_route{at("GET", "/api/logs"), "logs.tail", "The end of the log.", logs},
    rest_route{at("GET", "/api/models"), "models.list", "Lists models."},
    rest_route{at("GET", "/api/node-requests"), "node.pair.list",
               "Lists what nodes wish to offer and what is approved."},
    rest_route{at("POST", "/api/node-requests/{requestId}/approve", max_rest_body), "node.pair.approve",
               "Lets a node offer what it wishes.", node_request},
    rest_route{at("POST", "/api/node-requests/{requestId}/reject", max_rest_body), "node.pair.reject",
               "Turns a node's wish down.", node_request},
    rest_route{at("GET", "/api/nodes"), "node.list", "Lists nodes and what they offer."},
    rest_route{at("GET", "/api/nodes/{nodeId}"), "node.describe", "One node.", one_node},
    rest_route{at("PATCH", "/api/nodes/{nodeId}", max_rest_body), "node.rename", "Gives a node a name.",
               node_rename},
    rest_route{at("DELETE", "/api/nodes/{nodeId}"), "node.pair.remove",
               "Forgets a device as a node and ends that connection.", one_node},
    rest_route{at("POST", "/api/nodes/{nodeId}/invoke", max_rest_body), "node.invoke",
               "Asks a node for a command and answers with what it gives.", node_invoke},
    rest_route{at("GET", "/api/presence"), "system-presence", "Who is connected."},
    rest_route{at("GET", "/api/runs/{runId}"), "agent.wait",
               "How a run stands. `timeout`: it has not ended, or is not known.", run_wait, 200,
               R"({"timeoutMs":0})"},
    rest_route{at("POST", "/api/runs/{runId}/abort", max_rest_body), "sessions.abort", "Stops a run.",
               run_abort},
    rest_route{at("GET", "/api/sessions"), "sessions.list",
               "Lists sessions, the latest first.", sessions_list},
    rest_route{at("POST", "/api/sessions", max_message_body), "sessions.create",
               "Makes a session, or finds the one with this key.", sessions_create},
    rest_route{at("GET", "/api/sessions/{key}"), "sessions.describe", "One session.",
               sessions_describe, 200, {}, {}, "session"},
    rest_route{at("PATCH", "/api/sessions/{key}", max_rest_body), "sessions.patch",
               "Changes a session's label and marks.", sessions_patch},
    rest_route{at("DELETE", "/api/sessions/{key}"), "sessions.delete",
               "Deletes a session and its messages.", sessions_delete},
    rest_route{at("POST", "/api/sessions/{key}/abort", max_rest_body), "sessions.abort",
               "Stops what runs in a session.", sessions_abort},
    rest_route{at("POST", "/api/sessions/{key}/compact", max_rest_body), "sessions.compact",
               "Deletes the oldest messages of a session.", sessions_compact},
    rest_route{at("POST", "/api/sessions/{key}/inject", max_message_body), "chat.inject",
               "Puts a message into a conversation as if the assistant had said it.", chat_inject},
    rest_route{at("GET", "/api/sessions/{key}/messages"), "chat.history",
               "What was said in a session, the oldest first.", chat_history},
    rest_route{at("POST", "/api/sessions/{key}/messages", max_message_body), "chat.send",
               "Says something in a session; answers once it is accepted.", chat_send, 202},
    rest_route{at("GET", "/api/sessions/{key}/messages/{messageId}"), "chat.message.get",
               "One message in full.", chat_message, 200, {}, {}, "message"},
    rest_route{at("POST", "/api/sessions/{key}/reset", max_rest_body), "sessions.reset",
               "Empties a session.", sessions_reset},
    rest_route{at("GET", "/api/sessions/{key}/tools"), "tools.effective",
               "Lists the tools that a session has.", tools_effective},
    rest_route{at("GET", "/api/status"), "status", "The state of the gateway."},
    rest_route{at("GET", "/api/system"), "system.info", "The machine that it runs on."},
    rest_route{at("GET", "/api/tools"), "tools.catalog", "Lists an agent's tools.", tools_catalog},
};

}  // namespace

std::span<const rest_route> all_rest_routes() {
    return table;
}

}  // namespace openclaw::ingress
