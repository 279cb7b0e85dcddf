// A client that lost its connection: chat.history with a cursor, and Last-Event-ID.

#include "ingress/sessions_fixture.hpp"
#include "ingress/event_frame.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw {
namespace {

class resume : public test::ws_client_test {
protected:
    json history(json params) {
        params["sessionKey"] = "agent:main:a";
        return payload("chat.history", std::move(params));
    }
    std::string cursor() { return history(json::object())["deltaCursor"].get<std::string>(); }

    // A request for the events of the session, whose head has been read.
    std::unique_ptr<test::wire_client> listen(const std::string& last_seen) {
        auto wire = std::make_unique<test::wire_client>(gateway.port());
        const auto field = last_seen.empty() ? "" : "Last-Event-ID: " + last_seen + "\r\n";
        wire->send(gateway.request("GET", "/api/sessions/agent%3Amain%3Aa/events", "", field));
        const auto head = wire->response_head();
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.field("content-type"), "text/event-stream; charset=utf-8");
        return wire;
    }
    // The first lines of the messages in a piece of such a stream.
    static std::vector<std::string> said(const std::string& stream) {
        std::vector<std::string> out;
        std::size_t at = 0;
        while ((at = stream.find("event: session.message\n", at)) != std::string::npos) {
            at = stream.find("data: ", at) + 6;
            const auto frame = parse_json(stream.substr(at, stream.find('\n', at) - at)).value();
            for (const auto& part : frame["payload"]["message"]["content"]) {
                const auto text = part["text"].get<std::string>();
                out.push_back(text.substr(0, text.find('\n')));
            }
        }
        return out;
    }
};

TEST_F(resume, a_cursor_brings_what_came_after_it) {
    EXPECT_EQ(cursor(), "0") << "nothing was said yet";
    say("one", "agent:main:a");
    const auto seen = cursor();
    auto nothing = history({{"cursor", seen}});
    EXPECT_EQ(nothing["kind"], "delta");
    EXPECT_EQ(nothing["messages"], json::array());
    EXPECT_EQ(nothing["deltaCursor"], seen);
    say("two", "agent:main:a");
    const auto news = history({{"cursor", seen}});
    ASSERT_EQ(news["messages"].size(), 2u);
    EXPECT_EQ(news["messages"][0]["content"][0]["text"], "two");
    EXPECT_EQ(news["deltaCursor"], cursor());
    EXPECT_EQ(news["sessionInfo"]["key"], "agent:main:a");
    EXPECT_EQ(history({{"cursor", "0"}})["messages"].size(), 4u);
}

TEST_F(resume, nothing_is_missed_of_a_session_that_nobody_has_begun) {
    EXPECT_EQ(cursor(), "0");
    const auto nothing = history({{"cursor", "0"}});
    EXPECT_EQ(nothing["kind"], "delta");
    EXPECT_EQ(nothing["messages"], json::array());
    EXPECT_EQ(nothing["deltaCursor"], "0");
    EXPECT_FALSE(nothing.contains("sessionInfo"));
    EXPECT_EQ(history({{"cursor", "1-0123456789abcdef"}}), json({{"kind", "reset"}}))
        << "a row of another life";
}

TEST_F(resume, a_cursor_that_says_nothing_starts_over) {
    say("one", "agent:main:a");
    const auto seen = cursor();
    const json over{{"kind", "reset"}};
    for (const char* wrong : {"1", "x", "-1-0", "99-0123456789abcdef", "2-0123456789abcdef"}) {
        EXPECT_EQ(history({{"cursor", wrong}}), over) << wrong;
    }
    EXPECT_EQ(history({{"cursor", "0"}, {"limit", 1}}), over) << "more is missing than is wanted";
    payload("sessions.reset", {{"key", "agent:main:a"}});
    EXPECT_EQ(history({{"cursor", seen}}), over);
    say("anew", "agent:main:a");
    EXPECT_EQ(history({{"cursor", seen}}), over) << "another row has that place now";
}

TEST_F(resume, every_stored_row_is_told_with_its_cursor) {
    payload("sessions.messages.subscribe", {{"key", "agent:main:a"}});
    say("one", "agent:main:a");
    std::vector<json> rows;
    for (const auto& m : client.seen) {
        if (m.value("event", "") == "session.message") rows.push_back(m["payload"]);
    }
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_FALSE(rows[0].contains("deltaCursor")) << "it is stored with the turn's end";
    EXPECT_EQ(rows[1]["deltaCursor"], cursor());
}

TEST_F(resume, events_go_on_where_the_last_connection_ended) {
    auto first = listen("");
    EXPECT_NE(first->read_until("\n\nevent: ready\nid: 0\n").size(), 0u);
    say("one", "agent:main:a");
    EXPECT_EQ(said(first->read_until("\"state\":\"final\"")),
              (std::vector<std::string>{"one", "You said: one"}));
    const auto seen = cursor();
    first.reset();
    say("two", "agent:main:a");
    auto second = listen(seen);
    const auto replayed = second->read_until("event: ready\nid: " + cursor() + "\n");
    EXPECT_EQ(said(replayed), (std::vector<std::string>{"two", "You said: two"}));
    EXPECT_NE(replayed.find(R"("session":{)"), std::string::npos) << "as a live one: " << replayed;
    say("three", "agent:main:a");
    EXPECT_EQ(said(second->read_until("\"state\":\"final\"")),
              (std::vector<std::string>{"three", "You said: three"}));
}

TEST_F(resume, events_start_over_when_the_conversation_did) {
    say("one", "agent:main:a");
    const auto seen = cursor();
    payload("sessions.reset", {{"key", "agent:main:a"}});
    const auto begin = listen(seen)->read_until("event: ready\n");
    EXPECT_NE(begin.find("event: reset\nid: 0\n"), std::string::npos) << begin;
}

TEST_F(resume, a_stream_of_events_ends_with_the_gateway) {
    auto wire = listen("");
    wire->read_until("event: ready\n");
    gateway.stop();
    EXPECT_NE(wire->read_to_end().find("event: shutdown\n"), std::string::npos);
}

}  // namespace
}  // namespace openclaw
