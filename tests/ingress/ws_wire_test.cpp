// The WebSocket protocol as a client meets it: handshake, close codes, chat, the end.

#include "support/gateway_fixture.hpp"
#include "support/script_server.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

#include <future>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;
using test::wire_websocket;

json chat_send(const std::string& text, const std::string& key, const std::string& session = "main") {
    return {{"sessionKey", session}, {"message", text}, {"idempotencyKey", key}};
}

class ws_wire : public testing::Test {
protected:
    gateway_fixture gateway;
};

TEST_F(ws_wire, challenge_connect_hello) {
    wire_websocket client(gateway.port());
    EXPECT_EQ(client.answer.status, 101);
    EXPECT_EQ(client.answer.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(client.answer.field("sec-websocket-extensions"), "");
    const auto hello = client.connect(test::gateway_token, {"operator.read", "operator.bogus"});
    EXPECT_EQ(client.challenge["event"], "connect.challenge");
    EXPECT_FALSE(client.challenge.contains("seq"));
    EXPECT_FALSE(client.challenge["payload"]["nonce"].get<std::string>().empty());
    EXPECT_GT(client.challenge["payload"]["ts"], 0);
    EXPECT_FALSE(client.challenge["payload"].contains("capabilities"));
    ASSERT_EQ(hello["ok"], true) << hello;
    const auto& p = hello["payload"];
    EXPECT_EQ(p["type"], "hello-ok");
    EXPECT_EQ(p["protocol"], 4);
    EXPECT_EQ(p["server"]["version"], "1.2.3");
    EXPECT_FALSE(p["server"]["connId"].get<std::string>().empty());
    EXPECT_EQ(p["auth"]["role"], "operator");
    EXPECT_EQ(p["auth"]["scopes"], json({"operator.read"}));
    EXPECT_EQ(p["auth"]["method"], "token");
    EXPECT_EQ(p["policy"]["maxPayload"], 26'214'400);
    EXPECT_EQ(p["policy"]["tickIntervalMs"], 30'000);
    EXPECT_GT(p["policy"]["maxBufferedBytes"], 0);
    EXPECT_TRUE(p["snapshot"]["stateVersion"]["health"].is_number_integer());
    EXPECT_TRUE(p["snapshot"]["uptimeMs"].is_number_integer());
    EXPECT_FALSE(p["snapshot"].contains("configPath")) << "for admins alone";
    EXPECT_NE(std::find(p["features"]["methods"].begin(), p["features"]["methods"].end(),
                        json("chat.send")), p["features"]["methods"].end());
}

TEST_F(ws_wire, an_admin_learns_where_things_are) {
    wire_websocket client(gateway.port());
    const auto snapshot = client.connect(test::gateway_token)["payload"]["snapshot"];
    EXPECT_EQ(snapshot["configPath"], gateway.config_file().string());
    EXPECT_EQ(snapshot["authMode"], "token");
}

TEST_F(ws_wire, any_path_upgrades) {
    for (const char* path : {"/ws", "/foo/bar", "/health", "/?x=1"}) {
        wire_client client(gateway.port());
        EXPECT_EQ(client.ask(wire_websocket::upgrade_request(gateway.port(), "", path)).status, 101);
    }
}

// A browser closes a connection that answers none of the protocols that its page offered.
TEST_F(ws_wire, the_first_subprotocol_that_is_offered_is_taken) {
    const auto taken = [&](const std::string& fields) {
        wire_websocket client(gateway.port(), fields);
        EXPECT_EQ(client.answer.status, 101) << fields;
        EXPECT_EQ(client.next_json()["event"], "connect.challenge") << fields;
        return client.answer.field("sec-websocket-protocol");
    };
    EXPECT_EQ(taken(""), "");
    EXPECT_EQ(taken("Sec-WebSocket-Protocol: openclaw\r\n"), "openclaw");
    EXPECT_EQ(taken("Sec-WebSocket-Protocol: \tv4.openclaw ,other\r\n"), "v4.openclaw");
    EXPECT_EQ(taken("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"), "a");
    for (const char* no_token : {"", ",a", "a b", "a;b", "a\"b", "<a>", "a/b"}) {
        EXPECT_EQ(taken("Sec-WebSocket-Protocol: " + std::string(no_token) + "\r\n"), "") << no_token;
    }
}

// Before the upgrade: a page in a browser on this machine is as foreign as any other.
TEST_F(ws_wire, foreign_origins_are_refused_before_the_upgrade) {
    for (const std::string origin : {"http://evil.test", "null", "https://evil.test:18789",
                                     "http://127.0.0.1", "http://127.0.0.1.evil.test",
                                     "chrome-extension://abc", "http://evil@127.0.0.1"}) {
        wire_websocket client(gateway.port(), "Origin: " + origin + "\r\n");
        EXPECT_EQ(client.answer.status, 403) << origin;
        EXPECT_EQ(json::parse(client.answer.body)["error"]["code"],
                  "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    }
    wire_websocket own(gateway.port(), "Origin: http://" + gateway.host() + "\r\n");
    EXPECT_EQ(own.answer.status, 101);
    const auto hello = own.connect(test::gateway_token, {"operator.admin"});
    EXPECT_EQ(hello["payload"]["auth"]["scopes"], json::array()) << "no device, no scopes";
}

TEST_F(ws_wire, forwarded_upgrades_of_unknown_proxies_are_refused) {
    for (const std::string field : {"X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1",
                                    "Forwarded: for=127.0.0.1", "X-Forwarded-Host: a",
                                    "X-Forwarded-Proto: https"}) {
        wire_websocket client(gateway.port(), field + "\r\n");
        EXPECT_EQ(client.answer.status, 403) << field;
    }
}

TEST_F(ws_wire, foreign_hosts_and_broken_upgrades_are_refused) {
    auto request = wire_websocket::upgrade_request(gateway.port());
    auto foreign = request;
    foreign.replace(foreign.find("127.0.0.1"), 9, "evil.test");
    EXPECT_EQ(wire_client(gateway.port()).ask(foreign).status, 421);
}

// Answered by us, not by the library: in the shape of every error, and with the request's id.
TEST_F(ws_wire, a_broken_upgrade_is_told_what_it_lacks) {
    const auto ask = [&](std::string_view what, std::string_view instead) {
        auto request = wire_websocket::upgrade_request(gateway.port());
        request.replace(request.find(what), what.size(), instead);
        return wire_client(gateway.port()).ask(request);
    };
    for (const auto& [what, instead] : {std::pair("Sec-WebSocket-Key", "X-Other-Thing"),
                                        std::pair("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="),
                                        std::pair("dGhlIHNhbXBsZSBub25jZQ==", "not base64 at all!!!!!!!")}) {
        const auto answer = ask(what, instead);
        EXPECT_EQ(answer.status, 400) << instead;
        EXPECT_EQ(json::parse(answer.body)["error"]["requestId"], answer.field("x-request-id"));
    }
    const auto version = ask("Version: 13", "Version: 8");
    EXPECT_EQ(version.status, 426);
    EXPECT_EQ(version.field("sec-websocket-version"), "13");
    EXPECT_EQ(ask("Connection: Upgrade", "Connection: keep-alive").status, 404) << "a plain GET /";
    EXPECT_EQ(ask("Connection: Upgrade", "Connection: keep-alive, Upgrade").status, 101);
}

TEST(ws_limits, too_many_are_told_to_come_back) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.max_websocket_connections = 1;
    gateway_fixture gateway(settings);
    auto first = std::make_unique<wire_websocket>(gateway.port());
    EXPECT_EQ(first->connect(test::gateway_token)["ok"], true);
    wire_websocket second(gateway.port());
    EXPECT_EQ(second.answer.status, 503);
    EXPECT_FALSE(second.answer.field("retry-after").empty());
    EXPECT_EQ(first->call("health")["ok"], true);
    EXPECT_EQ(gateway.ask("GET", "/healthz").status, 200);
    // The refused one took no place, and the first one gives its back.
    first->send_frame(wire_websocket::closing, {});
    EXPECT_EQ(first->next().opcode, wire_websocket::closing);
    first.reset();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (wire_websocket(gateway.port()).answer.status != 101) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "the place was never given back";
    }
}

// The first frame and what it leads to (the first half of protocol.md §1.4).
struct first_case {
    const char* name;
    std::string frame;
    int code;
    const char* reason;
    const char* message;   // of the response before it; "": none
};
void PrintTo(const first_case& c, std::ostream* out) { *out << c.name; }

class ws_first_frame : public testing::TestWithParam<first_case> {};

TEST_P(ws_first_frame, closes_with_the_code_of_the_protocol) {
    const auto& c = GetParam();
    gateway_fixture gateway;
    wire_websocket client(gateway.port());
    client.next_json();
    client.send(c.frame);
    const auto end = client.end();
    EXPECT_EQ(end.code(), c.code);
    EXPECT_EQ(end.reason(), c.reason);
    if (std::string(c.message).empty()) {
        EXPECT_TRUE(client.seen.empty()) << client.seen[0];
    } else {
        ASSERT_EQ(client.seen.size(), 1u);
        EXPECT_EQ(client.seen[0]["ok"], false);
        EXPECT_EQ(client.seen[0]["id"], "1");
        EXPECT_EQ(client.seen[0]["error"]["code"], "INVALID_REQUEST");
        EXPECT_EQ(client.seen[0]["error"]["message"], c.message);
    }
}

const std::vector<first_case> first_cases{
    {"not_json", "hello", 1000, "", ""},
    {"empty", "", 1000, "", ""},
    {"array", "[]", 1008, "invalid request frame", ""},
    {"event", R"({"type":"event","event":"tick"})", 1008, "invalid request frame", ""},
    {"other_method", R"({"type":"req","id":"1","method":"health"})", 1008,
     "invalid handshake: first request must be connect",
     "invalid handshake: first request must be connect"},
    {"no_params", R"({"type":"req","id":"1","method":"connect"})", 1008,
     "invalid connect params: at /minProtocol: must be integer >= 1",
     "invalid connect params: at /minProtocol: must be integer >= 1"},
    {"bad_client_id",
     R"({"type":"req","id":"1","method":"connect","params":{"minProtocol":4,"maxProtocol":4,)"
     R"("client":{"id":"x","version":"1","platform":"p","mode":"cli"}}})", 1008,
     "invalid connect params: at /client/id: must be equal to one of the allowed values",
     "invalid connect params: at /client/id: must be equal to one of the allowed values"},
    {"old_protocol",
     R"({"type":"req","id":"1","method":"connect","params":{"minProtocol":1,"maxProtocol":3,)"
     R"("client":{"id":"cli","version":"1","platform":"p","mode":"cli"}}})", 1002,
     "protocol mismatch", "protocol mismatch"},
    {"over_64k", std::string(65'537, ' '), 1009, "", ""},
};
INSTANTIATE_TEST_SUITE_P(, ws_first_frame, testing::ValuesIn(first_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST_F(ws_wire, a_first_frame_of_exactly_64k_is_read) {
    wire_websocket client(gateway.port());
    client.next_json();
    auto frame = json{{"type", "req"}, {"id", "1"}, {"method", "connect"},
                      {"params", wire_websocket::connect_params(test::gateway_token)}}.dump();
    frame += std::string(65'536 - frame.size(), ' ');
    client.send(frame);
    EXPECT_EQ(client.next_json()["ok"], true);
    client.send(std::string(100'000, ' ') + R"({"type":"req","id":"2","method":"health"})");
    EXPECT_EQ(client.next_json()["id"], "2") << "larger frames are welcome after hello";
}

TEST_F(ws_wire, a_frame_over_25_mib_closes) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    // Only the head of the frame: its length alone decides.
    std::string head{'\x81', '\xff', 0, 0, 0, 0, '\x01', '\x90', 0, 1, 1, 2, 3, 4};
    client.wire().send(head);
    EXPECT_EQ(client.end().code(), 1009);
}

TEST_F(ws_wire, text_that_is_no_utf8_and_unmasked_frames_close) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.send(std::string("\xff\xfe"));
    EXPECT_EQ(client.end().code(), 1007);
    wire_websocket unmasked(gateway.port());
    unmasked.connect(test::gateway_token);
    unmasked.wire().send(std::string("\x81\x02{}", 4));
    EXPECT_EQ(unmasked.end().code(), 1002);
}

TEST_F(ws_wire, fragments_and_binary_frames_are_messages_too) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const std::string frame = R"({"type":"req","id":"b","method":"health"})";
    client.send_frame(wire_websocket::binary, frame);
    EXPECT_EQ(client.next_json()["id"], "b");
}

// After hello (the second half of protocol.md §1.4): the connection stays.
TEST_F(ws_wire, bad_frames_after_hello_are_answered_and_the_connection_stays) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const auto error_of = [&](const std::string& frame) {
        client.send(frame);
        return client.next_json();
    };
    client.send(std::string("not json"));  // silently ignored
    auto r = error_of(R"({"type":"req","id":7,"method":"health"})");
    EXPECT_EQ(r["id"], 7);
    EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST");
    EXPECT_TRUE(r["error"]["message"].get<std::string>().starts_with("invalid request frame: "));
    EXPECT_EQ(error_of(R"({"type":"req","id":{"n":7},"method":"health"})")["id"], json({{"n", 7}}));
    EXPECT_EQ(error_of(R"({"type":"req","method":"health"})")["id"], "invalid");
    EXPECT_EQ(error_of("[]")["id"], "invalid");
    r = error_of(R"({"type":"req","id":"c","method":"connect","params":{}})");
    EXPECT_EQ(r["error"]["message"], "connect is only valid as the first request");
    r = error_of(R"({"type":"req","id":"u","method":"no.such.thing"})");
    EXPECT_EQ(r["error"], json({{"code", "INVALID_REQUEST"},
                                {"message", "unknown method: no.such.thing"}}));
    r = error_of(R"({"type":"req","id":"p","method":"chat.send","params":{"sessionKey":"main"}})");
    EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST");
    EXPECT_EQ(r["error"]["message"],
              "invalid chat.send params: must have required property 'message'");
    r = error_of(R"({"type":"req","id":"a","method":"status","params":[]})");
    EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST");
    EXPECT_EQ(client.call("health")["ok"], true);
}

TEST_F(ws_wire, unknown_methods_are_named_to_everybody) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token, {});
    EXPECT_EQ(client.call("no.such")["error"]["message"], "unknown method: no.such");
    EXPECT_EQ(client.call("status")["error"]["message"], "missing scope: operator.read");
    EXPECT_EQ(client.call("health")["ok"], true);
}

TEST_F(ws_wire, chat_send_is_acknowledged_streamed_and_ended_once) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const auto ack = client.call("chat.send", chat_send("hello", "run-1"));
    EXPECT_EQ(ack["payload"], json({{"runId", "run-1"}, {"status", "started"}}));
    const auto final = client.chat("final", "run-1");
    EXPECT_EQ(final["runId"], "run-1");
    EXPECT_EQ(final["sessionKey"], "agent:main:main");
    EXPECT_EQ(final["stopReason"], "stop");
    const std::string whole = final["message"]["content"][0]["text"].get<std::string>();
    EXPECT_TRUE(whole.starts_with("You said: hello"));
    std::string text;
    std::int64_t frame_seq = 0, run_seq = 0;
    for (const auto& m : client.seen) {
        if (m.contains("seq")) {
            EXPECT_EQ(m["seq"], ++frame_seq) << "every event counts";
        }
        if (m.value("event", "") != "chat") continue;
        EXPECT_GT(m["payload"]["seq"], run_seq);
        run_seq = m["payload"]["seq"].get<std::int64_t>();
        if (m["payload"]["state"] == "delta") text += m["payload"]["deltaText"].get<std::string>();
    }
    EXPECT_EQ(text, whole);
    EXPECT_GT(frame_seq, 2);
}

TEST_F(ws_wire, the_same_key_again_starts_nothing) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    client.call("chat.send", chat_send("hello", "run-1"));
    client.chat("final", "run-1");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.call("chat.send", chat_send("hello", "run-1"))["payload"],
                  json({{"runId", "run-1"}, {"status", "ok"}}));
    }
    const auto history = client.call("chat.history", {{"sessionKey", "main"}})["payload"];
    ASSERT_EQ(history["messages"].size(), 2u);
    EXPECT_EQ(history["messages"][0]["role"], "user");
    EXPECT_EQ(history["messages"][0]["content"][0]["text"], "hello");
    EXPECT_EQ(history["messages"][1]["role"], "assistant");
    EXPECT_EQ(history["messages"][1]["stopReason"], "stop");
    EXPECT_EQ(history["sessionKey"], "agent:main:main");
    EXPECT_TRUE(history["sessionId"].is_string());
}

