// The events of sessions and runs, and who hears them.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

using test::wire_websocket;

class ws_events : public test::ws_client_test {
protected:
    // Connects another client.
    void join(wire_websocket& other, const std::vector<std::string>& caps = {},
              const std::vector<std::string>& scopes = {"operator.read"}) {
        other.next_json();
        auto params = wire_websocket::connect_params(test::gateway_token, scopes);
        params["caps"] = caps;
        ASSERT_EQ(other.call("connect", params)["ok"], true);
    }
    // Reads on to the `sessions.changed` of this reason or phase; they come in order.
    json await(const std::string& word) {
        const auto is = [&](const json& m) {
            return m.value("event", "") == "sessions.changed" &&
                   (m["payload"].value("reason", "") == word || m["payload"].value("phase", "") == word);
        };
        const auto found = std::find_if(client.seen.begin(), client.seen.end(), is);
        return (found != client.seen.end() ? *found : client.until(is))["payload"];
    }
    // The payloads of one sort of event that `c` has heard; whatever is on its way is read first.
    static std::vector<json> heard(wire_websocket& c, const std::string& event) {
        c.call("health");
        std::vector<json> out;
        for (const auto& m : c.seen) {
            if (m.value("event", "") == event) out.push_back(m["payload"]);
        }
        return out;
    }
};

TEST_F(ws_events, a_subscriber_hears_what_becomes_of_sessions) {
    EXPECT_EQ(payload("sessions.subscribe"), json({{"subscribed", true}}));
    say("hello", "agent:main:a");
    payload("sessions.patch", {{"key", "a"}, {"label", "Mine"}});
    payload("sessions.reset", {{"key", "a"}});
    payload("sessions.delete", {{"key", "a"}});
    payload("sessions.create", {{"key", "b"}});
    await("create");
    std::multiset<std::string> words;
    for (const auto& p : heard(client, "sessions.changed")) {
        EXPECT_EQ(p["agentId"], "main");
        EXPECT_GT(p["ts"], 0);
        words.insert(p.value("reason", p.value("phase", "")));
        if (p.value("reason", "") == "patch") {
            EXPECT_EQ(p["session"]["label"], "Mine");
        }
    }
    EXPECT_EQ(words, (std::multiset<std::string>{"agent.run.started", "create", "delete", "end",
                                                 "patch", "reset", "send"}));
}

TEST_F(ws_events, what_is_told_of_runs_brings_the_row) {
    payload("sessions.subscribe");
    say("hello", "agent:main:a");
    const auto end = await("end");
    EXPECT_EQ(end["session"]["key"], "agent:main:a");
    EXPECT_EQ(end["session"]["status"], "done");
    EXPECT_EQ(end["session"]["hasActiveRun"], false);
    EXPECT_EQ(end["session"]["messageCount"], 2);
    EXPECT_GT(end["session"]["totalTokens"], 0);
}

TEST_F(ws_events, messages_come_with_their_places) {
    payload("sessions.subscribe");
    say("one", "main");
    say("two", "main");
    const auto events = heard(client, "session.message");
    const auto rows = payload("chat.history", {{"sessionKey", "main"}})["messages"];
    ASSERT_EQ(events.size(), 4u);
    ASSERT_EQ(rows.size(), 4u);
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i]["sessionKey"], "agent:main:main");
        EXPECT_EQ(events[i]["message"], rows[i]) << "as the history has it";
        EXPECT_EQ(events[i]["messageSeq"], i + 1);
        EXPECT_EQ(events[i]["messageId"], rows[i]["__openclaw"]["id"]);
        const auto& session = events[i]["session"];
        EXPECT_EQ(session["key"], "agent:main:main");
        EXPECT_EQ(session["hasActiveRun"], i % 2 == 0) << "while it is answered";
        EXPECT_EQ(session["messageCount"], (i + 1) / 2 * 2) << "of what is stored";
    }
}

TEST_F(ws_events, nobody_hears_what_he_did_not_ask_for) {
    wire_websocket other(gateway.port()), follower(gateway.port());
    join(other);
    join(follower);
    EXPECT_EQ(follower.call("sessions.messages.subscribe", {{"key", "a"}})["payload"],
              json({{"subscribed", true}, {"key", "agent:main:a"}}));
    say("hello", "agent:main:a");
    say("hello", "agent:main:b");
    EXPECT_TRUE(heard(other, "session.message").empty());
    EXPECT_TRUE(heard(other, "sessions.changed").empty());
    EXPECT_EQ(heard(follower, "session.message").size(), 2u);
    EXPECT_TRUE(heard(follower, "sessions.changed").empty());
    follower.call("sessions.messages.unsubscribe", {{"key", "a"}});
    follower.seen.clear();
    say("hello", "agent:main:a");
    EXPECT_TRUE(heard(follower, "session.message").empty());
}

TEST_F(ws_events, a_run_is_told_as_a_stream) {
    say("hello", "agent:main:a");
    std::string joined, newest;
    std::int64_t last = 0;
    std::vector<std::string> phases;
    for (const auto& p : heard(client, "agent")) {
        EXPECT_EQ(p["runId"], "run-1");
        EXPECT_EQ(p["sessionKey"], "agent:main:a");
        EXPECT_GT(p["seq"], last) << p;
        last = p["seq"].get<std::int64_t>();
        const auto& data = p["data"];
        if (p["stream"] == "lifecycle") {
            phases.push_back(data["phase"].get<std::string>());
            EXPECT_GT(data["startedAt"], 0);
        } else {
            ASSERT_EQ(p["stream"], "assistant");
            joined += data["delta"].get<std::string>();
            newest = data["text"].get<std::string>();
            EXPECT_EQ(newest, joined) << "cumulative";
        }
    }
    EXPECT_EQ(phases, (std::vector<std::string>{"start", "end"}));
    const auto final = client.chat("final", "run-1");
    EXPECT_EQ(final["message"]["content"][0]["text"], joined);
    EXPECT_EQ(final["seq"], last) << "chat repeats the number of its agent event";
}

TEST_F(ws_events, one_who_follows_sessions_hears_of_no_other_run) {
    wire_websocket scoped(gateway.port());
    join(scoped, {"session-scoped-events"});
    scoped.call("sessions.messages.subscribe", {{"key", "a"}});
    say("hello", "agent:main:b");
    EXPECT_TRUE(heard(scoped, "agent").empty());
    say("hello", "agent:main:a");
    EXPECT_FALSE(heard(scoped, "agent").empty());
    wire_websocket deaf(gateway.port());
    join(deaf, {"tool-events"}, {});
    say("hello", "agent:main:a");
    EXPECT_TRUE(heard(deaf, "agent").empty());
}

}  // namespace
}  // namespace openclaw
