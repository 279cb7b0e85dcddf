// What a chat asks of the gateway itself: /status, /new, /reset, /help (protocol.md §6.6).

#include "ingress/sessions_fixture.hpp"
#include "support/script_server.hpp"

#include "openclaw/routing/commands.hpp"

namespace openclaw {
namespace {

using routing::command_kind;
using test::wire_websocket;

TEST(parse_command, takes_known_words_alone) {
    const auto kind = [](std::string_view text) {
        const auto c = routing::parse_command(text);
        return c ? std::optional(c->command->what) : std::nullopt;
    };
    EXPECT_EQ(kind("/status"), command_kind::status);
    EXPECT_EQ(kind("/stop \n"), command_kind::stop);
    EXPECT_EQ(kind("/new"), command_kind::begin_anew);
    EXPECT_EQ(kind("/status of the nation"), std::nullopt) << "it takes no words";
    EXPECT_EQ(kind("/statuses"), std::nullopt);
    EXPECT_EQ(kind(" /status"), std::nullopt);
    EXPECT_EQ(kind("/"), std::nullopt);
    EXPECT_EQ(kind(""), std::nullopt);
    EXPECT_EQ(routing::parse_command("/new \t hello there \n")->words, "hello there");
    EXPECT_EQ(routing::parse_command("/reset\n")->words, "");
}

// Settings of a gateway that asks this model service.
config::settings asking(const test::script_server& provider) {
    auto settings = test::gateway_settings();
    settings.providers["mock"].base_url = provider.url("/v1");
    settings.agents.defaults.model.primary = "mock/m";
    return settings;
}

class text_commands : public test::ws_client_test {
protected:
    // The text that ends the run.
    std::string answer_to(const std::string& text, const std::string& session, json more = json::object()) {
        const auto key = "command-" + std::to_string(++runs);
        more.update({{"sessionKey", session}, {"message", text}, {"idempotencyKey", key}});
        const auto r = client.call("chat.send", std::move(more));
        EXPECT_EQ(r["payload"], json({{"runId", key}, {"status", "started"}})) << r;
        const auto end = client.chat("final", key);
        const auto said = end["message"]["content"][0]["text"].get<std::string>();
        return said.substr(0, said.find("\n\n"));   // without the echo's advice
    }
    std::size_t messages(const std::string& session) {
        return payload("chat.history", {{"sessionKey", session}})["messages"].size();
    }
};

TEST_F(text_commands, are_answered_and_leave_nothing_behind) {
    say("hi", "a");
    EXPECT_EQ(answer_to("/status", "a").substr(0, 25), "Session: agent:main:a\nMod");
    EXPECT_NE(answer_to("/status", "a").find("\nMessages: 2\n"), std::string::npos);
    EXPECT_EQ(answer_to("/help", "a").substr(0, 6), "/help:");
    EXPECT_EQ(messages("a"), 2u);
    EXPECT_EQ(answer_to("/nothing", "a"), "You said: /nothing") << "an unknown word is for the agent";
    EXPECT_EQ(messages("a"), 4u);
}

TEST_F(text_commands, that_are_called_back_leave_nothing_behind) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.closed_by_client();
    });
    test::gateway_fixture slow(asking(provider));
    wire_websocket other(slow.port());
    other.connect(test::gateway_token);
    for (const char* text : {"hang", "/status", "/new"}) {
        other.call("chat.send", {{"sessionKey", "a"}, {"message", text}, {"idempotencyKey", text}});
    }
    other.call("chat.abort", {{"sessionKey", "a"}});
    other.chat("aborted", "/new");
    const auto rows = other.call("chat.history", {{"sessionKey", "a"}})["payload"]["messages"];
    ASSERT_EQ(rows.size(), 1u) << rows;
    EXPECT_EQ(rows[0]["content"][0]["text"], "hang");
}

