// What clients change of sessions: create, send, abort, patch, reset, delete.

#include "ingress/sessions_fixture.hpp"
#include "support/script_server.hpp"

namespace openclaw {
namespace {

using test::wire_websocket;

class ws_session_changes : public test::ws_client_test {
protected:
    std::string error_of(const std::string& method, json params) {
        const auto e = refusal(method, std::move(params));
        EXPECT_EQ(e["code"], "INVALID_REQUEST") << e;
        return e["message"].get<std::string>();
    }
    json history(const std::string& session) {
        return payload("chat.history", {{"sessionKey", session}})["messages"];
    }
};

TEST_F(ws_session_changes, patch_sets_and_clears) {
    say("hi", "agent:main:a");
    const auto id = payload("sessions.describe", {{"key", "a"}})["session"]["sessionId"];
    const auto out = payload("sessions.patch", {{"key", "a"}, {"label", "Mine"}, {"pinned", true},
                                                {"unread", true}, {"expectedSessionId", id},
                                                {"category", "work"}, {"icon", "star"}});
    EXPECT_EQ(out["key"], "agent:main:a");
    EXPECT_EQ(out["entry"]["label"], "Mine");
    EXPECT_EQ(out["entry"]["displayName"], "Mine");
    EXPECT_EQ(out["entry"]["category"], "work");
    EXPECT_EQ(out["entry"]["icon"], "star");
    EXPECT_FALSE(out["entry"].contains("color"));
    EXPECT_EQ(out["entry"]["pinned"], true);
    EXPECT_EQ(out["entry"]["unread"], true);
    EXPECT_EQ(out["entry"]["archived"], false);
    EXPECT_EQ(out["resolved"], json({{"modelProvider", "local"}, {"model", "echo"}}));
    EXPECT_EQ(payload("sessions.resolve", {{"label", "Mine"}})["key"], "agent:main:a");
    const auto cleared = payload("sessions.patch", {{"key", "a"}, {"label", nullptr},
                                                    {"pinned", nullptr}, {"model", nullptr}});
    EXPECT_FALSE(cleared["entry"].contains("label"));
    EXPECT_EQ(cleared["entry"]["pinned"], false);
    EXPECT_EQ(cleared["entry"]["unread"], true) << "what is not named stays";
}

TEST_F(ws_session_changes, patch_refuses_what_it_cannot_do) {
    say("hi", "agent:main:a");
    EXPECT_EQ(error_of("sessions.patch", {{"key", "a"}, {"thinkingLevel", "high"}}),
              "`thinkingLevel` is not in effect in this version");
    EXPECT_EQ(error_of("sessions.patch", {{"key", "b"}, {"label", "x"}}),
              "No session found: agent:main:b");
    EXPECT_NE(error_of("sessions.patch", {{"key", "a"}, {"expectedSessionId", "x"}}), "");
    EXPECT_NE(error_of("sessions.patch", {{"key", "a"}, {"pinned", 1}}), "");
}

// Or it would go on showing what is no more.
TEST_F(ws_session_changes, who_follows_one_session_hears_that_it_begins_anew_or_is_gone) {
    say("hi", "agent:main:a");
    wire_websocket follower(gateway.port());
    follower.connect(test::gateway_token, {"operator.read"});
    follower.call("sessions.messages.subscribe", {{"key", "a"}});
    const auto hears = [&](const std::string& reason) {
        const auto m = follower.until(
            [](const json& e) { return e.value("event", "") == "sessions.changed"; });
        EXPECT_EQ(m["payload"]["reason"], reason);
        EXPECT_EQ(m["payload"]["sessionKey"], "agent:main:a");
    };
    payload("sessions.reset", {{"key", "a"}});
    hears("reset");
    payload("sessions.reset", {{"key", "a"}, {"reason", "new"}});
    hears("new");
    payload("sessions.patch", {{"key", "a"}, {"label", "not for it"}});
    payload("sessions.delete", {{"key", "a"}});
    hears("delete");
}

TEST_F(ws_session_changes, compact_keeps_the_newest_messages) {
    for (const char* text : {"one", "two", "three"}) say(text, "a");
    EXPECT_EQ(payload("sessions.compact", {{"key", "a"}})["compacted"], false);
    const auto out = payload("sessions.compact", {{"key", "a"}, {"maxLines", 2}});
    EXPECT_EQ(out, json({{"ok", true}, {"key", "agent:main:a"}, {"compacted", true}, {"kept", 2}}));
    const auto rows = history("a");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["content"][0]["text"], "three");
    EXPECT_EQ(rows[0]["__openclaw"]["seq"], 5) << "places stay";
    EXPECT_EQ(payload("sessions.compact", {{"key", "a"}, {"maxLines", 2}})["compacted"], false);
    EXPECT_EQ(error_of("sessions.compact", {{"key", "b"}}), "No session found: agent:main:b");
    EXPECT_NE(error_of("sessions.compact", {{"key", "a"}, {"maxLines", 0}}), "");
    say("four", "a");
    EXPECT_EQ(history("a").size(), 4u);
}

TEST_F(ws_session_changes, an_archived_session_leaves_the_list) {
    say("hi", "agent:main:a");
    payload("sessions.patch", {{"key", "a"}, {"archived", true}});
    EXPECT_EQ(keys(json::object()).size(), 0u);
    EXPECT_EQ(keys({{"archived", true}}).size(), 1u);
    EXPECT_EQ(keys({{"archived", "all"}}).size(), 1u);
}

TEST_F(ws_session_changes, reset_empties_the_conversation_and_its_memory) {
    say("old words", "agent:main:a");
    const auto before = payload("sessions.describe", {{"key", "a"}})["session"]["sessionId"];
    const auto out = payload("sessions.reset", {{"key", "a"}, {"reason", "new"}});
    EXPECT_EQ(out["entry"]["sessionId"], before);
    EXPECT_EQ(out["entry"]["messageCount"], 0);
    EXPECT_EQ(out["entry"]["totalTokens"], 0);
    EXPECT_EQ(history("a"), json::array());
    EXPECT_EQ(gateway.router().stats().lanes, 0u) << "the idle session forgot as well";
    say("new words", "agent:main:a");
    const auto rows = history("a");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["__openclaw"]["seq"], 1);
    EXPECT_EQ(error_of("sessions.reset", {{"key", "b"}}), "No session found: agent:main:b");
    EXPECT_NE(error_of("sessions.reset", {{"key", "a"}, {"reason", "bored"}}), "");
}

