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

- **Credential**: `Authorization: Bearer …` with the gateway's token; `/v1` takes it in `X-Api-Key` as well.
  401 without one, 403 without the scope.
- **Bodies** are JSON objects, sent as `application/json` without a coding: 415 else, 413 when too large.
- **Names** in a path are percent-encoded: `agent:main:a/b` is `agent%3Amain%3Aa%2Fb`. A parameter or a
  member that a route does not know is refused by name with 400, as is one of the wrong type.
- **Errors** have one shape, `{"error":{"message","type","code","param","requestId","details"?}}`; the
  request id also stands in `X-Request-Id`, and `details` are those of the method. A wrong method is a 405
  with `Allow`. 429 and 503 come with `Retry-After`. A turn that was stopped (409), that the model's provider
  rejects (400), that has run a tool or that would fail again comes with `x-should-retry: false`, which the
  libraries of OpenAI and Anthropic obey; what was refused before its turn may be sent again.
- **Anthropic's own**: under `/v1/messages`, and under `/v1/models` with the header `Anthropic-Version`,
  errors are `{"type":"error","error":{"type","message"},"request_id"}`, and the request id also stands in
  `request-id`.
- **Results** of `/api` are those of the WebSocket method that stands with the route: it is the same
  operation, with the same scope.
- **Repetition**: a request with an `Idempotency-Key` can be sent again when its answer was lost.
- `HEAD` is answered wherever `GET` is.
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
    out << invoke << "\n## /api\n";
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

}  // namespace
}  // namespace openclaw::ingress