TEST_F(ws_wire, history_of_nothing_is_no_error) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token, {"operator.read"});
    const auto r = client.call("chat.history", {{"sessionKey", "agent:main:never"}});
    ASSERT_EQ(r["ok"], true) << r;
    EXPECT_EQ(r["payload"]["messages"], json::array());
    EXPECT_FALSE(r["payload"].contains("sessionId"));
}

TEST_F(ws_wire, agent_answers_twice) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const auto first = client.call("agent", {{"message", "hello"}, {"idempotencyKey", "a-1"}});
    EXPECT_EQ(first["payload"]["status"], "accepted");
    EXPECT_EQ(first["payload"]["runId"], "a-1");
    const auto second = client.until([&](const json& m) {
        return m["type"] == "res" && m["id"] == first["id"];
    });
    EXPECT_EQ(second["payload"]["status"], "ok");
    EXPECT_EQ(second["payload"]["summary"], "completed");
    const std::string text = second["payload"]["result"]["payloads"][0]["text"].get<std::string>();
    EXPECT_TRUE(text.starts_with("You said: hello"));
    const auto meta = second["payload"]["result"]["meta"]["agentMeta"];
    EXPECT_EQ(meta["model"], "echo");
    EXPECT_EQ(meta["provider"], "local");
    EXPECT_TRUE(meta["usage"]["total"].is_number());
    const auto page = client.call("chat.history", {{"sessionKey", "main"}})["payload"];
    EXPECT_EQ(meta["sessionId"], page["sessionId"]);
    const auto waited = client.call("agent.wait", {{"runId", "a-1"}, {"timeoutMs", 0}})["payload"];
    EXPECT_EQ(waited["status"], "ok");
    EXPECT_EQ(waited["terminalReply"]["text"], text);
    EXPECT_EQ(client.call("agent.wait", {{"runId", "?"}, {"timeoutMs", 0}})["payload"]["status"],
              "timeout");
}

