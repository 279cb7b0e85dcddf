// sessions.usage, usage.cost, sessions.unsubscribe, gateway.identity.get, channels.start and stop.

#include "ingress/sessions_fixture.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw {
namespace {

using test::wire_websocket;

class ws_usage : public test::ws_client_test {};

TEST_F(ws_usage, tokens_are_those_of_the_sessions) {
    say("hello", "agent:main:a");
    say("hello again, and more of it", "agent:main:b");
    const auto out = payload("sessions.usage");
    ASSERT_EQ(out["sessions"].size(), 2u);
    std::int64_t sum = 0;
    for (const auto& row : out["sessions"]) {
        const auto key = row["key"].get<std::string>();
        const auto session = payload("sessions.describe", {{"key", key}})["session"];
        EXPECT_EQ(row["usage"]["totalTokens"], session["totalTokens"]);
        EXPECT_EQ(row["usage"]["input"], session["inputTokens"]);
        sum += session["totalTokens"].get<std::int64_t>();
    }
    EXPECT_GT(sum, 0);
    EXPECT_EQ(out["totals"]["totalTokens"], sum);
    EXPECT_EQ(out["aggregates"]["byAgent"][0]["totals"], out["totals"]);
    EXPECT_EQ(out["aggregates"]["daily"], json::array()) << "nobody counts days";
    EXPECT_EQ(out["totals"]["missingCostEntries"], 2) << "nobody knows the prices";
    const auto cost = payload("usage.cost", {{"days", 7}});
    EXPECT_EQ(cost["days"], 7);
    EXPECT_EQ(cost["totals"], out["totals"]);
    EXPECT_EQ(cost["daily"], json::array());
}

TEST_F(ws_usage, can_be_asked_for_one_session_and_for_a_period) {
    say("hello", "agent:main:a");
    say("hello", "agent:main:b");
    EXPECT_EQ(payload("sessions.usage", {{"key", "a"}})["sessions"].size(), 1u);
    const auto one = payload("sessions.usage", {{"limit", 1}});
    EXPECT_EQ(one["sessions"].size(), 1u);
    EXPECT_EQ(one["totals"]["missingCostEntries"], 2) << "the totals are of all";
    const auto past = payload("sessions.usage", {{"startDate", "2001-02-03"}, {"endDate", "2001-02-04"}});
    EXPECT_EQ(past["sessions"], json::array());
    EXPECT_EQ(past["startDate"], "2001-02-03");
    EXPECT_EQ(past["endDate"], "2001-02-04");
    EXPECT_EQ(past["totals"]["totalTokens"], 0);
    EXPECT_EQ(payload("usage.cost", {{"startDate", "2001-02-03"}, {"endDate", "2001-02-04"}})["days"], 2);
}

TEST_F(ws_usage, wrong_params_are_named) {
    const std::vector<std::pair<const char*, json>> calls{
        {"sessions.usage", {{"limit", 0}}},
        {"sessions.usage", {{"key", 1}}},
        {"sessions.usage", {{"key", "nobody"}}},
        {"sessions.usage", {{"agentId", "nobody"}}},
        {"sessions.list", {{"spawnedBy", "agent:main:x"}}},
        {"chat.history", {{"sessionKey", "a"}, {"sessionId", "12345"}}},
        {"sessions.create", {{"key", "b"}, {"permissionMode", "ask"}}},
        {"agent", {{"message", "x"}, {"idempotencyKey", "k"}, {"suppressPromptPersistence", true}}},
        {"agent", {{"message", "x"}, {"idempotencyKey", "k"}, {"expectedExistingSessionId", "12345"}}},
        {"sessions.usage", {{"startDate", "yesterday"}}},
        {"sessions.usage", {{"startDate", "2026-02-30"}}},
        {"sessions.usage", {{"startDate", "2026-02-02"}, {"endDate", "2026-02-01"}}},
        {"usage.cost", {{"days", 0}}},
        {"usage.cost", {{"endDate", 5}}},
        {"channels.start", json::object()},
        {"channels.start", {{"channel", "nothing"}}},
        {"channels.stop", {{"channel", "test"}, {"accountId", 1}}},
        {"channels.logout", {{"channel", "nothing"}}},
    };
    for (const auto& [method, params] : calls) {
        EXPECT_EQ(refusal(method, params)["code"], "INVALID_REQUEST") << method << params;
    }
}

TEST_F(ws_usage, a_channel_is_stopped_and_started) {
    const auto stopped = payload("channels.stop", {{"channel", "test"}});
    EXPECT_EQ(stopped["stopped"], true);
    EXPECT_EQ(stopped["channel"], "test");
    EXPECT_EQ(stopped["accountId"], "default");
    EXPECT_EQ(payload("channels.start", {{"channel", "test"}})["started"], true);
}

TEST_F(ws_usage, who_unsubscribes_hears_no_more) {
    payload("sessions.subscribe");
    EXPECT_EQ(payload("sessions.unsubscribe"), json({{"subscribed", false}}));
    client.seen.clear();
    say("hello", "agent:main:a");
    payload("health");
    for (const auto& m : client.seen) {
        EXPECT_NE(m.value("event", ""), "sessions.changed");
        EXPECT_NE(m.value("event", ""), "session.message");
    }
}

TEST_F(ws_usage, the_gateway_is_always_the_same) {
    const auto own = payload("gateway.identity.get");
    const auto raw = from_base64(own["publicKey"].get<std::string>());
    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->size(), 32u);
    EXPECT_EQ(own["deviceId"], to_hex(sha256(*raw)));
    EXPECT_EQ(own["publicKey"].get<std::string>().find_first_of("+/="), std::string::npos);
    EXPECT_EQ(payload("gateway.identity.get"), own);
}

}  // namespace
}  // namespace openclaw