TEST_F(ws_session_changes, delete_takes_all_but_the_main_session) {
    say("hi", "agent:main:a");
    say("hi", "main");
    const json gone{{"ok", true}, {"key", "agent:main:a"}, {"deleted", true},
                    {"archived", json::array()}};
    EXPECT_EQ(payload("sessions.delete", {{"key", "a"}}), gone);
    EXPECT_EQ(payload("sessions.describe", {{"key", "a"}})["session"], nullptr);
    EXPECT_EQ(payload("sessions.delete", {{"key", "a"}})["deleted"], false);
    EXPECT_NE(error_of("sessions.delete", {{"key", "main"}}), "");
    EXPECT_NE(error_of("sessions.delete", {{"key", "b"}, {"deleteTranscript", false}}), "");
    EXPECT_EQ(keys(json::object()), std::vector<std::string>{"agent:main:main"});
    say("again", "agent:main:a");
    EXPECT_EQ(history("a").size(), 2u);
}

// A writer may archive: were that enough to delete, nothing would be safe from one.
TEST_F(ws_session_changes, who_archives_a_session_may_not_delete_it_for_that) {
    say("hi", "agent:main:a");
    wire_websocket writer(gateway.port());
    writer.connect(test::gateway_token, {"operator.write"});
    EXPECT_TRUE(writer.call("sessions.patch", {{"key", "a"}, {"archived", true}})["ok"]);
    for (const json& params : {json{{"key", "a"}}, json{{"key", "a"}, {"archivedOnly", true}}}) {
        const auto refused = writer.call("sessions.delete", params)["error"];
        EXPECT_EQ(refused["details"]["missingScope"], "operator.admin") << params;
    }
    EXPECT_EQ(history("a").size(), 2u);
}

TEST_F(ws_session_changes, delete_can_be_held_to_archived_sessions) {
    say("hi", "agent:main:a");
    const json only{{"key", "a"}, {"archivedOnly", true}};
    const auto refused = client.call("sessions.delete", only)["error"];
    EXPECT_EQ(refused["details"]["code"], "conflict");
    EXPECT_NE(error_of("sessions.delete", {{"key", "a"}, {"archivedOnly", "yes"}}), "");
    payload("sessions.patch", {{"key", "a"}, {"archived", true}});
    EXPECT_EQ(payload("sessions.delete", only)["deleted"], true);
}

