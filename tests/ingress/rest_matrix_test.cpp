// Every REST route against every kind of credential, and against its documentation. The rows are
// compared with the table: a new route without a row here fails.

#include "support/gateway_fixture.hpp"

#include "ingress/rest.hpp"
#include "openclaw/auth/authenticator.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace openclaw::ingress {
namespace {

using test::gateway_fixture;

struct rest_row {
    const char* method;
    const char* path;
    const char* operation;
    const char* needs;
    const char* body = "";
    int status = 200;   // of a call with everything that it needs; of what is not there 404
};

const std::vector<rest_row> rows{
    {"GET", "/api/agents", "agents.list", "operator.read"},
    {"POST", "/api/agents", "agents.create", "operator.admin", R"({"name":"x"})", 201},
    {"PATCH", "/api/agents/{agent}", "agents.update", "operator.admin", "{}"},
    {"DELETE", "/api/agents/{agent}", "agents.delete", "operator.admin", "", 409},
    {"GET", "/api/agents/{agent}/files", "agents.files.list", "operator.read"},
    {"GET", "/api/agents/{agent}/files/{name}", "agents.files.get", "operator.read"},
    {"PUT", "/api/agents/{agent}/files/{name}", "agents.files.set", "operator.admin", R"({"content":"x"})"},
    {"GET", "/api/agents/{agent}/identity", "agent.identity.get", "operator.read"},
    {"POST", "/api/agents/{agent}/runs", "agent", "operator.write", R"({"message":"hi"})", 202},
    {"GET", "/api/channels", "channels.status", "operator.read"},
    {"POST", "/api/channels/{channel}/messages", "send", "operator.write",
     R"({"to":"me","message":"hi"})"},
    {"POST", "/api/channels/{channel}/start", "channels.start", "operator.admin"},
    {"POST", "/api/channels/{channel}/stop", "channels.stop", "operator.admin"},
    {"GET", "/api/commands", "commands.list", "operator.read"},
    {"GET", "/api/config", "config.get", "operator.read"},
    {"PUT", "/api/config", "config.set", "operator.admin", "{}"},
    {"PATCH", "/api/config", "config.patch", "operator.admin", "{}"},
    {"GET", "/api/config/schema", "config.schema", "operator.read"},
    {"GET", "/api/config/schema/lookup", "config.schema.lookup", "operator.read"},
    {"GET", "/api/cron", "cron.list", "operator.read"},
    {"POST", "/api/cron", "cron.add", "operator.admin",
     R"({"name":"x","schedule":{"kind":"every","everyMs":3600000},)"
     R"("payload":{"kind":"agentTurn","message":"x"}})", 201},
    {"GET", "/api/cron-runs", "cron.runs", "operator.read"},
    {"GET", "/api/cron/{jobId}", "cron.get", "operator.read", "", 404},
    {"PATCH", "/api/cron/{jobId}", "cron.update", "operator.admin", R"({"patch":{}})", 404},
    {"DELETE", "/api/cron/{jobId}", "cron.remove", "operator.admin", "", 404},
    {"POST", "/api/cron/{jobId}/run", "cron.run", "operator.admin", "", 404},
    {"GET", "/api/cron/{jobId}/runs", "cron.runs", "operator.read", "", 404},
    {"GET", "/api/dead-letters", "deadLetters.list", "operator.read"},
    {"GET", "/api/dead-letters/{runId}", "deadLetters.get", "operator.read", "", 404},
    {"DELETE", "/api/dead-letters/{runId}", "deadLetters.discard", "operator.admin", "", 404},
    {"POST", "/api/dead-letters/{runId}/retry", "deadLetters.retry", "operator.write", "", 404},
    {"GET", "/api/deliveries", "deliveries.list", "operator.read"},
    {"GET", "/api/devices", "device.pair.list", "operator.pairing"},
    {"POST", "/api/devices/requests/{requestId}/approve", "device.pair.approve", "operator.pairing",
     "", 404},
    {"POST", "/api/devices/requests/{requestId}/reject", "device.pair.reject", "operator.pairing", "",
     404},
    {"PATCH", "/api/devices/{deviceId}", "device.pair.rename", "operator.pairing",
     R"({"label":"mine"})", 404},
    {"DELETE", "/api/devices/{deviceId}", "device.pair.remove", "operator.pairing", "", 404},
    {"POST", "/api/devices/{deviceId}/token/revoke", "device.token.revoke", "operator.pairing",
     R"({"role":"operator"})", 404},
    {"POST", "/api/devices/{deviceId}/token/rotate", "device.token.rotate", "operator.pairing",
     R"({"role":"operator"})", 404},
    {"GET", "/api/logs", "logs.tail", "operator.read"},
    {"GET", "/api/models", "models.list", "operator.read"},
    {"GET", "/api/node-requests", "node.pair.list", "operator.pairing"},
    {"POST", "/api/node-requests/{requestId}/approve", "node.pair.approve", "operator.pairing", "", 404},
    {"POST", "/api/node-requests/{requestId}/reject", "node.pair.reject", "operator.pairing", "", 404},
    {"GET", "/api/nodes", "node.list", "operator.read"},
    {"GET", "/api/nodes/{nodeId}", "node.describe", "operator.read", "", 404},
    {"PATCH", "/api/nodes/{nodeId}", "node.rename", "operator.pairing", R"({"displayName":"x"})", 404},
    {"DELETE", "/api/nodes/{nodeId}", "node.pair.remove", "operator.pairing", "", 404},
    {"POST", "/api/nodes/{nodeId}/invoke", "node.invoke", "operator.write", R"({"command":"x"})", 404},
    {"GET", "/api/presence", "system-presence", "operator.read"},
    {"GET", "/api/runs/{runId}", "agent.wait", "operator.write"},
    {"POST", "/api/runs/{runId}/abort", "sessions.abort", "operator.write"},
    {"GET", "/api/sessions", "sessions.list", "operator.read"},
    {"POST", "/api/sessions", "sessions.create", "operator.write"},
    {"GET", "/api/sessions/{key}", "sessions.describe", "operator.read"},
    {"PATCH", "/api/sessions/{key}", "sessions.patch", "operator.write", R"({"label":"x"})"},
    {"DELETE", "/api/sessions/{key}", "sessions.delete", "operator.admin"},
    {"POST", "/api/sessions/{key}/abort", "sessions.abort", "operator.write"},
    {"POST", "/api/sessions/{key}/compact", "sessions.compact", "operator.admin"},
    {"POST", "/api/sessions/{key}/inject", "chat.inject", "operator.admin", R"({"message":"hi"})"},
    {"GET", "/api/sessions/{key}/messages", "chat.history", "operator.read"},
    {"POST", "/api/sessions/{key}/messages", "chat.send", "operator.write", R"({"message":"hi"})", 202},
    {"GET", "/api/sessions/{key}/messages/{messageId}", "chat.message.get", "operator.read", "", 404},
    {"POST", "/api/sessions/{key}/reset", "sessions.reset", "operator.admin"},
    {"GET", "/api/sessions/{key}/tools", "tools.effective", "operator.read"},
    {"GET", "/api/status", "status", "operator.read"},
    {"GET", "/api/system", "system.info", "operator.read"},
    {"GET", "/api/tools", "tools.catalog", "operator.read"},
};

// The template with something in the place of each name.
std::string target_of(std::string path) {
    const std::pair<std::string, std::string> values[] = {
        {"{agent}", "main"}, {"{channel}", "test"}, {"{key}", "agent%3Amain%3Aone"},
        {"files/{name}", "files/SOUL.md"}};
    for (const auto& [name, value] : values) {
        if (const auto at = path.find(name); at != std::string::npos) {
            path.replace(at, name.size(), value);
        }
    }
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        path.replace(open, path.find('}') - open + 1, "some");
    }
    return path;
}

