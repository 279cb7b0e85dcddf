// The OpenAPI 3.1 document, made of the tables that requests are matched against.

#include "ingress/rest.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace openclaw::ingress {

namespace {

struct route_summary {
    std::string_view method, path, text;
};

// Of the routes that are not REST; a test compares it with them.
constexpr std::array summaries{
    route_summary{"GET", "/api/openapi.json", "This document."},
    route_summary{"GET", "/api/sessions/*/events",
                  "The events of a session as server-sent events; Last-Event-ID goes on after that one."},
    route_summary{"GET", "/health", "The health of the parts."},
    route_summary{"GET", "/health/detail",
                  "The health of every part, with reasons; also /health?detail=1."},
    route_summary{"GET", "/healthz", "Whether it lives."},
    route_summary{"POST", "/hooks/*", "Takes a message of a configured webhook."},
    route_summary{"GET", "/metrics", "Figures for Prometheus."},
    route_summary{"GET", "/ready", "The same as /readyz."},
    route_summary{"GET", "/readyz", "Whether it takes work."},
    route_summary{"GET", "/sessions/*/history",
                  "As /api/sessions/{key}/messages, which stands below; its messages are also its `items`."},
    route_summary{"GET", "/startup", "The same as /startupz."},
    route_summary{"GET", "/startupz", "Whether it has started."},
    route_summary{"POST", "/tools/invoke", "Runs one tool."},
    route_summary{"POST", "/v1/chat/completions", "Answers a conversation, as OpenAI's API does."},
    route_summary{"POST", "/v1/embeddings", "Makes embeddings, as OpenAI's API does."},
    route_summary{"POST", "/v1/messages", "Answers a conversation, as Anthropic's API does."},
    route_summary{"POST", "/v1/messages/count_tokens",
                  "An estimate of the tokens in a request to /v1/messages: four bytes count as one."},
    route_summary{"POST", "/v1/responses", "Answers a conversation, as OpenAI's Responses API does."},
    route_summary{"GET", "/v1/models",
                  "Lists what the model APIs take as model; with Anthropic-Version in Anthropic's form."},
    route_summary{"GET", "/v1/models/*", "One of them."},
};

std::string lower(std::string_view method) {
    std::string out;
    for (const char c : method) out += static_cast<char>(c | 0x20);
    return out;
}

json schema_of(value_kind kind) {
    switch (kind) {
    case value_kind::integer: return {{"type", "integer"}};
    case value_kind::boolean: return {{"type", "boolean"}};
    case value_kind::boolean_or_all: return {{"type", "string"}, {"enum", {"true", "false", "all"}}};
    case value_kind::texts: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case value_kind::object: return {{"type", "object"}};
    case value_kind::tag:
    case value_kind::text: break;
    }
    return {{"type", "string"}};
}

std::string_view name_of(value_place in) {
    return in == value_place::path ? "path" : in == value_place::query ? "query" : "header";
}

json parameter(const rest_param& p) {
    json schema = schema_of(p.kind);
    if (p.in == value_place::path) {
        schema["minLength"] = 1;
        schema["maxLength"] = max_path_value;
    }
    return {{"name", p.name},
            {"in", name_of(p.in)},
            {"required", p.required},
            {"description", p.doc},
            {"schema", std::move(schema)}};
}

json request_body(json schema, bool required) {
    return {{"required", required},
            {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

// Null leaves an optional member out, or clears what it names.
json member_schema(const rest_param& p) {
    json schema = schema_of(p.kind);
    if (!p.required) schema["type"] = {schema["type"], "null"};
    schema["description"] = p.doc;
    return schema;
}

json body_of(const rest_route& row) {
    json properties = json::object(), required = json::array();
    for (const auto& p : row.params) {
        if (p.in == value_place::whole) return request_body({{"type", "object"}}, p.required);
        if (p.in != value_place::body) continue;
        properties[std::string(p.name)] = member_schema(p);
        if (p.required) required.push_back(p.name);
    }
    if (properties.empty()) return nullptr;
    json schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    const bool needed = !required.empty();
    if (needed) schema["required"] = std::move(required);
    return request_body(std::move(schema), needed);
}

// "/v1/models/*" as a template, and what OpenAPI calls its last part.
std::string template_of(std::string_view path) {
    const auto star = path.find('*');
    if (star == std::string_view::npos) return std::string(path);
    const bool last = star + 1 == path.size();
    return std::string(path.substr(0, star)) + (last ? "{name}" : "{key}") +
           std::string(path.substr(star + 1));
}

// "GET /api/sessions/{key}/messages" → "getApiSessionsByKeyMessages".
std::string operation_id(std::string_view method, std::string_view path) {
    std::string id = lower(method);
    bool upper = true;
    for (const char c : path) {
        if (c == '{') id += "By";
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter) id += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
        upper = !letter;
    }
    return id;
}

// What the path is about: "sessions" of "/api/sessions/{key}", "v1" of "/v1/models".
std::string tag_of(const route& r, std::string_view path) {
    if (r.who == access::open) return "health";
    if (path.starts_with("/api/")) path.remove_prefix(4);
    path.remove_prefix(1);
    return std::string(path.substr(0, path.find_first_of("/.")));
}

bool is_model_api(std::string_view path) { return path.starts_with("/v1/"); }

// Of what a route answers.
json content_of(const route& r, const std::string& path) {
    if (r.who == access::scrape) return {{"text/plain", json::object()}};
    if (path.ends_with("/events")) return {{"text/event-stream", json::object()}};
    json content{{"application/json", json::object()}};
    const bool streams = is_model_api(path) && r.max_body > 0 && path != "/v1/embeddings";
    if (streams) content["text/event-stream"] = json::object();
    return content;
}

// In whose words a route tells an error.
std::string errors_of(const std::string& path) {
    if (path == "/v1/messages") return "MessagesError";
    if (path == "/tools/invoke") return "ToolError";
    if (path.starts_with("/hooks/")) return "HookError";
    return "Error";
}

json operation(const route& r, const std::string& path, std::string_view summary,
               const std::string& status) {
    json out{{"operationId", operation_id(r.method, path)},
             {"summary", summary},
             {"tags", {tag_of(r, path)}},
             {"responses",
              {{status, {{"description", "Done."}, {"content", content_of(r, path)}}},
               {"default", {{"$ref", "#/components/responses/" + errors_of(path)}}}}}};
    if (r.who == access::open || r.who == access::own) out["security"] = json::array();
    if (is_model_api(path)) {
        out["security"] = {{{"bearer", json::array()}}, {{"apiKey", json::array()}}};
    }
    return out;
}

json rest_operation(const rest_route& row) {
    json out = operation(row.at, std::string(row.at.path), row.summary,
                         std::to_string(row.status));
    const auto& m = *find_method(row.operation);
    out["x-openclaw-method"] = m.name;
    if (m.needed) out["x-openclaw-scope"] = openclaw::name_of(*m.needed);
    if (!row.tag.empty()) {
        out["responses"][std::to_string(row.status)]["headers"]["ETag"] = {
            {"description", "For If-Match of the next change."}, {"schema", {{"type", "string"}}}};
    }
    json parameters = json::array();
    for (const auto& p : row.params) {
        if (p.in == value_place::body || p.in == value_place::whole) continue;
        parameters.push_back(parameter(p));
    }
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    if (auto body = body_of(row); !body.is_null()) out["requestBody"] = std::move(body);
    return out;
}

json header_parameter(std::string_view name, std::string_view doc) {
    return {{"name", name},
            {"in", "header"},
            {"required", false},
            {"description", doc},
            {"schema", {{"type", "string"}}}};
}

json plain_parameters(const route& r, const std::string& path) {
    json out = json::array();
    if (const auto open = path.find('{'); open != std::string::npos) {
        out.push_back({{"name", path.substr(open + 1, path.find('}') - open - 1)},
                       {"in", "path"},
                       {"required", true},
                       {"schema", {{"type", "string"}}}});
    }
    if (path.ends_with("/events")) {
        out.push_back(header_parameter("Last-Event-ID", "Goes on after the event of this id."));
    }
    if (path.starts_with("/hooks/")) {
        out.push_back(header_parameter("Idempotency-Key",
                                       "A repetition with the same key does nothing twice."));
    }
    if (is_model_api(path) && r.max_body > 0 && path != "/v1/embeddings") {
        out.push_back(header_parameter("X-OpenClaw-Agent-Id", "The agent, when the model names none."));
        out.push_back(header_parameter("X-OpenClaw-Session-Key",
                                       "The session that an agent answers in; a new one without it."));
    }
    return out;
}

json plain_operation(const route& r, const std::string& path) {
    json out = operation(r, path, summary_of(r), "2XX");
    if (auto all = plain_parameters(r, path); !all.empty()) out["parameters"] = std::move(all);
    if (r.max_body > 0) out["requestBody"] = request_body({{"type", "object"}}, true);
    if (r.who == access::read) out["x-openclaw-scope"] = openclaw::name_of(scope::read);
    if (r.who == access::write) out["x-openclaw-scope"] = openclaw::name_of(scope::write);
    return out;
}

json text_schema(std::string_view doc) { return {{"type", "string"}, {"description", doc}}; }

json object_schema(json properties) {
    json required = json::array();
    for (const auto& [name, schema] : properties.items()) required.push_back(name);
    return {{"type", "object"}, {"required", std::move(required)}, {"properties", std::move(properties)}};
}

json error_answer(std::string_view schema, std::string_view doc) {
    const auto name = "#/components/schemas/" + std::string(schema);
    return {{"description", doc}, {"content", {{"application/json", {{"schema", {{"$ref", name}}}}}}}};
}

// Errors of the routes whose clients expect words of their own.
json own_errors() {
    const auto type = text_schema("The reason, for programs.");
    const auto message = text_schema("What happened, and what to do.");
    const json yes_or_no{{"type", "boolean"}};
    return {{"MessagesError",
             object_schema({{"type", text_schema("`error`.")},
                            {"error", object_schema({{"type", type}, {"message", message}})},
                            {"request_id", text_schema("As in X-Request-Id.")}})},
            {"ToolError",
             object_schema({{"ok", yes_or_no},
                            {"error", object_schema({{"type", type}, {"message", message}})}})},
            {"HookError", object_schema({{"ok", yes_or_no}, {"error", message}})}};
}

json components() {
    json error{{"type", "object"},
               {"required", {"message", "type", "code", "requestId"}},
               {"properties",
                {{"message", {{"type", "string"}, {"description", "What happened, and what to do."}}},
                 {"type", {{"type", "string"}, {"description", "The class, as OpenAI's API has it."}}},
                 {"code", {{"type", "string"}, {"description", "The reason, for programs."}}},
                 {"param", {{"type", {"string", "null"}}}},
                 {"requestId", {{"type", "string"}, {"description", "As in X-Request-Id."}}},
                 {"details", {{"type", "object"}}}}}};
    json whole{{"type", "object"},
               {"required", {"error"}},
               {"properties", {{"error", std::move(error)}}}};
    json schemas = own_errors();
    schemas["Error"] = std::move(whole);
    constexpr std::string_view before = "It could not be done. What fails before the route, such as a "
                                        "wrong credential, may be told as Error.";
    return {{"securitySchemes",
             {{"bearer",
               {{"type", "http"}, {"scheme", "bearer"}, {"description", "The gateway's token."}}},
              {"apiKey",
               {{"type", "apiKey"},
                {"in", "header"},
                {"name", "x-api-key"},
                {"description", "The gateway's token, as Anthropic's libraries send it."}}}}},
            {"schemas", std::move(schemas)},
            {"responses",
             {{"Error", error_answer("Error", "It could not be done.")},
              {"MessagesError", error_answer("MessagesError", "It could not be done.")},
              {"ToolError", error_answer("ToolError", before)},
              {"HookError", error_answer("HookError", before)}}}};
}

}  // namespace

std::string_view summary_of(const route& r) {
    const auto found = std::find_if(summaries.begin(), summaries.end(), [&](const auto& s) {
        return s.method == r.method && s.path == r.path;
    });
    return found == summaries.end() ? std::string_view() : found->text;
}

json openapi_document(std::string_view version, std::string_view metrics_path) {
    json paths = json::object();
    std::set<std::string> tags;
    const auto add = [&](const std::string& path, std::string_view method, json op) {
        tags.insert(op["tags"][0].get<std::string>());
        paths[path][lower(method)] = std::move(op);
    };
    for (const auto& r : all_routes()) {
        const auto path = template_of(r.path == "/metrics" ? metrics_path : r.path);
        add(path, r.method, plain_operation(r, path));
    }
    for (const auto& row : all_rest_routes()) {
        add(std::string(row.at.path), row.at.method, rest_operation(row));
    }
    json tag_list = json::array();
    for (const auto& name : tags) tag_list.push_back({{"name", name}});
    return {{"openapi", "3.1.0"},
            {"info",
             {{"title", "openclaw"},
              {"version", version},
              {"description", "The gateway's HTTP surface. What stands under /api does the same as the "
                              "WebSocket method that x-openclaw-method names."},
              {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
            {"servers", json::array({{{"url", "/"}}})},
            {"security", json::array({{{"bearer", json::array()}}})},
            {"tags", std::move(tag_list)},
            {"paths", std::move(paths)},
            {"components", components()}};
}

}  // namespace openclaw::ingress
