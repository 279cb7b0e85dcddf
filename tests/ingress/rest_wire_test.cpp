#include "ingress/sessions_fixture.hpp"

#include "ingress/errors.hpp"

namespace openclaw::ingress {
namespace {

class rest_wire : public test::ws_client_test {
protected:
    // The body of an answer with this status.
    json ask(const std::string& method, const std::string& target, const std::string& body = {},
             int status = 200, const std::string& fields = {}) {
        const auto r = gateway.ask(method, target, body, fields);
        EXPECT_EQ(r.status, status) << method << " " << target << " " << r.body;
        EXPECT_EQ(r.field("content-type"), "application/json; charset=utf-8");
        return json::parse(r.body);
    }
};

TEST_F(rest_wire, a_conversation) {
    const auto made = ask("POST", "/api/sessions", R"({"key":"agent:main:talk","label":"Talk"})");
    EXPECT_EQ(made["entry"]["label"], "Talk");
    const auto sent = ask("POST", "/api/sessions/agent%3Amain%3Atalk/messages",
                          R"({"message":"good morning"})", 202, "Idempotency-Key: rest-1\r\n");
    EXPECT_EQ(sent["runId"], "rest-1");
    const auto run = ask("GET", "/api/runs/rest-1?timeoutMs=60000");
    EXPECT_EQ(run["status"], "ok");
    const auto history = ask("GET", "/api/sessions/agent:main:talk/messages?limit=10");
    ASSERT_EQ(history["messages"].size(), 2u);
    EXPECT_EQ(history, payload("chat.history", {{"sessionKey", "agent:main:talk"}, {"limit", 10}}));
    const auto id = history["messages"][1]["__openclaw"]["id"].get<std::string>();
    const auto one = ask("GET", "/api/sessions/agent:main:talk/messages/" + id);
    EXPECT_EQ(one["message"], history["messages"][1]);
    const auto again = ask("POST", "/api/sessions/agent%3Amain%3Atalk/messages",
                           R"({"message":"good morning"})", 202, "Idempotency-Key: rest-1\r\n");
    EXPECT_EQ(again["status"], "ok") << "the same request again starts nothing";
    EXPECT_EQ(ask("POST", "/api/sessions/agent:main:talk/reset")["ok"], true);
    EXPECT_EQ(ask("GET", "/api/sessions/agent:main:talk/messages")["messages"], json::array());
    EXPECT_EQ(ask("DELETE", "/api/sessions/agent:main:talk")["deleted"], true);
    EXPECT_EQ(ask("GET", "/api/sessions/agent:main:talk", "", 404)["error"]["code"], "not_found");
}

TEST_F(rest_wire, a_run_of_an_agent) {
    const auto taken = ask("POST", "/api/agents/main/runs", R"({"message":"hi"})", 202);
    EXPECT_EQ(taken["status"], "accepted");
    EXPECT_EQ(taken["agentId"], "main");
    const auto run = taken["runId"].get<std::string>();
    EXPECT_EQ(ask("GET", "/api/runs/" + run + "?timeoutMs=60000")["status"], "ok");
    EXPECT_EQ(ask("GET", "/api/runs/never")["status"], "timeout");
    const auto unknown = ask("POST", "/api/agents/nobody/runs", R"({"message":"hi"})", 404);
    EXPECT_EQ(unknown["error"]["code"], "not_found");
}

// The same operations, so the same answers.
TEST_F(rest_wire, answers_as_the_methods_do) {
    say("hello", "agent:main:one");
    EXPECT_EQ(ask("GET", "/api/agents"), payload("agents.list"));
    EXPECT_EQ(ask("GET", "/api/models"), payload("models.list"));
    EXPECT_EQ(ask("GET", "/api/tools"), payload("tools.catalog"));
    EXPECT_EQ(ask("GET", "/api/devices"), payload("device.pair.list"));
    EXPECT_EQ(ask("GET", "/api/sessions/agent:main:one/tools"),
              payload("tools.effective", {{"sessionKey", "agent:main:one"}}));
    auto listed = ask("GET", "/api/sessions?includeLastMessage=true");
    auto wanted = payload("sessions.list", {{"includeLastMessage", true}});
    listed.erase("ts"), wanted.erase("ts");
    EXPECT_EQ(listed, wanted);
}

TEST_F(rest_wire, a_change_is_told_to_those_who_follow) {
    say("hello", "agent:main:one");
    payload("sessions.subscribe");
    ask("PATCH", "/api/sessions/agent:main:one", R"({"label":"Mine","pinned":true})");
    const auto event = client.until([](const json& m) {
        return m.value("event", "") == "sessions.changed" && m["payload"]["reason"] == "patch";
    });
    EXPECT_EQ(event["payload"]["session"]["label"], "Mine");
}

TEST_F(rest_wire, errors_have_the_one_shape) {
    const auto r = gateway.ask("GET", "/api/sessions?limit=many");
    EXPECT_EQ(r.status, 400);
    const auto e = json::parse(r.body)["error"];
    EXPECT_EQ(e["code"], "invalid_input");
    EXPECT_EQ(e["message"], "query parameter \"limit\" must be an integer");
    EXPECT_EQ(e["requestId"], r.field("x-request-id"));
    const auto range = ask("GET", "/api/sessions?limit=0", "", 400);
    EXPECT_EQ(range["error"]["message"],
              "invalid sessions.list params: at /limit: must be integer from 1 to 1000");
    ask("PATCH", "/api/sessions/agent:main:none", R"({"label":"x"})", 404);
    ask("GET", "/api/nothing", "", 404);
    const auto wrong = gateway.ask("PUT", "/api/sessions", "{}");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.field("allow"), "GET, HEAD, POST");
    EXPECT_EQ(gateway.ask("GET", "/api/sessions").field("cache-control"), "no-store");
}

TEST_F(rest_wire, bodies_are_bounded_json) {
    const auto raw = [&](const std::string& fields, const std::string& body) {
        test::wire_client wire(gateway.port());
        return wire.ask("POST /api/sessions/main/reset HTTP/1.1\r\nHost: " + gateway.host() +
                            "\r\nAuthorization: Bearer " + test::gateway_token + "\r\n" + fields +
                            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
                        false)
            .status;
    };
    EXPECT_EQ(raw("Content-Type: text/plain\r\n", "{}"), 415);
    EXPECT_EQ(raw("", "{}"), 415);
    EXPECT_EQ(raw("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "{}"), 415);
    EXPECT_EQ(raw("Content-Type: application/json\r\n", "{"), 400);
    EXPECT_EQ(raw("Content-Type: application/json\r\n", std::string((1 << 20) + 1, ' ')), 413);
    ask("GET", "/api/sessions", "{}", 413);
}

TEST_F(rest_wire, head_answers_like_get_without_the_body) {
    const auto r = gateway.ask("HEAD", "/api/models");
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.body, "");
}

TEST(scope_answers, name_what_is_missing) {
    const auto r = missing_scope_response(scope::admin, "r-1");
    EXPECT_EQ(r.status, 403);
    const auto e = json::parse(r.body)["error"];
    EXPECT_EQ(e["message"], "missing scope: operator.admin");
    EXPECT_EQ(e["requestId"], "r-1");
    EXPECT_EQ(e["details"], json({{"code", "MISSING_SCOPE"},
                                  {"missingScope", "operator.admin"},
                                  {"requiredScopes", {"operator.admin"}}}));
}

// The file is read with its tag, and changed only by who has read it as it is.
TEST_F(rest_wire, the_configuration) {
    ask("PUT", "/api/config", R"({logging: {level: "warn"}})");
    const auto read = gateway.ask("GET", "/api/config");
    const auto tag = read.field("etag");
    EXPECT_EQ(tag, "\"" + json::parse(read.body)["hash"].get<std::string>() + "\"");
    const std::string change = R"({"logging": {"level": "debug"}})";
    ask("PATCH", "/api/config", change, 428);
    ask("PATCH", "/api/config", change, 412, "If-Match: \"another\"\r\n");
    ask("PATCH", "/api/config", change, 400, "If-Match: " + tag.substr(1) + "\r\n");
    const auto changed = ask("PATCH", "/api/config", change, 200, "If-Match: " + tag + "\r\n");
    EXPECT_EQ(changed["restartRequired"], true);
    EXPECT_EQ(ask("GET", "/api/config")["config"]["gateway"]["logging"]["level"], "debug");
}

TEST_F(rest_wire, an_error_brings_its_details) {
    const auto e = ask("PATCH", "/api/config", R"({"gateway":{"network":{"port":"x"}}})", 400)["error"];
    EXPECT_EQ(e["code"], "invalid_input");
    ASSERT_EQ(e["details"]["issues"].size(), 1u) << e;
    EXPECT_EQ(e["details"]["issues"][0]["path"], "gateway.network.port");
    EXPECT_FALSE(ask("GET", "/api/sessions/%01", "", 400)["error"].contains("details"));
}

}  // namespace
}  // namespace openclaw::ingress
