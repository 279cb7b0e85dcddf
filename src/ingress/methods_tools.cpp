// tools.catalog, tools.effective, tools.invoke (protocol.md §8).

#include "ingress/methods.hpp"

namespace openclaw::ingress {

namespace {

json tool_json(const tool_definition& t) {
    return {{"id", t.name}, {"label", t.name}, {"description", t.description}, {"source", "core"}};
}

// Every tool is built in, and every agent has all of them.
json groups_of(json tools) {
    return json::array(
        {{{"id", "core"}, {"label", "Built-in"}, {"source", "core"}, {"tools", std::move(tools)}}});
}

json catalog_groups(const tools::registry& registry) {
    json list = json::array();
    for (const auto& t : registry.definitions()) {
        list.push_back(tool_json(t));
        list.back()["defaultProfiles"] = json::array({"full"});
    }
    return groups_of(std::move(list));
}

json effective_groups(const tools::registry& registry) {
    json list = json::array();
    for (const auto& t : registry.definitions()) {
        list.push_back(tool_json(t));
        list.back()["rawDescription"] = t.description;
    }
    return groups_of(std::move(list));
}

json failed_call(const std::string& name, std::string_view code, const std::string& message) {
    return {{"ok", false}, {"toolName", name}, {"error", {{"code", code}, {"message", message}}}};
}

// For whom the tool runs: the session that was named, else the agent's main one.
result<tools::tool_context> context_of(const method_call& c) {
    auto asked = optional_text(c, "sessionKey", max_key);
    if (!asked) return asked.error();
    auto agent = agent_param(c);
    if (!agent) return agent.error();
    auto session = c.gateway.d.router.resolve(asked->empty() ? "main" : *asked, *agent);
    if (!session) return session.error();
    tools::tool_context context;
    context.agent = session->agent();
    context.session = session->str();
    context.run_id = "invoke-" + make_uuid(c.gateway.d.random);
    context.who = c.who;
    return context;
}

}  // namespace

task<result<json>> call_tools_catalog(method_call c) {
    auto agent = agent_param(c);
    if (!agent) co_return agent.error();
    co_return json{{"agentId", *agent},
                   {"profiles", json::array({{{"id", "full"}, {"label", "All tools"}}})},
                   {"groups", catalog_groups(c.gateway.d.tools)}};
}

task<result<json>> call_tools_effective(method_call c) {
    auto session = session_param(c, "sessionKey");
    if (!session) co_return session.error();
    auto row = co_await c.gateway.d.store.find_session(session->str());
    if (!row) co_return row.error();
    if (!*row) co_return no_session(session->str());
    co_return json{{"agentId", session->agent()},
                   {"profile", "full"},
                   {"groups", effective_groups(c.gateway.d.tools)}};
}

task<result<json>> call_tools_invoke(method_call c) {
    auto name = required_text(c, "name", 128);
    if (!name) co_return name.error();
    const auto* args = find(c.params, "args");
    if (args != nullptr && !args->is_null() && !args->is_object()) {
        co_return bad_params(c, "at /args: must be object");
    }
    auto key = optional_text(c, "idempotencyKey", 256);
    if (!key) co_return key.error();
    auto context = context_of(c);
    if (!context) co_return context.error();
    const auto* known = c.gateway.d.tools.find(*name);
    if (known == nullptr) {
        co_return failed_call(*name, "not_found", "Tool not available: " + *name);
    }
    if (!key->empty() && !known->repeatable()) {
        co_return error(errc::invalid_input, "`idempotencyKey` is not in effect in this version for "
                                             "a tool that cannot be repeated");
    }
    tool_call call{context->run_id, *name, args == nullptr || args->is_null() ? "{}" : dump(*args)};
    const auto outcome = co_await tools::run_call(c.gateway.d.tools, call, *context);
    if (outcome.is_error) co_return failed_call(*name, "tool_error", outcome.text);
    json content = json::array({{{"type", "text"}, {"text", outcome.text}}});
    co_return json{{"ok", true},
                   {"toolName", *name},
                   {"source", "core"},
                   {"output", {{"content", std::move(content)}, {"details", json::object()}}}};
}

}  // namespace openclaw::ingress
