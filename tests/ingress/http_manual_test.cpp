// docs/http-api.md is made of the tables; here is how, and the comparison.

#include "ingress/rest.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace openclaw::ingress {
namespace {

constexpr std::string_view introduction = R"(# HTTP API

<!-- Generated from the tables of routes in src/ingress; tests/ingress/http_manual_test.cpp compares them. -->

One port serves HTTP/1.1 and the WebSocket. The same as an OpenAPI 3.1 document:
`GET /api/openapi.json`.

```sh
TOKEN=$(openclaw config get gateway.auth.token --reveal)
curl -s http://127.0.0.1:18789/api/sessions -H "Authorization: Bearer $TOKEN"
curl -s http://127.0.0.1:18789/api/sessions/main/messages -H "Authorization: Bearer $TOKEN" \
  -H 'Content-Type: application/json' -d '{"message": "hi"}'
```

- **Credential**: `Authorization: Bearer …` with the gateway's token, on `/v1` also `x-api-key`. 401 without
  one, 403 without the scope.
- **Bodies** are JSON. `/api` and `/tools/invoke` want objects sent as `application/json` without a coding:
  415 else. `/v1` and `/hooks` do not look at `Content-Type`; `/v1` refuses a coding with 415. 413 when too
  large, 400 when objects and lists stand in each other more than 32 levels deep.
- **Names** in a path are percent-encoded: `agent:main:a/b` is `agent%3Amain%3Aa%2Fb`. A parameter or a
  member that a route of `/api` does not know is refused by name with 400, as is one of the wrong type; the
  model APIs pass over what they do not know.
- **Errors** of `/api` and of OpenAI's APIs have one shape,
  `{"error":{"message","type","code","param","requestId","details"?}}`, and `details` are those of the method.
  Under `/v1/messages`, and under `/v1/models` with the header `Anthropic-Version`, they are
  `{"type":"error","error":{"type","message"},"request_id"}`, of `/tools/invoke`
  `{"ok":false,"error":{"type","message"}}`, of `/hooks` `{"ok":false,"error"}`;
  what is refused before the route is reached (401, 405, 413, 421) has the common form, or is plain text at
  `/hooks`. The request id also stands in
  `X-Request-Id`, for Anthropic's libraries in `request-id`. A wrong method is a 405 with `Allow`. 429 and 503
  come with `Retry-After`.
- **Trying again**: a turn that was stopped (409), that the provider rejects (400), that has run a tool
  or that would fail again comes with `x-should-retry: false`, which the libraries of OpenAI and Anthropic
  obey; what was refused before its turn may be sent again.
- **Results** of `/api` are those of the WebSocket method that stands with the route: it is the same
  operation, with the same scope.
- **Repetition**: on `/api` where it is listed, and on `/hooks`, a request with an `Idempotency-Key` can be
  sent again when its answer was lost. `/v1` does not look at it: sent again, an agent answers again.
- `HEAD` is answered wherever `GET` is.
)";

constexpr std::string_view models = R"(
## The model APIs

`model` chooses who answers: `openclaw` the default agent, `openclaw/<agent>` that one, `provider/model` a
provider's model. To the last a request goes byte for byte but for the model's name, and its answer comes back
as it is; only keys are masked in errors, and a refusal of the gateway's own key is a 502. The header
`X-OpenClaw-Agent-Id` names the agent where `model` names none; `X-OpenClaw-Model` (`provider/model`) has the
agent use that model for this answer, and no other if it fails.

An agent answers in a session. A request has a new one of its own, and brings the conversation along, unless

- the header `X-OpenClaw-Session-Key` names one: `agent:<agent>:<rest>`, or a name of your own;
- `user`, of OpenAI's APIs, says whose it is: each user has one session per agent (`metadata.user_id` of
  Messages chooses none);
- `previous_response_id` goes on from an earlier response: in its session if that ends with it, else in a
  new one that begins like it, so that two continuations of one response do not see each other.

The sessions that are made for one request are nobody's. Lists of sessions and the figures of health leave
them out until somebody comes back to one or marks it; `includeUnknown=true` lists them. Names that
begin with `subagent:`, `cron:` or `acp:` are the gateway's own: no request may choose one, on `/v1`,
`/api`, `/hooks` or over the WebSocket.
)";

constexpr std::string_view invoke = R"(
## One tool

`POST /tools/invoke` takes `{"tool", "args", "action", "sessionKey", "agentId", "idempotencyKey"}` of at most
2 MB; `name` is another word for `tool`, and `action` a short way to write `args.action` of a tool that has
it. The answer is `{"ok":true,"result":{"content","details"}}`, or `{"ok":false,"error":{"type","message"}}`
with 400 (`invalid_request`, `tool_error`) or 404 (`not_found`). What could change the machine or other
sessions (exec, spawn, shell, fs_write, fs_delete, fs_move, apply_patch, sessions_spawn, sessions_send, cron,
gateway, nodes) is not there over HTTP. `dryRun` is not in effect in this version.
)";

