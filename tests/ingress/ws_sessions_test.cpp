// What clients learn of sessions and change in them.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

using test::wire_websocket;

class ws_sessions : public test::ws_client_test {};

using names = std::vector<std::string>;

TEST_F(ws_sessions, a_row_says_what_is_known) {
    say("hello", "main");
    const auto row = payload("sessions.describe", {{"key", "main"}})["session"];
    EXPECT_EQ(row["key"], "agent:main:main");
    EXPECT_EQ(row["kind"], "direct");
    EXPECT_EQ(row["classification"], "main");
    EXPECT_EQ(row["agentId"], "main");
    EXPECT_TRUE(row["sessionId"].is_string());
    EXPECT_EQ(row["isMain"], true);
    EXPECT_EQ(row["isBackground"], false);
    EXPECT_EQ(row["displayName"], "main");
    EXPECT_EQ(row["status"], "done");
    EXPECT_EQ(row["hasActiveRun"], false);
    EXPECT_EQ(row["activeRunIds"], json::array());
    EXPECT_EQ(row["modelProvider"], "local");
    EXPECT_EQ(row["model"], "echo");
    EXPECT_GT(row["contextTokens"], 0);
    EXPECT_GT(row["updatedAt"], 0);
    for (const char* mark : {"archived", "pinned", "unread"}) EXPECT_EQ(row[mark], false) << mark;
    EXPECT_FALSE(row.contains("label"));
    EXPECT_EQ(payload("sessions.describe", {{"key", "agent:main:never"}}),
              json({{"session", nullptr}}));
}

TEST_F(ws_sessions, a_row_with_extras_quotes_the_conversation) {
    say("first words", "main");
    say("last words", "main");
    const auto row = payload("sessions.describe", {{"key", "main"},
                                                   {"includeDerivedTitles", true},
                                                   {"includeLastMessage", true}})["session"];
    EXPECT_EQ(row["derivedTitle"], "first words");
    EXPECT_TRUE(row["lastMessagePreview"].get<std::string>().starts_with("You said: last words"));
    const auto listed = payload("sessions.list", {{"includeDerivedTitles", true}})["sessions"][0];
    EXPECT_EQ(listed["derivedTitle"], "first words");
    EXPECT_FALSE(listed.contains("lastMessagePreview"));
}

TEST_F(ws_sessions, a_list_has_pages_and_a_total) {
    for (const char* key : {"agent:main:a", "agent:main:b", "agent:main:c"}) say("hi", key);
    const auto first = payload("sessions.list", {{"limit", 2}});
    EXPECT_EQ(first["count"], 2);
    EXPECT_EQ(first["hasMore"], true);
    EXPECT_EQ(first["nextOffset"], 2);
    EXPECT_EQ(first["totalCount"], 3);
    EXPECT_FALSE(payload("sessions.list", {{"limit", 2}, {"agentId", "main"}}).contains("totalCount"))
        << "it would have to be counted";
    EXPECT_EQ(first["defaults"]["model"], "echo");
    const auto second = payload("sessions.list", {{"limit", 2}, {"offset", 2}});
    EXPECT_EQ(second["count"], 1);
    EXPECT_EQ(second["totalCount"], 3);
    EXPECT_EQ(second["nextOffset"], nullptr);
    payload("sessions.patch", {{"key", "agent:main:b"}, {"archived", true}});
    EXPECT_EQ(payload("sessions.list", {{"limit", 1}})["totalCount"], 2);
    EXPECT_EQ(payload("sessions.list", {{"limit", 1}, {"archived", true}})["totalCount"], 1);
    EXPECT_EQ(payload("sessions.list", {{"limit", 1}, {"archived", "all"}})["totalCount"], 3);
    payload("sessions.patch", {{"key", "agent:main:b"}, {"archived", false}});
    EXPECT_EQ(keys({{"search", "MAIN:B"}}), names{"agent:main:b"});
    EXPECT_EQ(keys({{"activeMinutes", 5}}).size(), 3u);
    EXPECT_EQ(keys({{"label", "none"}}), names{});
    EXPECT_EQ(refusal("sessions.list", {{"archived", "some"}})["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("sessions.list", {{"activeMinutes", 0}})["code"], "INVALID_REQUEST");
}

TEST_F(ws_sessions, a_session_is_found_by_key_and_id) {
    say("hi", "agent:main:a");
    const json found{{"ok", true}, {"key", "agent:main:a"}, {"agentId", "main"}};
    EXPECT_EQ(payload("sessions.resolve", {{"key", "a"}}), found);
    const auto id = payload("sessions.describe", {{"key", "a"}})["session"]["sessionId"];
    EXPECT_EQ(payload("sessions.resolve", {{"sessionId", id}}), found);
    EXPECT_EQ(refusal("sessions.resolve", {{"key", "b"}})["message"], "No session found: b");
    EXPECT_EQ(refusal("sessions.resolve", {{"key", "b"}})["code"], "INVALID_REQUEST");
    for (const char* unknown : {"0", "99999", "x", "99999999999999999999999"}) {
        EXPECT_EQ(refusal("sessions.resolve", {{"sessionId", unknown}})["message"],
                  std::string("No session found: ") + unknown);
    }
    EXPECT_EQ(payload("sessions.resolve", {{"key", "b"}, {"allowMissing", true}}),
              json({{"ok", false}}));
    EXPECT_EQ(refusal("sessions.resolve")["code"], "INVALID_REQUEST");
    EXPECT_NE(refusal("sessions.resolve", {{"shortId", "1"}})["message"]
                  .get<std::string>().find("not in effect"), std::string::npos);
}

TEST_F(ws_sessions, a_preview_shows_the_newest_words) {
    say("one", "main");
    say(std::string(500, 'x'), "main");
    const auto out = payload("sessions.preview",
                             {{"keys", {"main", "nobody"}}, {"limit", 3}, {"maxChars", 20}});
    ASSERT_EQ(out["previews"].size(), 2u);
    const auto& known = out["previews"][0];
    EXPECT_EQ(known["status"], "ok");
    ASSERT_EQ(known["items"].size(), 3u);
    EXPECT_EQ(known["items"][1], json({{"role", "user"}, {"text", std::string(20, 'x')}}));
    EXPECT_EQ(out["previews"][1]["status"], "missing");
    EXPECT_EQ(refusal("sessions.preview")["code"], "INVALID_REQUEST");
    EXPECT_EQ(refusal("sessions.preview", {{"keys", {1}}})["code"], "INVALID_REQUEST");
}

TEST_F(ws_sessions, the_place_on_disk_is_for_admins) {
    EXPECT_NE(payload("sessions.list")["path"], "");
    wire_websocket reader(gateway.port());
    reader.connect(test::gateway_token, {"operator.read"});
    EXPECT_EQ(reader.call("sessions.list")["payload"]["path"], "");
}

}  // namespace
}  // namespace openclaw