TEST_F(ws_wire, agent_that_is_asked_again_answers_as_before) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const json asks{{"message", "hello"}, {"idempotencyKey", "a-1"}};
    const auto first = client.call("agent", asks);
    const auto end = client.until([&](const json& m) {
        return m["type"] == "res" && m["id"] == first["id"];
    });
    EXPECT_EQ(client.call("agent", asks)["payload"], end["payload"]) << "at once, for it has ended";
}

// A key begins one message of one caller by one method; for another it is no repetition.
TEST_F(ws_wire, a_key_that_another_method_used_is_a_conflict) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    EXPECT_EQ(client.call("chat.send", chat_send("hello", "run-1"))["ok"], true);
    client.chat("final", "run-1");
    const auto r = client.call("agent", {{"message", "something else"}, {"idempotencyKey", "run-1"}});
    EXPECT_EQ(r["error"]["details"]["code"], "conflict") << r;
    const json again{{"key", "main"}, {"message", "hello"}, {"idempotencyKey", "run-1"}};
    EXPECT_EQ(client.call("sessions.send", again)["payload"]["status"], "ok") << "by another name";
}

TEST_F(ws_wire, events_are_for_those_who_may_read) {
    wire_websocket deaf(gateway.port());
    deaf.connect(test::gateway_token, {});
    wire_websocket reader(gateway.port());
    reader.connect(test::gateway_token, {"operator.read"});
    wire_websocket writer(gateway.port());
    writer.connect(test::gateway_token, {"operator.write"});
    writer.call("chat.send", chat_send("hello", "run-1"));
    EXPECT_EQ(reader.chat("final", "run-1")["runId"], "run-1");
    writer.chat("final", "run-1");
    EXPECT_EQ(deaf.call("health")["ok"], true);
    for (const auto& m : deaf.seen) EXPECT_NE(m.value("event", ""), "chat");
}