TEST(rest_matrix, every_route_has_a_row) {
    using key = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
    std::set<key> listed, known;
    for (const auto& r : rows) listed.emplace(r.method, r.path, r.operation, r.needs);
    for (const auto& r : all_rest_routes()) {
        const auto needed = find_method(r.operation)->scope_for(json::object());
        known.emplace(r.at.method, r.at.path, r.operation, needed ? name_of(*needed) : "");
    }
    EXPECT_EQ(listed, known);
}

class rest_matrix_routes : public testing::Test {
protected:
    // The session that the rows speak of is there again.
    void SetUp() override { make_session(); }
    void make_session() {
        std::filesystem::remove(gateway.config_file());  // a second PUT would need its tag
        EXPECT_EQ(gateway.ask("POST", "/api/sessions", R"({"key":"agent:main:one"})").status, 200);
    }

    gateway_fixture gateway;
};

TEST_F(rest_matrix_routes, by_credential) {
    for (const auto& row : rows) {
        const auto target = target_of(row.path);
        const auto status = [&](const std::string& fields, std::optional<std::string> token) {
            return gateway.ask(row.method, target, row.body, fields, std::move(token)).status;
        };
        EXPECT_EQ(status("", ""), 401) << row.method << target;
        EXPECT_EQ(status("", "wrong"), 401) << row.method << target;
        EXPECT_EQ(status("X-OpenClaw-Scopes: operator.admin\r\n", ""), 401) << row.method << target;
        EXPECT_EQ(status("X-Forwarded-For: 127.0.0.1\r\n", ""), 401) << row.method << target;
        make_session();
        const auto r = gateway.ask(row.method, target, row.body);
        EXPECT_EQ(r.status, row.status) << row.method << target << r.body;
        EXPECT_EQ(r.body.find("There is nothing here."), std::string::npos) << target;
        EXPECT_FALSE(r.field("x-request-id").empty());
    }
}