TEST_F(ws_session_changes, create_makes_a_session_of_its_own) {
    const auto out = payload("sessions.create", {{"label", "Plans"}, {"parentSessionKey", "main"}});
    const auto key = out["key"].get<std::string>();
    EXPECT_TRUE(key.starts_with("agent:main:dashboard:")) << key;
    EXPECT_EQ(out["runStarted"], false);
    EXPECT_EQ(out["entry"]["label"], "Plans");
    EXPECT_EQ(out["entry"]["classification"], "dashboard");
    EXPECT_EQ(out["entry"]["messageCount"], 0);
    EXPECT_FALSE(out["entry"].contains("status"));
    EXPECT_EQ(out["resolved"]["model"], "echo");
    EXPECT_EQ(history(key), json::array());
    EXPECT_EQ(payload("sessions.create", {{"key", key}})["sessionId"], out["sessionId"]);
    EXPECT_NE(error_of("sessions.create", {{"agentId", "nobody"}}), "");
    EXPECT_NE(error_of("sessions.create", {{"incognito", true}}), "");
    EXPECT_NE(error_of("sessions.create", {{"incognito", true}}), "");
    say("hi", key);
    EXPECT_EQ(history(key).size(), 2u);
}

TEST_F(ws_session_changes, create_with_a_message_starts_one_turn_however_often_it_is_sent) {
    const json params{{"message", "begin"}, {"idempotencyKey", "c-1"}};
    const auto out = payload("sessions.create", params);
    EXPECT_EQ(out["runStarted"], true);
    EXPECT_EQ(out["runId"], "c-1");
    EXPECT_EQ(out["status"], "started");
    client.chat("final", "c-1");
    const auto again = payload("sessions.create", params);
    EXPECT_EQ(again["key"], out["key"]);
    EXPECT_EQ(again["status"], "ok");
    EXPECT_EQ(keys(json::object()).size(), 1u);
}

TEST_F(ws_session_changes, send_starts_a_turn) {
    const auto out = payload("sessions.send", {{"key", "main"}, {"message", "hello"}});
    EXPECT_EQ(out["status"], "started");
    client.chat("final", out["runId"].get<std::string>());
    EXPECT_EQ(history("main").size(), 2u);
    EXPECT_EQ(payload("sessions.send", {{"key", "main"}, {"message", "/stop"}})["aborted"], false);
}

TEST_F(ws_session_changes, abort_of_nothing_is_no_error) {
    const json nothing{{"ok", true}, {"abortedRunId", nullptr}, {"status", "no-active-run"}};
    EXPECT_EQ(payload("sessions.abort", {{"key", "main"}}), nothing);
    EXPECT_EQ(payload("sessions.abort", {{"runId", "never"}}), nothing);
    EXPECT_EQ(payload("sessions.abort", {{"key", "main"}, {"clearQueued", true}}), nothing);
    EXPECT_NE(error_of("sessions.abort", json::object()), "");
}

// A model that never answers.
class ws_busy_session : public testing::Test {
protected:
    static config::settings settings(const test::script_server& server) {
        auto s = test::gateway_settings();
        config::provider_settings p;
        p.base_url = server.url("/v1");
        config::model_settings m;
        m.id = "slow";
        p.models.push_back(m);
        s.providers["mock"] = p;
        s.agents.defaults.model.primary = "mock/slow";
        return s;
    }
    void SetUp() override {
        client.connect(test::gateway_token);
        for (const char* run : {"r1", "r2"}) {
            client.call("chat.send",
                        {{"sessionKey", "s"}, {"message", "hi"}, {"idempotencyKey", run}});
        }
        while (gateway.router().stats().running == 0) std::this_thread::yield();
    }

    test::script_server provider{[](test::script_peer& peer, unsigned) -> task<> {
        if ((co_await peer.request()).empty()) co_return;
        co_await peer.closed_by_client();
    }};
    test::gateway_fixture gateway{settings(provider)};
    wire_websocket client{gateway.port()};
};

TEST_F(ws_busy_session, is_told_what_runs_and_what_waits) {
    EXPECT_EQ(gateway.router().runs_of("agent:main:s").ids, (std::vector<std::string>{"r1", "r2"}));
    const auto stopped = client.call("sessions.abort", {{"runId", "r1"}})["payload"];
    EXPECT_EQ(stopped["abortedRunId"], "r1");
    EXPECT_EQ(stopped["status"], "aborted");
    client.chat("aborted", "r1");
    const auto row = client.call("sessions.describe", {{"key", "s"}})["payload"]["session"];
    EXPECT_EQ(row["hasActiveRun"], true);
    EXPECT_EQ(row["activeRunIds"], json({"r2"}));
}

TEST_F(ws_busy_session, a_delete_stops_its_turns_first) {
    const auto r = client.call("sessions.delete", {{"key", "s"}});
    EXPECT_EQ(r["payload"]["deleted"], true) << r;
    client.chat("aborted", "r1");
    client.chat("aborted", "r2");
    EXPECT_EQ(client.call("sessions.describe", {{"key", "s"}})["payload"]["session"], nullptr);
    EXPECT_EQ(client.call("chat.history", {{"sessionKey", "s"}})["payload"]["messages"],
              json::array());
}

}  // namespace
}  // namespace openclaw
