// Which sessions a caller may choose, and which ones lists show.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

class session_names : public test::ws_client_test {
protected:
    test::wire_response complete(const std::string& fields = {}) {
        return gateway.ask("POST", "/v1/chat/completions",
                           R"({"model":"openclaw","messages":[{"role":"user","content":"hi"}]})", fields);
    }
};

// The same on every way in.
TEST_F(session_names, the_gateways_own_are_not_a_clients_to_choose) {
    for (const std::string key : {"subagent:x", "agent:main:cron:x", "acp:x"}) {
        EXPECT_EQ(complete("X-OpenClaw-Session-Key: " + key + "\r\n").status, 400) << key;
        const json said{{"message", "hi"}, {"idempotencyKey", "k"}};
        const std::pair<const char*, json> calls[] = {{"chat.send", {{"sessionKey", key}}},
                                                      {"agent", {{"sessionKey", key}}},
                                                      {"sessions.send", {{"key", key}}},
                                                      {"sessions.create", {{"key", key}}}};
        for (const auto& [method, named] : calls) {
            auto params = said;
            params.update(named);
            const auto e = refusal(method, params);
            EXPECT_NE(e.dump().find("belong to the gateway"), std::string::npos) << method << e;
        }
        EXPECT_EQ(gateway.ask("POST", "/api/sessions", json{{"key", key}}.dump()).status, 400) << key;
        const auto path = "/api/sessions/" + key + "/messages";
        EXPECT_EQ(gateway.ask("POST", path, R"({"message":"hi"})").status, 400) << key;
    }
    EXPECT_EQ(payload("sessions.list", {{"includeUnknown", true}})["count"], 0);
    EXPECT_EQ(complete("X-OpenClaw-Session-Key: my:cron:x\r\n").status, 200);
}

TEST(session_names_of_hooks, the_gateways_own_are_not_a_hooks_to_choose) {
    auto settings = test::gateway_settings();
    config::hook_settings hook;
    hook.key = secret("hook-token");
    hook.session = "cron:x";
    settings.hooks["plain"] = hook;
    test::gateway_fixture gateway(settings);
    const auto r = gateway.ask("POST", "/hooks/plain", R"({"message":"hi"})", "", "hook-token");
    EXPECT_EQ(r.status, 400) << r.body;
}

TEST_F(session_names, those_of_one_request_are_listed_for_those_who_ask) {
    EXPECT_EQ(complete().status, 200);
    say("hello", "main");
    EXPECT_EQ(keys(json::object()), std::vector<std::string>{"agent:main:main"});
    const auto all = payload("sessions.list", {{"includeUnknown", true}});
    ASSERT_EQ(all["count"], 2);
    const auto& once = all["sessions"][1];
    EXPECT_EQ(once["kind"], "unknown");
    EXPECT_EQ(once["isBackground"], true);
    const auto health = payload("health");
    EXPECT_EQ(health["sessions"]["count"], 1);
    EXPECT_EQ(health["sessions"]["recent"].size(), 1u);
    payload("sessions.patch", {{"key", once["key"]}, {"label", "kept"}});
    EXPECT_EQ(keys(json::object()).size(), 2u);
}

TEST_F(session_names, a_history_has_its_messages_under_both_names) {
    say("hello", "main");
    const auto r = gateway.ask("GET", "/sessions/agent%3Amain%3Amain/history?limit=1");
    ASSERT_EQ(r.status, 200) << r.body;
    const auto body = json::parse(r.body);
    EXPECT_EQ(body["sessionKey"], "agent:main:main");
    EXPECT_EQ(body["messages"].size(), 1u);
    EXPECT_EQ(body["items"], body["messages"]);
    EXPECT_EQ(gateway.ask("GET", "/sessions/main/history?limit=0").status, 400);
    EXPECT_EQ(json::parse(gateway.ask("GET", "/sessions/never/history").body)["items"], json::array());
}

}  // namespace
}  // namespace openclaw
