#include "cli/chat_stream.hpp"
#include "cli/frames.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace openclaw::cli {
namespace {

TEST(frames, reads_responses_and_events) {
    const auto ok = parse_frame(R"({"type":"res","id":"7","ok":true,"payload":{"a":1}})");
    ASSERT_TRUE(ok);
    EXPECT_EQ(ok->what, frame::kind::response);
    EXPECT_EQ(ok->id, "7");
    EXPECT_TRUE(ok->ok);
    EXPECT_EQ(ok->payload["a"], 1);

    const auto event = parse_frame(R"({"type":"event","event":"tick","payload":{"ts":1}})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->what, frame::kind::event);
    EXPECT_EQ(event->event, "tick");

    EXPECT_EQ(parse_frame("[1]")->what, frame::kind::other);
    EXPECT_EQ(parse_frame("no json").error().code, errc::protocol);
}

TEST(frames, knows_the_first_answer_of_two) {
    EXPECT_TRUE(is_interim(*parse_frame(
        R"({"type":"res","id":"1","ok":true,"payload":{"status":"accepted"}})")));
    EXPECT_FALSE(is_interim(*parse_frame(
        R"({"type":"res","id":"1","ok":true,"payload":{"status":"ok"}})")));
    EXPECT_FALSE(is_interim(*parse_frame(R"({"type":"res","id":"1","ok":true})")));
}

struct wire_case {
    std::string name, wire;
    errc code;
};
std::ostream& operator<<(std::ostream& out, const wire_case& c) { return out << c.name; }

class wire_test : public testing::TestWithParam<wire_case> {};
TEST_P(wire_test, maps) {
    const auto e = error_from_wire(json::parse(GetParam().wire));
    EXPECT_EQ(e.code, GetParam().code);
    EXPECT_FALSE(e.message.empty());
}
INSTANTIATE_TEST_SUITE_P(
    frames, wire_test,
    testing::Values(
        wire_case{"bad_token", R"({"code":"INVALID_REQUEST","message":"unauthorized",
            "details":{"code":"AUTH_TOKEN_MISMATCH"}})", errc::unauthenticated},
        wire_case{"not_paired", R"({"code":"NOT_PAIRED","message":"device"})", errc::unauthenticated},
        wire_case{"scope", R"({"code":"FORBIDDEN","message":"missing scope"})", errc::forbidden},
        wire_case{"invalid", R"({"code":"INVALID_REQUEST","message":"unknown method: x"})",
                  errc::rejected},
        wire_case{"starting", R"({"code":"UNAVAILABLE","message":"starting"})", errc::unavailable},
        wire_case{"empty", "{}", errc::rejected}),
    [](const auto& i) { return i.param.name; });

TEST(frames, introduces_itself) {
    const auto with = connect_params(secret("abc"));
    EXPECT_EQ(with["client"]["id"], "cli");
    EXPECT_EQ(with["client"]["mode"], "cli");
    EXPECT_EQ(with["minProtocol"], 4);
    EXPECT_EQ(with["scopes"], json::array({"operator.admin"}));
    EXPECT_EQ(with["auth"]["token"], "abc");
    EXPECT_FALSE(connect_params(secret()).contains("auth"));
    const auto request = json::parse(request_text("3", "health", json::object()));
    EXPECT_EQ(request, json::parse(R"({"type":"req","id":"3","method":"health","params":{}})"));
    EXPECT_FALSE(json::parse(request_text("3", "health", json())).contains("params"));
}

json chat(const std::string& run, const std::string& rest) {
    return json::parse(R"({"runId":")" + run + "\"," + rest + "}");
}

TEST(chat_stream, prints_deltas_once) {
    chat_stream s("r1");
    EXPECT_EQ(s.on_event("chat", chat("r1", R"("state":"delta","deltaText":"Hel")")), "Hel");
    EXPECT_EQ(s.on_event("chat", chat("r2", R"("state":"delta","deltaText":"other")")), "");
    EXPECT_EQ(s.on_event("agent", chat("r1", R"("state":"delta","deltaText":"x")")), "");
    EXPECT_EQ(s.on_event("chat", chat("r1", R"("state":"delta","deltaText":"lo")")), "lo");
    EXPECT_EQ(s.on_event("chat", chat("r1", R"("state":"final","message":{"role":"assistant",
        "content":[{"type":"text","text":"Hello!"}]})")), "!");
    EXPECT_EQ(s.on_response(json::parse(
        R"({"status":"ok","result":{"payloads":[{"text":"Hello!"}]}})")), "");
    EXPECT_EQ(s.text(), "Hello!");
    EXPECT_FALSE(s.failure());
}

TEST(chat_stream, prints_the_answer_that_was_not_streamed) {
    chat_stream s("r1");
    EXPECT_EQ(s.on_response(json::parse(R"({"status":"ok","result":{"payloads":[{"text":"Hi"}]}})")),
              "Hi");
}

TEST(chat_stream, a_rewritten_answer_starts_on_a_new_line) {
    chat_stream s("r1");
    s.on_event("chat", chat("r1", R"("state":"delta","deltaText":"wrong")"));
    EXPECT_EQ(s.on_event("chat", chat("r1", R"("state":"delta","replace":true,"deltaText":"right")")),
              "\nright");
    EXPECT_EQ(s.text(), "right");
}

TEST(chat_stream, says_why_it_failed) {
    chat_stream s("r1");
    s.on_event("chat", chat("r1", R"("state":"error","errorMessage":"no key")"));
    s.on_response(json::parse(R"({"status":"error","summary":"failed"})"));
    ASSERT_TRUE(s.failure());
    EXPECT_NE(s.failure()->message.find("no key"), std::string::npos);
}

}  // namespace
}  // namespace openclaw::cli
