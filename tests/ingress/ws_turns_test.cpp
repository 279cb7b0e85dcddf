// Turns over the WebSocket that are called back, and the way back through what was said.

#include "support/gateway_fixture.hpp"
#include "support/script_server.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;
using test::wire_websocket;

json chat_send(const std::string& text, const std::string& key, const std::string& session = "main") {
    return {{"sessionKey", session}, {"message", text}, {"idempotencyKey", key}};
}

// A model that begins to answer and then waits until its caller goes.
config::settings with_endless_model(const test::script_server& server) {
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

task<> begin_and_hang(test::script_peer& peer, unsigned) {
    if ((co_await peer.request()).empty()) co_return;
    const std::string begun =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string event =
        R"(data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,)"
        R"("delta":{"role":"assistant","content":"once upon"},"finish_reason":null}]})" "\n\n";
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", event.size());
    co_await peer.send(begun + size + event + "\r\n");
    co_await peer.closed_by_client();
}

TEST(ws_abort, stops_the_turn_and_keeps_what_there_was) {
    test::script_server provider(begin_and_hang);
    gateway_fixture gateway(with_endless_model(provider));
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send("tell me", "run-1"));
    EXPECT_EQ(client.chat("delta", "run-1")["deltaText"], "once upon");
    EXPECT_EQ(client.call("chat.send", chat_send("tell me", "run-1"))["payload"]["status"],
              "in_flight");
    const auto live = client.call("chat.history", {{"sessionKey", "main"}})["payload"];
    EXPECT_EQ(live["inFlightRun"]["runId"], "run-1");
    EXPECT_EQ(live["inFlightRun"]["text"], "once upon");
    EXPECT_EQ(live["pendingInputs"]["total"], 0);
    client.call("chat.send", chat_send("and then", "run-2"));
    const auto queue = client.call("chat.history", {{"sessionKey", "main"}})["payload"]["pendingInputs"];
    EXPECT_EQ(queue["total"], 1);
    EXPECT_EQ(queue["items"][0]["runId"], "run-2");
    EXPECT_EQ(queue["items"][0]["message"]["content"][0]["text"], "and then");
    EXPECT_EQ(queue["items"][0]["state"], "queued");
    const auto second = client.call("chat.abort", {{"sessionKey", "main"}, {"runId", "run-2"}});
    EXPECT_EQ(second["payload"]["aborted"], true);
    const auto r = client.call("chat.abort", {{"sessionKey", "main"}, {"runId", "run-1"}});
    EXPECT_EQ(r["payload"], json({{"ok", true}, {"aborted", true}, {"runIds", {"run-1"}}}));
    const auto event = client.chat("aborted", "run-1");
    EXPECT_EQ(event["stopReason"], "rpc");
    EXPECT_EQ(event["message"]["content"][0]["text"], "once upon");
    client.chat("aborted", "run-2");
    EXPECT_EQ(client.call("chat.abort", {{"sessionKey", "main"}})["payload"]["aborted"], false);
}

// Its row is stored with the answer: who comes meanwhile gets it all the same.
TEST(ws_abort, who_comes_during_a_turn_gets_its_question) {
    test::script_server provider(begin_and_hang);
    gateway_fixture gateway(with_endless_model(provider));
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send("tell me", "run-1"));
    client.chat("delta", "run-1");
    const auto page = client.call("chat.history", {{"sessionKey", "main"}})["payload"];
    ASSERT_EQ(page["messages"].size(), 1u) << page;
    EXPECT_EQ(page["totalMessages"], 1);
    EXPECT_EQ(page["deltaCursor"], "0") << "it is not stored";
    const auto news = client.call("chat.history", {{"sessionKey", "main"}, {"cursor", "0"}})["payload"];
    EXPECT_EQ(news["messages"], page["messages"]);
    EXPECT_EQ(news["deltaCursor"], "0");
    const auto id = page["messages"][0]["__openclaw"]["id"];
    const auto one = client.call("chat.message.get", {{"sessionKey", "main"}, {"messageId", id}});
    EXPECT_EQ(one["payload"]["message"], page["messages"][0]);

    wire_client events(gateway.port());
    events.send(gateway.request("GET", "/api/sessions/main/events", "", "Last-Event-ID: 0\r\n"));
    events.response_head();
    const auto begun = events.read_until("event: ready\nid: 0\n");
    EXPECT_NE(begun.find(R"("messageId":"run-1:user")"), std::string::npos) << begun;

    client.call("chat.abort", {{"sessionKey", "main"}});
    client.chat("aborted", "run-1");
    const auto after = client.call("chat.history", {{"sessionKey", "main"}})["payload"]["messages"];
    ASSERT_EQ(after.size(), 2u) << "and not twice";
    EXPECT_EQ(after[0]["__openclaw"]["id"], id);
}