TEST_F(ws_wire, the_end_is_announced) {
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token, {});
    auto stopping = std::async(std::launch::async, [&] { gateway.stop(); });
    const auto end = client.end();
    stopping.get();
    EXPECT_EQ(end.code(), 1012);
    EXPECT_EQ(end.reason(), "service restart");
    ASSERT_FALSE(client.seen.empty());
    EXPECT_EQ(client.seen.back()["event"], "shutdown");
    EXPECT_EQ(client.seen.back()["payload"]["reason"], "gateway stopping");
}

TEST_F(ws_wire, a_client_that_just_goes_is_no_trouble) {
    for (int i = 0; i < 20; ++i) {
        wire_websocket client(gateway.port());
        client.connect(test::gateway_token);
        client.send(json{{"type", "req"}, {"id", "x"}, {"method", "chat.send"},
                         {"params", chat_send("bye", "run-" + std::to_string(i))}});
    }
    wire_websocket client(gateway.port());
    EXPECT_EQ(client.connect(test::gateway_token)["ok"], true);
    EXPECT_EQ(client.call("health")["ok"], true);
}

// Nobody waits for one who does not read: he is closed, the others get everything.
TEST_F(ws_wire, a_client_that_never_reads_is_closed_and_holds_nobody_up) {
    wire_websocket stuck(gateway.port(), "", 4'096);
    stuck.connect(test::gateway_token);
    wire_websocket client(gateway.port());
    client.connect(test::gateway_token);
    const std::string large(500'000, 'x');
    for (int i = 0; i < 24; ++i) {
        const auto key = "run-" + std::to_string(i);
        const auto session = "agent:main:s" + std::to_string(i);
        EXPECT_EQ(client.call("chat.send", chat_send(large, key, session))["ok"], true);
        EXPECT_EQ(client.chat("final", key)["runId"], key);
        client.seen.clear();
    }
    // Reading now is too late: he sees the goodbye, or only the end.
    stuck.wire().set_receive_buffer(1 << 20);
    const auto end = stuck.end();
    EXPECT_TRUE(end.code() == 1006 || (end.code() == 1008 && end.reason() == "slow consumer"))
        << end.code() << end.reason();
    EXPECT_EQ(client.call("health")["ok"], true);
}

}  // namespace
}  // namespace openclaw
