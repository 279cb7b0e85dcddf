// Every route and every method against every kind of credential. The rows are compared with the
// tables of the gateway: a new route or method without a row here fails.

#include "ingress/nodes_fixture.hpp"
#include "support/gateway_fixture.hpp"
#include "support/wire_websocket.hpp"

#include "ingress/methods.hpp"
#include "ingress/routes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace openclaw::ingress {
namespace {

using test::gateway_fixture;
using test::wire_websocket;

struct route_row {
    const char* method;
    const char* path;      // as in the table
    const char* target;    // what is asked for
    int none, wrong, good; // statuses; a read-only credential does not exist over HTTP yet
    int forwarded;         // none, from behind a proxy that nobody trusts
};

const std::vector<route_row> route_rows{
    {"GET", "/api/openapi.json", "/api/openapi.json", 401, 401, 200, 401},
    {"GET", "/health", "/health", 200, 200, 200, 200},
    {"GET", "/healthz", "/healthz", 200, 200, 200, 200},
    {"GET", "/readyz", "/readyz", 200, 200, 200, 200},
    {"GET", "/ready", "/ready", 200, 200, 200, 200},
    {"GET", "/startupz", "/startupz", 200, 200, 200, 200},
    {"GET", "/startup", "/startup", 200, 200, 200, 200},
    {"GET", "/sessions/*/history", "/sessions/main/history", 401, 401, 200, 401},
    {"GET", "/health/detail", "/health?detail=1", 401, 401, 200, 401},
    {"GET", "/metrics", "/metrics", 200, 401, 200, 401},
    {"POST", "/tools/invoke", "/tools/invoke", 401, 401, 400, 401},
    {"GET", "/v1/models", "/v1/models", 401, 401, 200, 401},
    {"GET", "/v1/models/*", "/v1/models/openclaw", 401, 401, 200, 401},
    {"POST", "/v1/chat/completions", "/v1/chat/completions", 401, 401, 400, 401},
    {"POST", "/v1/embeddings", "/v1/embeddings", 401, 401, 400, 401},
    {"POST", "/v1/messages", "/v1/messages", 401, 401, 400, 401},
    {"POST", "/v1/messages/count_tokens", "/v1/messages/count_tokens", 401, 401, 400, 401},
    {"POST", "/v1/responses", "/v1/responses", 401, 401, 400, 401},
    {"GET", "/api/sessions/*/events", "/api/sessions/%zz/events", 401, 401, 400, 401},
    {"POST", "/hooks/*", "/hooks/some", 401, 401, 401, 401},
};

TEST(privilege_matrix, every_route_has_a_row) {
    std::set<std::pair<std::string_view, std::string_view>> rows, routes;
    for (const auto& r : route_rows) rows.emplace(r.method, r.path);
    for (const auto& r : all_routes()) routes.emplace(r.method, r.path);
    EXPECT_EQ(rows, routes);
}

TEST(privilege_matrix, routes_by_credential) {
    auto settings = test::gateway_settings();
    config::hook_settings hook;
    hook.key = secret("hook-token");
    settings.hooks["some"] = hook;
    gateway_fixture gateway(settings);
    for (const auto& row : route_rows) {
        const std::string body = std::string(row.method) == "POST" ? "{}" : "";
        const auto status = [&](const std::string& fields, std::optional<std::string> token) {
            return gateway.ask(row.method, row.target, body, fields, std::move(token)).status;
        };
        EXPECT_EQ(status("", ""), row.none) << row.target;
        EXPECT_EQ(status("Authorization: Bearer \r\n", ""), row.none) << row.target;
        EXPECT_EQ(status("Authorization: Basic YWRtaW46YWRtaW4=\r\n", ""), row.none) << row.target;
        EXPECT_EQ(status("", "wrong"), row.wrong) << row.target;
        EXPECT_EQ(status("", std::string(test::gateway_token) + "x"), row.wrong) << row.target;
        EXPECT_EQ(status("", std::string(test::gateway_token).substr(1)), row.wrong) << row.target;
        EXPECT_EQ(status("", std::nullopt), row.good) << row.target;
        EXPECT_EQ(status("X-Forwarded-For: 127.0.0.1\r\n", ""), row.forwarded) << row.target;
        // Neither a header nor the query makes anybody somebody.
        EXPECT_EQ(status("X-OpenClaw-Scopes: operator.admin\r\nX-User: admin\r\n", ""), row.none)
            << row.target;
        const std::string query = std::string(row.target).find('?') == std::string::npos ? "?" : "&";
        if (std::string(row.path) != "/hooks/*") {
            EXPECT_EQ(gateway.ask(row.method, row.target + query + "token=" + test::gateway_token,
                                  body, "", "").status, row.none) << row.target;
        }
    }
}

TEST(privilege_matrix, a_wrong_credential_is_asked_for_a_bearer) {
    gateway_fixture gateway;
    const auto r = gateway.ask("GET", "/v1/models", "", "", "wrong");
    EXPECT_TRUE(r.field("www-authenticate").starts_with("Bearer"));
}

TEST(privilege_matrix, the_header_of_anthropics_libraries_is_for_the_model_apis_alone) {
    gateway_fixture gateway;
    const auto field = "X-Api-Key: " + std::string(test::gateway_token) + "\r\n";
    for (const auto& row : route_rows) {
        const std::string body = std::string(row.method) == "POST" ? "{}" : "";
        const bool own = std::string(row.path).starts_with("/v1/");
        if (std::string(row.path) == "/hooks/*") continue;
        EXPECT_EQ(gateway.ask(row.method, row.target, body, field, "").status,
                  own ? row.good : row.none) << row.target;
        EXPECT_EQ(gateway.ask(row.method, row.target, body, field, "wrong").status, row.wrong)
            << "a bearer comes first: " << row.target;
    }
    EXPECT_EQ(gateway.ask("POST", "/v1/messages", "{}", "X-Api-Key: wrong\r\n", "").status, 401);
}

// What each method needs. Params are empty: whoever may call gets an answer or a complaint about
// the params, whoever may not gets FORBIDDEN first.
struct method_row {
    const char* name;
    const char* needs;   // "": nothing; "node": that role
};

const std::vector<method_row> method_rows{
    {"agent", "operator.write"},          {"agent.wait", "operator.write"},
    {"agents.list", "operator.read"},     {"channels.status", "operator.read"},
    {"agents.create", "operator.admin"},  {"agents.update", "operator.admin"},
    {"agents.delete", "operator.admin"},  {"agents.files.set", "operator.admin"},
    {"agents.files.list", "operator.read"}, {"agents.files.get", "operator.read"},
    {"channels.logout", "operator.admin"}, {"channels.start", "operator.admin"},
    {"channels.stop", "operator.admin"},
    {"chat.abort", "operator.write"},     {"chat.history", "operator.read"},
    {"chat.send", "operator.write"},      {"health", ""},
    {"device.pair.approve", "operator.pairing"}, {"device.pair.list", "operator.pairing"},
    {"device.pair.reject", "operator.pairing"},  {"device.pair.remove", "operator.pairing"},
    {"device.pair.rename", "operator.pairing"},  {"device.token.revoke", "operator.pairing"},
    {"device.token.rotate", "operator.pairing"},
    {"models.list", "operator.read"},     {"send", "operator.write"},
    {"sessions.list", "operator.read"},   {"status", "operator.read"},
    {"sessions.subscribe", "operator.read"},
    {"agent.identity.get", "operator.read"},
    {"artifacts.list", "operator.read"},
    {"chat.inject", "operator.admin"},
    {"chat.message.get", "operator.read"},
    {"chat.metadata", "operator.read"},
    {"chat.startup", "operator.read"},
    {"commands.list", "operator.read"},
    {"config.apply", "operator.admin"},
    {"config.get", "operator.read"},
    {"config.patch", "operator.admin"},
    {"config.schema", "operator.read"},
    {"config.schema.lookup", "operator.read"},
    {"config.set", "operator.admin"},
    {"cron.add", "operator.admin"},
    {"cron.get", "operator.read"},
    {"cron.list", "operator.read"},
    {"cron.remove", "operator.admin"},
    {"cron.run", "operator.admin"},
    {"cron.runs", "operator.read"},
    {"cron.status", "operator.read"},
    {"cron.update", "operator.admin"},
    {"deadLetters.discard", "operator.admin"},
    {"deadLetters.get", "operator.read"},
    {"deadLetters.list", "operator.read"},
    {"deadLetters.retry", "operator.write"},
    {"deliveries.list", "operator.read"},
    {"environments.list", "operator.read"},
    {"exec.approval.list", "operator.approvals"},
    {"exec.approval.request", "operator.approvals"},
    {"exec.approval.resolve", "operator.approvals"},
    {"exec.approval.waitDecision", "operator.approvals"},
    {"exec.approvals.get", "operator.admin"},
    {"exec.approvals.set", "operator.admin"},
    {"set-heartbeats", "operator.admin"},
    {"system-event", "operator.admin"},
    {"wake", "operator.write"},
    {"gateway.identity.get", "operator.read"},
    {"hooks.status", "operator.read"},
    {"last-heartbeat", "operator.read"},
    {"logs.tail", "operator.read"},
    {"node.describe", "operator.read"},
    {"node.event", "node"},
    {"node.invoke", "operator.write"},
    {"node.invoke.progress", "node"},
    {"node.invoke.result", "node"},
    {"node.list", "operator.read"},
    {"node.pair.approve", "operator.pairing"},
    {"node.pair.list", "operator.pairing"},
    {"node.pair.reject", "operator.pairing"},
    {"node.pair.remove", "operator.pairing"},
    {"node.pending.ack", "node"},
    {"node.pending.drain", "node"},
    {"node.pending.pull", "node"},
    {"node.rename", "operator.pairing"},
    {"plugin.approval.list", "operator.approvals"},
    {"plugins.list", "operator.read"},
    {"projects.list", "operator.read"},
    {"question.list", "operator.questions"},
    {"secrets.store.list", "operator.admin"},
    {"sessions.groups.list", "operator.read"},
    {"sessions.unsubscribe", "operator.read"},
    {"sessions.usage", "operator.read"},
    {"skills.bins", "node"},
    {"skills.status", "operator.read"},
    {"system-presence", "operator.read"},
    {"system.info", "operator.read"},
    {"talk.config", "operator.read"},
    {"taskSuggestions.list", "operator.read"},
    {"tasks.list", "operator.read"},
    {"terminal.list", "operator.admin"},
    {"tools.catalog", "operator.read"},
    {"tools.effective", "operator.read"},
    {"tools.invoke", "operator.write"},
    {"tts.status", "operator.read"},
    {"update.status", "operator.admin"},
    {"usage.cost", "operator.read"},
    {"usage.status", "operator.read"},
    {"voicewake.get", "operator.read"},
    {"sessions.abort", "operator.write"},
    {"sessions.compact", "operator.admin"},
    {"sessions.create", "operator.write"},
    {"sessions.delete", "operator.admin"},
    {"sessions.patch", "operator.write"},
    {"sessions.reset", "operator.admin"},
    {"sessions.send", "operator.write"},
    {"sessions.describe", "operator.read"},
    {"sessions.preview", "operator.read"},
    {"sessions.resolve", "operator.read"},
    {"sessions.messages.subscribe", "operator.read"},
    {"sessions.messages.unsubscribe", "operator.read"},
};

TEST(privilege_matrix, every_method_has_a_row) {
    std::set<std::string_view> rows, methods;
    for (const auto& r : method_rows) rows.insert(r.name);
    for (const auto& m : all_methods()) methods.insert(m.name);
    EXPECT_EQ(rows, methods);
}

struct scope_case {
    const char* name;
    std::vector<std::string> scopes;
    bool reads, writes, administers = false;
    bool has(const std::string& wanted) const {
        return std::find(scopes.begin(), scopes.end(), wanted) != scopes.end();
    }
};
void PrintTo(const scope_case& c, std::ostream* out) { *out << c.name; }

class method_matrix : public testing::TestWithParam<scope_case> {};

TEST_P(method_matrix, by_scopes) {
    gateway_fixture gateway;
    wire_websocket client(gateway.port());
    const auto hello = client.connect(test::gateway_token, GetParam().scopes);
    ASSERT_EQ(hello["ok"], true) << hello;
    for (const auto& row : method_rows) {
        const std::string needs = row.needs;
        const bool may = needs.empty() || (needs == "operator.read" && GetParam().reads) ||
                         (needs == "operator.write" && GetParam().writes) ||
                         GetParam().administers || GetParam().has(needs);
        const auto r = client.call(row.name);
        if (needs == "node") {
            EXPECT_EQ(r["error"], json({{"code", "INVALID_REQUEST"},
                                        {"message", "unauthorized role: operator"}})) << row.name;
        } else if (may) {
            const bool answered = r["ok"] == true || r["error"]["code"] == "INVALID_REQUEST";
            EXPECT_TRUE(answered) << row.name << r;
        } else {
            EXPECT_EQ(r["error"], json({{"code", "FORBIDDEN"},
                                        {"message", "missing scope: " + needs},
                                        {"details",
                                         {{"code", "MISSING_SCOPE"},
                                          {"missingScope", needs},
                                          {"requiredScopes", {needs}}}}})) << row.name;
        }
    }
}

const std::vector<scope_case> scope_cases{
    {"none", {}, false, false},
    {"bogus", {"operator.root", "admin", "*"}, false, false},
    {"approvals", {"operator.approvals", "operator.pairing", "operator.talk"}, false, false},
    {"questions", {"operator.questions"}, false, false},
    {"read", {"operator.read"}, true, false},
    {"write", {"operator.write"}, true, true},
    {"admin", {"operator.admin"}, true, true, true},
};
INSTANTIATE_TEST_SUITE_P(, method_matrix, testing::ValuesIn(scope_cases),
                         [](const auto& i) { return std::string(i.param.name); });

// A node calls what is for nodes; with all scopes asked for, it has none.
TEST(privilege_matrix, methods_by_a_node) {
    gateway_fixture gateway;
    for (const auto& row : method_rows) {
        const test::test_device device;
        test::node_client node(gateway, device);
        const json all{{"scopes", {"operator.admin", "operator.read", "operator.write", "operator.pairing"}}};
        ASSERT_EQ(node.connect(test::node_client::params({}, all))["ok"], true);
        const auto r = node.wire.call(row.name);
        const bool serves = std::string(row.needs) == "node" || std::string(row.name) == "health";
        const auto refused = r["ok"] == false && r["error"]["message"] == "unauthorized role: node";
        EXPECT_EQ(refused, !serves) << row.name << r;
    }
}

TEST(privilege_matrix, no_method_without_a_credential) {
    gateway_fixture gateway;
    for (const auto& row : method_rows) {
        wire_websocket client(gateway.port());
        client.next_json();
        const auto r = client.call(row.name);
        EXPECT_EQ(r["error"]["message"], "invalid handshake: first request must be connect");
        EXPECT_EQ(client.end().code(), 1008) << row.name;
    }
    for (const char* token : {"", "wrong"}) {
        wire_websocket client(gateway.port());
        EXPECT_EQ(client.connect(token)["ok"], false);
        EXPECT_EQ(client.end().code(), 1008);
    }
}

}  // namespace
}  // namespace openclaw::ingress