TEST(ws_abort, a_queued_message_that_is_called_back_is_told_of_with_its_row) {
    test::script_server provider(begin_and_hang);
    gateway_fixture gateway(with_endless_model(provider));
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("sessions.messages.subscribe", {{"key", "main"}});
    client.call("chat.send", chat_send("tell me", "run-1"));
    client.chat("delta", "run-1");
    client.call("chat.send", chat_send("and then", "run-2"));
    client.call("sessions.abort", {{"runId", "run-2"}});
    EXPECT_EQ(client.call("sessions.abort", {{"runId", "run-1"}})["payload"]["abortedRunId"], "run-1");
    client.chat("aborted", "run-2");
    std::vector<std::string> told;
    for (const auto& m : client.seen) {
        if (m.value("event", "") != "session.message") continue;
        told.push_back(m["payload"]["messageId"].get<std::string>());
    }
    EXPECT_EQ(told, (std::vector<std::string>{"run-1:user", "run-1:1", "run-2:user"}));
}

// Of two agents the one that is meant, and not the other one's run of the same name.
TEST(ws_abort, stops_the_run_of_the_agent_that_is_named) {
    test::script_server provider(begin_and_hang);
    auto settings = with_endless_model(provider);
    for (const char* id : {"main", "work"}) {
        config::agent_settings agent;
        agent.id = id;
        agent.is_default = settings.agents.list.empty();
        settings.agents.list.push_back(agent);
    }
    gateway_fixture gateway(settings);
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send("tell me", "run-1"));
    client.chat("delta", "run-1");
    auto of_work = chat_send("tell me", "run-2");
    of_work["agentId"] = "work";
    client.call("chat.send", of_work);
    client.chat("delta", "run-2");
    const json meant{{"sessionKey", "main"}, {"agentId", "work"}};
    EXPECT_EQ(client.call("chat.history", meant)["payload"]["sessionKey"], "agent:work:main");
    EXPECT_EQ(client.call("chat.abort", meant)["payload"]["runIds"], json::array({"run-2"}));
    const json both{{"sessionKey", "agent:main:main"}, {"agentId", "work"}};
    EXPECT_EQ(client.call("chat.abort", both)["error"]["code"], "INVALID_REQUEST");
    EXPECT_EQ(client.call("sessions.messages.subscribe", {{"key", "main"}, {"agentId", "work"}})
                  ["payload"]["key"], "agent:work:main");
    client.call("chat.abort", {{"sessionKey", "main"}});
    client.chat("aborted", "run-1");
}

// A caller that hangs up before the first word frees its place, and the model is not asked further.
TEST(ws_abort, a_request_whose_client_is_gone_is_one) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        if ((co_await peer.request()).empty()) co_return;
        co_await peer.closed_by_client();
    });
    gateway_fixture gateway(with_endless_model(provider));
    const std::string body = R"({"model":"openclaw","messages":[{"role":"user","content":"x"}]})";
    {
        wire_client client(gateway.port());
        client.send(gateway.request("POST", "/v1/chat/completions", body));
        while (gateway.router().stats().running == 0) std::this_thread::yield();
    }
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (gateway.router().stats().running > 0) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "the turn goes on for nobody";
        std::this_thread::yield();
    }
}