std::string_view access_text(access who) {
    switch (who) {
    case access::open: return "everybody";
    case access::scrape: return "this machine, or a credential";
    case access::read: return "operator.read";
    case access::write: return "operator.write";
    case access::known: return "a credential";
    case access::own: return "its own";
    }
    return "";
}

std::string_view place_text(const rest_param& p) {
    switch (p.in) {
    case value_place::path: return "path";
    case value_place::query: return "query";
    case value_place::header: return "header";
    case value_place::whole: return "the body";
    case value_place::body: return p.required ? "body, needed" : "body";
    }
    return "";
}

std::string_view kind_text(value_kind kind) {
    switch (kind) {
    case value_kind::text: return "string";
    case value_kind::integer: return "integer";
    case value_kind::boolean: return "boolean";
    case value_kind::boolean_or_all: return "boolean or `all`";
    case value_kind::texts: return "strings";
    case value_kind::object: return "object";
    case value_kind::tag: return "entity tag";
    }
    return "";
}

std::string section_of(const rest_route& row) {
    const auto needed = find_method(row.operation)->needed;
    std::ostringstream out;
    out << "\n### " << row.at.method << " " << row.at.path << "\n\n"
        << row.summary << " Method `" << row.operation << "`, "
        << (needed ? "scope `" + std::string(name_of(*needed)) + "`" : "no scope") << ", status "
        << row.status << ".\n";
    if (row.params.empty()) return out.str();
    out << "\n| name | in | type | |\n| --- | --- | --- | --- |\n";
    for (const auto& p : row.params) {
        out << "| `" << p.name << "` | " << place_text(p) << " | " << kind_text(p.kind) << " | " << p.doc
            << " |\n";
    }
    return out.str();
}

std::string manual() {
    std::ostringstream out;
    out << introduction << "\n## Routes besides /api\n\n| route | for | |\n| --- | --- | --- |\n";
    for (const auto& r : all_routes()) {
        out << "| `" << r.method << " " << r.path << "` | " << access_text(r.who) << " | " << summary_of(r)
            << " |\n";
    }
    out << models << invoke << "\n## /api\n";
    for (const auto& row : all_rest_routes()) out << section_of(row);
    return out.str();
}

// With OPENCLAW_WRITE_GENERATED set the file is written anew, for the author of a new route.
TEST(generated, the_http_manual_is_up_to_date) {
    const auto file = std::string(OPENCLAW_SOURCE_DIR) + "/docs/http-api.md";
    const auto wanted = manual();
    if (std::getenv("OPENCLAW_WRITE_GENERATED") != nullptr) std::ofstream(file) << wanted;
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_TRUE(text.str() == wanted) << "docs/http-api.md is not what the tables say; write it anew "
                                         "with OPENCLAW_WRITE_GENERATED=1 test_ingress";
}

TEST(openapi, knows_what_routes_have_of_their_own) {
    const auto document = openapi_document("1", "/metrics");
    const auto& paths = document["paths"];
    const auto error_of = [&](const char* path, const char* method) {
        const auto ref = paths[path][method]["responses"]["default"]["$ref"].get<std::string>();
        return ref.substr(ref.rfind('/') + 1);
    };
    EXPECT_EQ(error_of("/api/sessions", "get"), "Error");
    EXPECT_EQ(error_of("/v1/chat/completions", "post"), "Error");
    EXPECT_EQ(error_of("/v1/messages", "post"), "MessagesError");
    EXPECT_EQ(error_of("/tools/invoke", "post"), "ToolError");
    EXPECT_EQ(error_of("/hooks/{name}", "post"), "HookError");
    for (const auto& [name, answer] : document["components"]["responses"].items()) {
        EXPECT_EQ(answer["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/" + name);
        EXPECT_TRUE(document["components"]["schemas"].contains(name)) << name;
    }
    const auto& events = paths["/api/sessions/{key}/events"]["get"];
    EXPECT_TRUE(events["responses"]["2XX"]["content"].contains("text/event-stream"));
    EXPECT_EQ(events["parameters"][1]["name"], "Last-Event-ID");
    EXPECT_TRUE(paths["/api/config"]["get"]["responses"]["200"]["headers"].contains("ETag"));
    const auto& chat = paths["/v1/chat/completions"]["post"];
    EXPECT_EQ(chat["security"], json::parse(R"([{"bearer":[]},{"apiKey":[]}])"));
    EXPECT_EQ(chat["parameters"][1]["name"], "X-OpenClaw-Session-Key");
    EXPECT_TRUE(chat["responses"]["2XX"]["content"].contains("text/event-stream"));
    EXPECT_FALSE(paths["/v1/embeddings"]["post"].contains("parameters"));
    EXPECT_EQ(document["components"]["securitySchemes"]["apiKey"]["name"], "x-api-key");
}

}  // namespace
}  // namespace openclaw::ingress