TEST_F(text_commands, may_be_meant_as_words) {
    const json words{{"suppressCommandInterpretation", true}};
    EXPECT_EQ(answer_to("/stop", "a", words), "You said: /stop");
    EXPECT_EQ(refusal("sessions.create", {{"key", "b"}, {"message", "/stop"}})["code"], "INVALID_REQUEST");
    wire_websocket writer(gateway.port());
    writer.connect(test::gateway_token, {"operator.write"});
    const json path{{"sessionKey", "a"}, {"message", "/new is a path"}, {"idempotencyKey", "p"},
                    {"suppressCommandInterpretation", true}};
    EXPECT_EQ(writer.call("chat.send", path)["ok"], true);
    EXPECT_EQ(answer_to("/status", "a", {{"suppressCommandInterpretation", true}}), "You said: /status");
}

TEST_F(text_commands, new_empties_the_session) {
    say("hi", "a");
    payload("sessions.messages.subscribe", {{"key", "a"}});
    EXPECT_EQ(answer_to("/new", "a"), "The conversation begins anew.");
    const auto told = std::ranges::find_if(
        client.seen, [](const json& m) { return m.value("event", "") == "sessions.changed"; });
    ASSERT_NE(told, client.seen.end()) << "before its answer";
    EXPECT_EQ((*told)["payload"]["reason"], "new");
    EXPECT_EQ(messages("a"), 0u);
    say("again", "a");
    const auto rows = payload("chat.history", {{"sessionKey", "a"}})["messages"];
    EXPECT_EQ(rows[0]["__openclaw"]["seq"], 1);
}

TEST_F(text_commands, words_behind_new_are_the_first_of_the_conversation) {
    say("hi", "a");
    EXPECT_EQ(answer_to("/reset good morning", "a"), "You said: good morning");
    const auto rows = payload("chat.history", {{"sessionKey", "a"}})["messages"];
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["content"][0]["text"], "good morning") << rows[0];
}

// Else clients put what follows onto a conversation that is gone.
TEST_F(text_commands, an_emptied_session_is_told_of_though_the_turn_fails) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        if ((co_await peer.request()).empty()) co_return;
        co_await peer.send(test::http_answer("{}", "401 Unauthorized"));
    });
    test::gateway_fixture failing(asking(provider));
    wire_websocket other(failing.port());
    other.connect(test::gateway_token);
    other.call("sessions.messages.subscribe", {{"key", "a"}});
    other.call("chat.send", {{"sessionKey", "a"}, {"message", "/new hello"}, {"idempotencyKey", "k"}});
    other.chat("error", "k");
    const auto told = std::ranges::count_if(other.seen, [](const json& m) {
        return m.value("event", "") == "sessions.changed" && m["payload"]["reason"] == "new";
    });
    EXPECT_EQ(told, 1);
}

TEST_F(text_commands, that_empty_need_what_sessions_reset_needs) {
    say("hi", "main");
    wire_websocket writer(gateway.port());
    writer.connect(test::gateway_token, {"operator.write"});
    const json once{{"idempotencyKey", "k"}};
    for (auto [method, params] : {std::pair("chat.send", json{{"sessionKey", "main"}, {"message", "/new"}}),
                                  std::pair("sessions.send", json{{"key", "main"}, {"message", "/reset x"}}),
                                  std::pair("agent", json{{"message", "/reset"}}),
                                  std::pair("sessions.create", json{{"key", "main"}, {"task", "/new"}})}) {
        params.update(once);
        const auto r = writer.call(method, params);
        EXPECT_EQ(r["error"]["message"], "missing scope: operator.admin") << method << r;
    }
    const auto r = writer.call("chat.send", {{"sessionKey", "main"}, {"message", "/status"},
                                             {"idempotencyKey", "s"}});
    EXPECT_EQ(r["ok"], true) << r;
    EXPECT_EQ(messages("main"), 2u);
}

}  // namespace
}  // namespace openclaw
