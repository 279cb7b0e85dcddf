// What an interface asks for besides sessions: metadata, tools, the host, and lists that are empty.

#include "ingress/health_answers.hpp"
#include "ingress/sessions_fixture.hpp"

#include <fstream>

namespace openclaw {
namespace {

using test::wire_websocket;

class ws_overview : public test::ws_client_test {};

TEST(health_answers, serve_for_a_second) {
    ingress::health_answers answers;
    const auto now = manual_time().steady();
    const auto view = ingress::health_view::sessions;
    EXPECT_EQ(answers.recent(view, now), nullptr);
    answers.keep(view, now, {{"ok", true}});
    ASSERT_NE(answers.recent(view, now + milliseconds(999)), nullptr);
    EXPECT_EQ(*answers.recent(view, now), json({{"ok", true}}));
    EXPECT_EQ(answers.recent(view, now + milliseconds(1000)), nullptr);
    EXPECT_EQ(answers.recent(ingress::health_view::place_on_disk, now), nullptr) << "another's";
}

TEST_F(ws_overview, a_message_is_found_by_its_id) {
    say("hello", "main");
    const auto rows = payload("chat.history", {{"sessionKey", "main"}})["messages"];
    const auto id = rows[1]["__openclaw"]["id"];
    const auto out = payload("chat.message.get", {{"sessionKey", "main"}, {"messageId", id}});
    EXPECT_EQ(out, json({{"ok", true}, {"message", rows[1]}})) << "the published schema has no more";
    const auto shorter = payload("chat.message.get",
                                 {{"sessionKey", "main"}, {"messageId", id}, {"maxChars", 3}});
    EXPECT_EQ(shorter["message"]["content"][0]["text"], "You");
    EXPECT_EQ(payload("chat.message.get", {{"sessionKey", "main"}, {"messageId", "x"}}),
              json({{"ok", false}, {"unavailableReason", "not_found"}}));
}

TEST_F(ws_overview, startup_brings_all_at_once) {
    say("hello", "main");
    const auto out = payload("chat.startup", {{"sessionKey", "main"}, {"limit", 1}});
    EXPECT_EQ(out["messages"].size(), 1u);
    EXPECT_EQ(out["sessionInfo"]["key"], "agent:main:main");
    EXPECT_EQ(out["agents"], payload("agents.list"));
    EXPECT_EQ(out["metadata"], payload("chat.metadata"));
    EXPECT_EQ(out["metadata"]["models"], payload("models.list")["models"]);
    EXPECT_EQ(out["metadata"]["commands"], payload("commands.list")["commands"]);
    EXPECT_EQ(refusal("chat.startup")["message"],
              "invalid chat.startup params: must have required property 'sessionKey'");
}

TEST_F(ws_overview, what_is_injected_is_heard_and_remembered) {
    say("hello", "main");
    payload("sessions.messages.subscribe", {{"key", "main"}});
    const auto out = payload("chat.inject", {{"sessionKey", "main"},
                                             {"message", "the build is green"},
                                             {"label", "CI"}});
    const auto is_final = [&](const json& m) {
        return m.value("event", "") == "chat" &&
               m["payload"]["runId"].get<std::string>().starts_with("inject-");
    };
    if (std::none_of(client.seen.begin(), client.seen.end(), is_final)) client.until(is_final);
    const auto event = *std::find_if(client.seen.begin(), client.seen.end(), is_final);
    EXPECT_EQ(event["payload"]["state"], "final");
    EXPECT_EQ(event["payload"]["message"]["content"][0]["text"], "[CI]\n\nthe build is green");
    const auto is_message = [](const json& m) { return m.value("event", "") == "session.message"; };
    const auto row = *std::find_if(client.seen.begin(), client.seen.end(), is_message);
    EXPECT_EQ(row["payload"]["messageId"], out["messageId"]);
    EXPECT_EQ(row["payload"]["messageSeq"], 3);
    say("what is new?", "main");
    const auto rows = payload("chat.history", {{"sessionKey", "main"}})["messages"];
    ASSERT_EQ(rows.size(), 5u);
    EXPECT_EQ(rows[2]["__openclaw"]["id"], out["messageId"]);
    EXPECT_EQ(rows[2]["model"], "gateway-injected");
    EXPECT_EQ(rows[4]["__openclaw"]["seq"], 5);
    EXPECT_EQ(payload("sessions.describe", {{"key", "main"}})["session"]["model"], "echo");
    EXPECT_EQ(refusal("chat.inject", {{"sessionKey", "b"}, {"message", "x"}})["message"],
              "No session found: agent:main:b");
}

TEST_F(ws_overview, commands_and_agents_are_named) {
    const auto commands = payload("commands.list")["commands"];
    ASSERT_EQ(commands.size(), 5u);
    EXPECT_EQ(commands[1]["textAliases"], json({"/new"}));
    EXPECT_EQ(commands[1]["acceptsArgs"], true);
    EXPECT_EQ(commands[4]["textAliases"], json({"/stop"}));
    EXPECT_EQ(payload("commands.list", {{"scope", "native"}})["commands"], json::array());
    EXPECT_EQ(payload("agent.identity.get"), json({{"agentId", "main"}}));
    EXPECT_EQ(payload("agent.identity.get", {{"sessionKey", "agent:main:a"}})["agentId"], "main");
    EXPECT_EQ(refusal("agent.identity.get", {{"agentId", "nobody"}})["code"], "INVALID_REQUEST");
}

TEST_F(ws_overview, tools_are_listed_and_run) {
    say("hello", "main");
    const auto groups = payload("tools.catalog")["groups"];
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups[0]["tools"][0]["id"], "time");
    EXPECT_EQ(groups[0]["tools"][0]["defaultProfiles"], json({"full"}));
    const auto own = payload("tools.effective", {{"sessionKey", "main"}})["groups"][0]["tools"][0];
    EXPECT_EQ(own["rawDescription"], groups[0]["tools"][0]["description"]);
    EXPECT_FALSE(own.contains("defaultProfiles"));
    EXPECT_EQ(refusal("tools.effective", {{"sessionKey", "b"}})["code"], "INVALID_REQUEST");
    const auto out = payload("tools.invoke", {{"name", "time"}, {"idempotencyKey", "k"}});
    EXPECT_EQ(out["ok"], true);
    EXPECT_EQ(out["toolName"], "time");
    EXPECT_FALSE(out["output"]["content"][0]["text"].get<std::string>().empty());
    const auto unknown = payload("tools.invoke", {{"name", "nothing"}});
    EXPECT_EQ(unknown["ok"], false);
    EXPECT_EQ(unknown["error"]["code"], "not_found");
    EXPECT_EQ(refusal("tools.invoke", {{"name", "time"}, {"args", 1}})["code"], "INVALID_REQUEST");
}

TEST_F(ws_overview, who_is_here) {
    const auto alone = payload("system-presence");
    ASSERT_EQ(alone.size(), 1u) << "a command line is not shown";
    EXPECT_EQ(alone[0]["mode"], "gateway");
    EXPECT_EQ(alone[0]["reason"], "self");
    EXPECT_EQ(alone[0]["version"], "1.2.3");
    const auto host = payload("system.info");
    EXPECT_EQ(host["port"], gateway.port());
    EXPECT_GT(host["memoryTotalBytes"], 0);
    EXPECT_EQ(host["loadAverage"].size(), 3u);
    EXPECT_EQ(host["nodeVersion"], "") << "clients want the field";
    EXPECT_FALSE(host.contains("version")) << "the handshake has it";
}

// The published command line walks through the sessions of each agent.
TEST_F(ws_overview, health_tells_the_sessions_of_each_agent) {
    say("hello", "main");
    const auto health = payload("health");
    for (const auto& sessions : {health["sessions"], health["agents"][0]["sessions"]}) {
        EXPECT_EQ(sessions["count"], 1);
        ASSERT_EQ(sessions["recent"].size(), 1u);
        EXPECT_EQ(sessions["recent"][0]["key"], "agent:main:main");
        EXPECT_TRUE(sessions["recent"][0]["age"].is_number());
        EXPECT_TRUE(sessions["path"].is_string());
    }
}

TEST_F(ws_overview, health_may_be_a_second_old_unless_it_is_to_probe) {
    const auto first = payload("health", {{"probe", true}});
    say("hello", "main");
    const auto known = payload("health");
    EXPECT_TRUE(known == first || known["sessions"]["count"] == 1) << "a second may pass on a slow machine";
    EXPECT_EQ(payload("health", {{"probe", true}})["sessions"]["count"], 1);
    EXPECT_EQ(payload("health")["sessions"]["count"], 1) << "what was found then serves the next";
    EXPECT_EQ(refusal("health", {{"probe", "yes"}})["code"], "INVALID_REQUEST");
}

// The sessions of others are not for everybody, whoever asked before.
TEST_F(ws_overview, health_shows_what_the_caller_may_know_whoever_asked_before) {
    say("hello", "main");
    EXPECT_EQ(payload("health")["sessions"]["count"], 1);
    wire_websocket reader(gateway.port());
    ASSERT_EQ(reader.connect(test::gateway_token, {"operator.read"})["ok"], true);
    const auto read = reader.call("health")["payload"]["sessions"];
    EXPECT_EQ(read["path"], "") << "the place on disk is the administrator's";
    EXPECT_EQ(read["recent"].size(), 1u);
    wire_websocket stranger(gateway.port());
    ASSERT_EQ(stranger.connect(test::gateway_token, {"operator.pairing"})["ok"], true);
    EXPECT_EQ(stranger.call("health")["payload"]["sessions"], json::object());
}

TEST(ws_overview_of_two, health_counts_the_sessions_of_each_agent) {
    auto settings = test::gateway_settings();
    for (const char* id : {"main", "other"}) {
        config::agent_settings agent;
        agent.id = id;
        agent.is_default = settings.agents.list.empty();
        settings.agents.list.push_back(agent);
    }
    test::gateway_fixture gateway(settings);
    wire_websocket client(gateway.port());
    ASSERT_EQ(client.connect(test::gateway_token)["ok"], true);
    for (const char* key : {"agent:main:a", "agent:other:a", "agent:other:b"}) {
        ASSERT_EQ(client.call("sessions.create", {{"key", key}})["ok"], true);
    }
    const auto health = client.call("health")["payload"];
    EXPECT_EQ(health["sessions"]["count"], 3);
    ASSERT_EQ(health["agents"].size(), 2u);
    EXPECT_EQ(health["agents"][0]["sessions"]["count"], 1);
    EXPECT_EQ(health["agents"][1]["sessions"]["count"], 2);
    EXPECT_EQ(health["agents"][1]["sessions"]["recent"].size(), 2u);
}

TEST_F(ws_overview, a_history_is_shortened_and_says_what_answers) {
    say("hello there", "main");
    const auto page = payload("chat.history", {{"sessionKey", "main"}, {"maxChars", 5}});
    EXPECT_EQ(page["messages"][0]["content"][0]["text"], "hello");
    EXPECT_EQ(page["defaults"]["model"], "echo");
    EXPECT_EQ(payload("status")["sessions"]["byAgent"][0]["count"], 1);
}

TEST_F(ws_overview, models_say_what_they_take) {
    const auto models = payload("models.list")["models"];
    ASSERT_FALSE(models.empty());
    EXPECT_EQ(models[0]["available"], true);
    EXPECT_EQ(models[0]["input"], json({"text"}));
    EXPECT_GT(models[0]["contextWindow"], 0);
}

// A program that may run a command only when somebody permits it is told at once that nobody does.
TEST_F(ws_overview, nobody_permits_commands) {
    const auto out = payload("exec.approval.request",
                             {{"id", "a1"}, {"command", "make"}, {"timeoutMs", 1000}});
    EXPECT_EQ(out["id"], "a1");
    EXPECT_EQ(out["decision"], nullptr);
    EXPECT_EQ(out["expiresAtMs"].get<std::int64_t>() - out["createdAtMs"].get<std::int64_t>(), 1000);
    EXPECT_FALSE(string_or(payload("exec.approval.request", {{"commandArgv", {"make"}}}), "id").empty());
    EXPECT_EQ(refusal("exec.approval.request", {{"id", "a1"}})["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("exec.approval.resolve", {{"id", "a1"}, {"decision", "deny"}})["code"],
              "APPROVAL_NOT_FOUND");
    EXPECT_EQ(refusal("exec.approval.resolve", {{"id", "a1"}, {"decision", "yes"}})["code"],
              "INVALID_REQUEST");
    EXPECT_EQ(refusal("exec.approval.waitDecision", {{"id", "a1"}})["code"], "APPROVAL_NOT_FOUND");
}

TEST_F(ws_overview, permissions_that_would_change_nothing_are_refused) {
    const auto now = payload("exec.approvals.get");
    EXPECT_EQ(now["exists"], false);
    EXPECT_EQ(payload("exec.approvals.set", {{"file", now["file"]}, {"baseHash", now["hash"]}}), now);
    EXPECT_EQ(refusal("exec.approvals.set", {{"file", now["file"]}, {"baseHash", "older"}})["code"],
              "INVALID_REQUEST");
    const auto no = refusal("exec.approvals.set",
                            {{"file", {{"version", 1}, {"defaults", {{"security", "full"}}}}}});
    EXPECT_EQ(no["code"], "INVALID_REQUEST");
    EXPECT_NE(string_or(no, "message").find("not in effect"), std::string::npos);
}

TEST_F(ws_overview, methods_that_change_nothing_yet_are_not_named) {
    wire_websocket another(gateway.port());
    const auto hello = another.connect(test::gateway_token, {"operator.admin"});
    const auto named = hello["payload"]["features"]["methods"];
    EXPECT_EQ(std::ranges::count(named, "exec.approvals.set"), 0);
    EXPECT_EQ(std::ranges::count(named, "exec.approval.resolve"), 0);
    EXPECT_EQ(std::ranges::count(named, "set-heartbeats"), 0);
    EXPECT_EQ(std::ranges::count(named, "wake"), 1);
}

TEST_F(ws_overview, a_wake_begins_a_turn_of_the_main_session) {
    const auto out = payload("wake", {{"mode", "now"}, {"text", "the build broke"}});
    EXPECT_EQ(out["ok"], true);
    EXPECT_EQ(payload("agent.wait", {{"runId", out["runId"]}})["status"], "ok");
    const auto rows = payload("chat.history", {{"sessionKey", "main"}})["messages"];
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["content"][0]["text"], "the build broke");
    EXPECT_EQ(refusal("wake", {{"mode", "next-heartbeat"}, {"text", "x"}})["code"],
              "INVALID_REQUEST");
    EXPECT_EQ(refusal("wake", {{"mode", "soon"}, {"text", "x"}})["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("wake", {{"mode", "now"}})["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("wake", {{"mode", "now"}, {"text", "x"}, {"agentId", "nobody"}})["code"],
              "INVALID_REQUEST");
}

TEST_F(ws_overview, a_run_cannot_be_named_as_one_of_a_job) {
    const json words{{"sessionKey", "main"}, {"message", "hi"}, {"idempotencyKey", "cron:news:1"}};
    EXPECT_EQ(refusal("chat.send", words)["code"], "INVALID_REQUEST");
}

TEST_F(ws_overview, a_system_event_is_shown_among_those_present) {
    const json told{{"text", "Node: lamp"}, {"host", "lamp"}, {"lastInputSeconds", 5}};
    EXPECT_EQ(payload("system-event", told), json({{"ok", true}}));
    const auto rows = payload("system-presence");
    const auto row = std::ranges::find(rows, "lamp", [](const json& r) { return r.value("host", ""); });
    ASSERT_NE(row, rows.end());
    EXPECT_EQ((*row)["text"], "Node: lamp");
    EXPECT_EQ((*row)["lastInputSeconds"], 5);
    EXPECT_EQ(refusal("system-event", {{"host", "lamp"}})["code"], "INVALID_REQUEST");
}

TEST_F(ws_overview, heartbeats_are_off) {
    EXPECT_EQ(payload("set-heartbeats", {{"enabled", false}}), json({{"ok", true}, {"enabled", false}}));
    EXPECT_EQ(refusal("set-heartbeats", {{"enabled", true}})["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("set-heartbeats")["code"], "INVALID_REQUEST");
}

TEST_F(ws_overview, lists_of_what_there_is_not_are_empty) {
    EXPECT_EQ(payload("question.list"), json({{"questions", json::array()}}));
    EXPECT_EQ(payload("plugin.approval.list"), json::array());
    EXPECT_EQ(payload("exec.approval.list"), json::array());
    EXPECT_EQ(payload("taskSuggestions.list"), json({{"suggestions", json::array()}}));
    EXPECT_EQ(payload("last-heartbeat"), nullptr);
    EXPECT_EQ(payload("tasks.list"), json({{"tasks", json::array()}}));
    EXPECT_EQ(payload("node.list")["nodes"], json::array());
    EXPECT_EQ(payload("skills.status")["agentId"], "main");
    EXPECT_EQ(payload("update.status")["updateAvailable"], nullptr);
    EXPECT_EQ(payload("logs.tail")["lines"], json::array()) << "this one writes no log";
}

TEST(ws_logs, are_read_through_the_gateway) {
    test::temp_dir folder;
    auto settings = test::gateway_settings();
    settings.gateway.logging.file.path = (folder.path() / "g.log").string();
    std::ofstream(settings.gateway.logging.file.path) << "one\ntwo\n";
    test::gateway_fixture gateway(settings);
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token, {"operator.read"});
    const auto out = client.call("logs.tail", {{"limit", 1}, {"maxBytes", 250'000}})["payload"];
    EXPECT_EQ(out["lines"], json({"two"}));
    EXPECT_EQ(out["cursor"], 8);
    EXPECT_EQ(client.call("logs.tail", {{"cursor", 8}})["payload"]["lines"], json::array());
    EXPECT_EQ(client.call("logs.tail", {{"limit", 0}})["ok"], false);
}

}  // namespace
}  // namespace openclaw
