// node.invoke: a command for a node, and its answer (protocol.md §8).

#include "ingress/methods.hpp"

#include "ingress/node_json.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_command = 128;
constexpr std::size_t max_invoke_key = 256;
// As many as one node may have pending fit into what waits for one reader.
constexpr std::size_t max_invoke_params = 256 << 10;
constexpr milliseconds default_limit{30'000};
constexpr milliseconds longest_limit{600'000};
constexpr std::size_t max_told_error = 500;

// Params with which a node's own approvals of commands could be passed by.
constexpr const char* approval_fields[] = {"approved", "approvalDecision", "approvalSource"};

error refuse_command(const method_call& c, const std::string& command, const std::string& reason) {
    c.refusal = {{"details", {{"reason", reason}, {"command", command}}}};
    return error(errc::invalid_input, "node command not allowed: " + reason);
}

// Whether this node may be asked for this command now.
result<void> check_command(const method_call& c, const auth::device& d, const connected_node& here,
                           const std::string& command) {
    if (command.starts_with("system.execApprovals.")) {
        return refuse_command(c, command, "system.execApprovals.* is not for node.invoke");
    }
    if (!auth::is_on_platform(command, here.platform)) {
        return refuse_command(c, command, "command not allowlisted");
    }
    if (!here.declared.offers(command)) return refuse_command(c, command, "command not declared by node");
    if (!surface_in_effect(d, &here).offers(command)) {
        return refuse_command(c, command, "command not approved (node.pair.approve)");
    }
    return {};
}

// A number of milliseconds within our bounds; 0 and none at all mean the default.
result<milliseconds> limit_param(const method_call& c) {
    auto limit = optional_int(c, "timeoutMs", 0, INT64_MAX, 0);
    if (!limit) return limit.error();
    if (*limit == 0) return default_limit;
    return std::min(milliseconds(*limit), longest_limit);
}

result<std::optional<std::string>> params_param(const method_call& c, const std::string& command) {
    const auto* params = find(c.params, "params");
    if (params == nullptr) return std::optional<std::string>();
    if (command == "system.run" || command == "system.run.prepare") {
        for (const char* field : approval_fields) {
            const auto* value = find(*params, field);
            if (value == nullptr || value->is_null() || *value == false) continue;
            return error(errc::invalid_input,
                         "`params." + std::string(field) + "` is not in effect in this version");
        }
    }
    auto text = dump(*params);
    if (text.size() > max_invoke_params) {
        return bad_params(c, "at /params: must not be longer than " + std::to_string(max_invoke_params) +
                                 " bytes");
    }
    return std::optional(std::move(text));
}

result<node_command> read_command(const method_call& c) {
    auto node = required_text(c, "nodeId", max_device_id);
    if (!node) return node.error();
    auto command = required_text(c, "command", max_command);
    if (!command) return command.error();
    auto key = required_text(c, "idempotencyKey", max_invoke_key);
    if (!key) return key.error();
    auto limit = limit_param(c);
    if (!limit) return limit.error();
    auto params = params_param(c, *command);
    if (!params) return params.error();
    node_command out;
    out.node = std::move(*node);
    out.command = std::move(*command);
    out.caller = c.who.subject() + "|" + c.device;
    out.key = std::move(*key);
    out.params = std::move(*params);
    out.limit = *limit;
    return out;
}

error tell(const method_call& c, const node_command& asked, const error& e) {
    if (e.code != errc::timed_out) return e;
    c.refusal = {{"details", {{"code", "TIMEOUT"}, {"command", asked.command}}}};
    return error(errc::unavailable,
                 "the node did not answer within " + std::to_string(asked.limit.count()) + " ms");
}

// What the node itself says of its failure.
error failure_of(const method_call& c, const node_answer& a) {
    c.refusal = {{"retryable", nullptr},
                 {"details",
                  {{"code", "NODE_ERROR"},
                   {"nodeError", {{"code", a.error_code}, {"message", a.error_message}}}}}};
    const auto& told = a.error_message.empty() ? a.error_code : a.error_message;
    if (told.empty()) return error(errc::unavailable, "the node refused the command");
    return error(errc::unavailable, printable(told, max_told_error));
}

}  // namespace

scope scope_of_invoke(const json& params) {
    const auto command = string_or(params, "command");
    const bool admin = command == "browser.proxy" || command == "fs.listDir" || command == "terminal.upload";
    return admin ? scope::admin : scope::write;
}

task<result<json>> call_node_invoke(method_call c) {
    auto asked = read_command(c);
    if (!asked) co_return asked.error();
    auto& devices = c.gateway.devices;
    if (auto loaded = co_await devices.load(); !loaded) co_return loaded.error();
    const auto d = devices.find(asked->node, "node");
    if (!d) co_return unknown_node();
    const auto here = c.gateway.nodes.find(asked->node);
    if (!here) {
        c.refusal = {{"details", {{"code", "NOT_CONNECTED"}}}};
        co_return error(errc::unavailable, "node not connected");
    }
    if (auto allowed = check_command(c, *d, *here, asked->command); !allowed) co_return allowed.error();
    auto answered = co_await c.gateway.nodes.invoke(*asked);
    if (!answered) co_return tell(c, *asked, answered.error());
    const auto& a = **answered;
    if (!a.ok) co_return failure_of(c, a);
    json out{{"ok", true}, {"nodeId", asked->node}, {"command", asked->command}, {"payload", a.payload}};
    out["payloadJSON"] = nullptr;
    if (a.payload_json) out["payloadJSON"] = *a.payload_json;
    co_return out;
}

}  // namespace openclaw::ingress