// The document names every route, and each is there, under exactly the methods it names.
TEST_F(rest_matrix_routes, by_documentation) {
    const auto document = json::parse(gateway.ask("GET", "/api/openapi.json").body);
    std::set<std::pair<std::string, std::string>> listed;
    for (const auto& [path, methods] : document["paths"].items()) {
        std::size_t documented = 0;
        for (const auto& [method, operation] : methods.items()) {
            std::string upper;
            for (const char c : method) upper += static_cast<char>(std::toupper(c));
            EXPECT_FALSE(operation["summary"].get<std::string>().empty()) << path;
            EXPECT_FALSE(operation["operationId"].get<std::string>().empty()) << path;
            listed.emplace(upper, path);
            ++documented;
            if (path.ends_with("/events")) continue;  // it does not end
            make_session();
            const auto r = gateway.ask(upper, target_of(path), upper == "GET" ? "" : "{}");
            EXPECT_NE(r.status, 405) << upper << path;
            EXPECT_LT(r.status, 500) << upper << path << r.body;
            EXPECT_EQ(r.body.find("There is nothing here."), std::string::npos) << upper << path;
        }
        const auto other = gateway.ask("TRACE", target_of(path));
        EXPECT_EQ(other.status, 405) << path;
        const auto allow = other.field("allow");
        const bool head = allow.find("HEAD") != std::string::npos;
        EXPECT_EQ(std::count(allow.begin(), allow.end(), ',') + 1,
                  static_cast<std::ptrdiff_t>(documented + (head ? 1 : 0))) << path << allow;
    }
    for (const auto& row : rows) EXPECT_TRUE(listed.contains({row.method, row.path})) << row.path;
    for (const auto& r : all_routes()) {
        EXPECT_FALSE(summary_of(r).empty()) << r.path;
        std::string path(r.path);
        if (const auto star = path.find('*'); star != std::string::npos) {
            path.replace(star, 1, star + 1 == path.size() ? "{name}" : "{key}");
        }
        EXPECT_TRUE(listed.contains({std::string(r.method), path})) << r.path;
    }
    EXPECT_EQ(listed.size(), rows.size() + all_routes().size());
}

const scope_set sets[] = {{}, {scope::read}, {scope::write}, {scope::approvals},
                          {scope::pairing}, {scope::admin}};

principal everything() {
    const auth::authenticator authenticator(test::gateway_settings().gateway.auth);
    return authenticator.by_token(test::gateway_token).value();
}

// A client that stays, and to whom nothing is streamed.
class no_stream final : public response_stream {
public:
    void on_gone(std::function<void()>) override {}
    void start(int, net::header_list) override {}
    task<result<void>> write(std::string_view, bool) override { co_return result<void>(); }
};

// The handler itself, with callers that no credential of this version stands for.
class rest_handler : public rest_matrix_routes {
protected:
    net::http_response answer(const rest_row& row, scope_set scopes) {
        net::http_request request{row.method, target_of(row.path), {}, row.body};
        request.headers.add("Content-Type", "application/json");
        const std::string id = "r-1";
        http_call call{context, health, request, peer, id, {}, everything().narrowed(scopes), {}, stream};
        auto work = route_rest(std::move(call));
        return asio::co_spawn(gateway.io(), std::move(work), asio::use_future).get().value();
    }

    config::settings settings = test::gateway_settings();
    gateway_context context{.d = gateway.dependencies(),
                            .in_effect = settings_in_effect(settings)};
    health_report health{context};
    peer_info peer{};
    no_stream stream;
};

TEST_F(rest_handler, refuses_with_too_little_scope) {
    for (const auto& row : rows) {
        const auto needed = scope_set::parse({row.needs});
        for (const auto& scopes : sets) {
            make_session();
            const auto r = answer(row, scopes);
            const bool may = scopes.covers(needed);
            EXPECT_EQ(r.status, may ? row.status : 403) << row.method << row.path << r.body;
            if (may) continue;
            EXPECT_EQ(json::parse(r.body)["error"]["details"]["missingScope"], row.needs);
        }
    }
}

TEST_F(rest_handler, tells_those_without_the_scope_nothing_of_their_params) {
    const rest_row wrong{"POST", "/api/sessions/{key}/inject", "", "", R"({"message":7})"};
    EXPECT_EQ(answer(wrong, {scope::write}).status, 403);
    EXPECT_EQ(answer(wrong, {scope::admin}).status, 400);
}

TEST(rest_scopes, are_those_of_the_methods) {
    const auto admin = everything();
    for (const auto& row : rows) {
        const auto needed = scope_set::parse({row.needs});
        for (const auto& scopes : sets) {
            const auto who = admin.narrowed(scopes);
            const auto missing = find_method(row.operation)->missing_for(who, json::object());
            const bool may = scopes.covers(needed);
            EXPECT_EQ(missing ? name_of(*missing) : "", may ? "" : row.needs) << row.path;
        }
    }
    const auto& m = *find_method("sessions.delete");
    const auto writer = admin.narrowed({scope::write});
    EXPECT_EQ(m.missing_for(writer, {{"archivedOnly", true}}), scope::admin);
    EXPECT_EQ(m.missing_for(writer, json()), scope::admin) << "params that could not be read";
}

}  // namespace
}  // namespace openclaw::ingress