TEST(ws_history, a_page_is_bounded_in_bytes_and_the_rest_is_within_reach) {
    gateway_fixture gateway;
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    for (int i = 0; i < 3; ++i) {
        const auto key = "run-" + std::to_string(i);
        client.call("chat.send", chat_send(std::string(900'000, 'x'), key));
        client.chat("final", key);
        client.seen.clear();
    }
    std::size_t rows = 0;
    std::int64_t offset = 0;
    for (bool more = true; more; ++rows) {
        const auto page =
            client.call("chat.history", {{"sessionKey", "main"}, {"offset", offset}})["payload"];
        ASSERT_FALSE(page["messages"].empty());
        more = page["hasMore"].get<bool>();
        if (!more) break;
        offset = page["nextOffset"].get<std::int64_t>();
        ASSERT_LT(rows, 10u);
    }
    EXPECT_GT(rows, 0u) << "six rows of 900 KB do not fit one page";
    EXPECT_EQ(client.call("chat.history", {{"sessionKey", "main"}, {"offset", -1}})["ok"], false);
    EXPECT_EQ(client.call("chat.history", {{"sessionKey", "main"}, {"offset", 6}})["payload"]["messages"],
              json::array());
}

// Its further requests wait unread: nothing is answered into memory, and nobody is closed for it.
TEST(ws_history, one_who_asks_and_does_not_read_is_not_read_from) {
    gateway_fixture gateway;
    wire_websocket client(gateway.port(), "", 4'096);
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send(std::string(900'000, 'x'), "run-1"));
    client.chat("final", "run-1");
    const int asked = 12;   // answers of 1.8 MB each, with 4 MiB for what waits
    for (int i = 0; i < asked; ++i) {
        client.send(json{{"type", "req"}, {"id", "h" + std::to_string(i)}, {"method", "chat.history"},
                         {"params", {{"sessionKey", "main"}}}});
    }
    wire_websocket other(gateway.port());
    other.connect(test::gateway_token);
    EXPECT_EQ(other.call("chat.history", {{"sessionKey", "main"}})["ok"], true);
    client.wire().set_receive_buffer(1 << 20);
    for (int i = 0; i < asked; ++i) {
        const auto r = client.until([&](const json& m) { return m.value("type", "") == "res"; });
        EXPECT_EQ(r["id"], "h" + std::to_string(i));
        EXPECT_EQ(r["ok"], true);
        client.seen.clear();
    }
}

TEST(ws_abort, a_typed_stop_is_an_abort) {
    test::script_server provider(begin_and_hang);
    gateway_fixture gateway(with_endless_model(provider));
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send("tell me", "run-1"));
    client.chat("delta", "run-1");
    const auto r = client.call("chat.send", chat_send("/stop", "run-2"));
    EXPECT_EQ(r["payload"], json({{"ok", true}, {"aborted", true}, {"runIds", {"run-1"}}}));
}

TEST(ws_chat_send, its_time_limit_ends_the_turn) {
    test::script_server provider(begin_and_hang);
    gateway_fixture gateway(with_endless_model(provider));
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    auto params = chat_send("tell me", "run-1");
    params["timeoutMs"] = 100;
    client.call("chat.send", params);
    const auto end = client.chat("error", "run-1");
    EXPECT_EQ(end["errorKind"], "timeout") << end;
    const json other{{"key", "main"}, {"message", "and?"}, {"timeoutMs", 100}, {"idempotencyKey", "run-2"}};
    client.call("sessions.send", other);
    client.chat("error", "run-2");
}

TEST(ws_chat_send, means_the_session_that_it_names) {
    gateway_fixture gateway;
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    auto params = chat_send("hi", "run-1", "agent:main:a");
    params["sessionId"] = "1";
    const auto early = client.call("chat.send", params)["error"];
    EXPECT_EQ(early["code"], "INVALID_REQUEST");
    EXPECT_EQ(early["details"]["code"], "conflict") << "there is none yet";
    EXPECT_EQ(client.call("sessions.describe", {{"key", "a"}})["payload"]["session"], nullptr);
    params.erase("sessionId");
    client.call("chat.send", params);
    client.chat("final", "run-1");
    const auto id = client.call("sessions.describe", {{"key", "a"}})["payload"]["session"]["sessionId"];
    params["idempotencyKey"] = "run-2";
    for (const json& other : {json("999"), json("main"), json("-1"), json(id.get<std::string>() + "x")}) {
        params["sessionId"] = other;
        EXPECT_EQ(client.call("chat.send", params)["error"]["details"]["code"], "conflict") << other;
    }
    params["sessionId"] = id;
    EXPECT_EQ(client.call("chat.send", params)["payload"]["status"], "started");
    client.chat("final", "run-2");
}

TEST(ws_chat_send, refuses_by_name_what_it_would_not_do) {
    gateway_fixture gateway;
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const std::vector<std::pair<json, std::string>> refused{
        {{{"thinking", "high"}}, "/thinking"},       {{{"queueMode", "backlog"}}, "/queueMode"},
        {{{"fastMode", true}}, "/fastMode"},         {{{"fastMode", "auto"}}, "/fastMode"},
        {{{"timeoutMs", -1}}, "/timeoutMs"},         {{{"timeoutMs", "1s"}}, "/timeoutMs"},
        {{{"sessionId", 7}}, "/sessionId"}};
    for (const auto& [extra, name] : refused) {
        auto params = chat_send("hi", "run-1");
        params.update(extra);
        const auto e = client.call("chat.send", params)["error"];
        EXPECT_EQ(e["code"], "INVALID_REQUEST") << extra;
        EXPECT_NE(e["message"].get<std::string>().find("at " + name + ":"), std::string::npos) << e;
    }
    for (const std::string method : {"chat.send", "agent"}) {
        auto wants_delivery = chat_send("hi", "run-1");
        wants_delivery["deliver"] = true;
        EXPECT_EQ(client.call(method, wants_delivery)["error"]["message"],
                  "`deliver` is not in effect in this version") << method;
    }
    for (const char* name : {"lane", "label"}) {
        auto named = chat_send("hi", "run-1");
        named[name] = "x";
        EXPECT_EQ(client.call("agent", named)["error"]["code"], "INVALID_REQUEST") << name;
    }
    auto params = chat_send("hi", "run-1");
    params.update({{"thinking", "off"}, {"queueMode", "interrupt"}, {"fastMode", false},
                   {"timeoutMs", 0}, {"sessionId", ""}, {"deliver", false}});
    EXPECT_EQ(client.call("chat.send", params)["ok"], true);
}

}  // namespace
}  // namespace openclaw
