// POST /tools/invoke: one tool, over the same operation as the method tools.invoke (protocol.md §7).

#include "ingress/errors.hpp"
#include "ingress/operation_call.hpp"
#include "ingress/rest.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

// What a bearer of the token may not do without a conversation around it (protocol.md §7): such a
// tool is answered as if there were none of this name.
constexpr std::array denied{"exec",         "spawn",       "shell", "fs_write",
                            "fs_delete",    "fs_move",     "apply_patch",
                            "sessions_spawn", "sessions_send", "cron", "gateway", "nodes"};

net::http_response failed(int status, std::string_view type, const std::string& message) {
    auto r = json_response(
        status, dump({{"ok", false}, {"error", {{"type", type}, {"message", message}}}}));
    return r;
}

net::http_response no_tool(const std::string& name) {
    return failed(404, "not_found", "Tool not available: " + name);
}

error bad_member(std::string_view name, std::string_view problem) {
    return error(errc::invalid_input, "`" + std::string(name) + "` " + std::string(problem));
}

result<std::string> text_member(const json& body, const char* name) {
    const auto* value = find(body, name);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return bad_member(name, "must be a string");
    return value->get<std::string>();
}

result<std::string> tool_name(const json& body) {
    auto tool = text_member(body, "tool");
    if (!tool) return tool;
    auto name = text_member(body, "name");
    if (!name) return name;
    if (tool->empty()) tool = name;
    if (tool->empty()) return bad_member("tool", "is missing");
    if (!name->empty() && *name != *tool) {
        return bad_member("tool", "and `name` are two words for the same; send one");
    }
    return tool;
}

// Whether the tool has a parameter of its own that is called `action`.
bool takes_action(const tools::tool* t) {
    if (t == nullptr) return false;
    const auto* properties = find(t->definition().parameters.value(), "properties");
    return properties != nullptr && find(*properties, "action") != nullptr;
}

// `action` is a short way to write `args.action`.
result<json> args_of(const json& body, const tools::tool* t) {
    const auto* args = find(body, "args");
    json out = args == nullptr || args->is_null() ? json::object() : *args;
    if (!out.is_object()) return bad_member("args", "must be an object");
    auto action = text_member(body, "action");
    if (!action) return action.error();
    if (action->empty()) return out;
    if (!takes_action(t)) return bad_member("action", "is nothing that this tool takes");
    out.emplace("action", std::move(*action));
    return out;
}

// The params of tools.invoke.
result<json> invoke_params(const json& body, const std::string& name, const tools::tool* t) {
    auto dry = find_bool(body, "dryRun");
    const auto* asked = find(body, "dryRun");
    if (asked != nullptr && !asked->is_null() && !dry) {
        return bad_member("dryRun", "must be true or false");
    }
    if (dry.value_or(false)) return bad_member("dryRun", "is not in effect in this version");
    auto args = args_of(body, t);
    if (!args) return args.error();
    json params{{"name", name}, {"args", std::move(*args)}};
    for (const char* member : {"sessionKey", "agentId", "idempotencyKey"}) {
        auto value = text_member(body, member);
        if (!value) return value.error();
        if (!value->empty()) params[member] = std::move(*value);
    }
    return params;
}

net::http_response answer_of(json payload) {
    if (payload.value("ok", false)) {
        return json_response(200, dump({{"ok", true}, {"result", std::move(payload["output"])}}));
    }
    const auto& e = payload["error"];
    const int status = string_or(e, "code") == "not_found" ? 404 : 400;
    return failed(status, string_or(e, "code"), string_or(e, "message"));
}

// What the method refused before the tool ran.
net::http_response answer_of(const error& e) {
    const int status = http_status(e.code);
    const auto type = status == 400 ? "invalid_request" : name_of(e.code);
    auto r = failed(status, type, public_message(e));
    if (status == 429 || status == 503) r.headers.add("Retry-After", "1");
    return r;
}

}  // namespace

task<http_answer> route_tools_invoke(http_call call) {
    if (auto problem = body_form_problem(call.request)) {
        co_return failed(415, "invalid_request", *problem);
    }
    const auto body = parse_json(call.request.body);
    if (!body) co_return failed(400, "invalid_request", body.error().message);
    if (!body->is_object()) {
        co_return failed(400, "invalid_request", "The body must be a JSON object.");
    }
    auto name = tool_name(*body);
    if (!name) co_return answer_of(name.error());
    if (std::find(denied.begin(), denied.end(), *name) != denied.end()) co_return no_tool(*name);
    const auto* known = call.gateway.d.tools.find(*name);
    if (known == nullptr) co_return no_tool(*name);
    auto params = invoke_params(*body, *name, known);
    if (!params) co_return answer_of(params.error());
    const auto& m = *find_method("tools.invoke");
    if (auto missing = m.missing_for(call.who, *params)) {
        co_return missing_scope_response(*missing, call.request_id);
    }
    json refusal;
    auto outcome = co_await call_operation(call, m, std::move(*params), refusal);
    if (!outcome) co_return answer_of(outcome.error());
    co_return answer_of(std::move(*outcome));
}

}  // namespace openclaw::ingress
