#include "agents/anthropic_stream.hpp"

#include "agents/stubs.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using namespace test_stubs;

constexpr std::string_view start =
    R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":20,"output_tokens":1,
        "cache_read_input_tokens":5,"cache_creation_input_tokens":7}}})";
constexpr std::string_view stop = R"({"type":"message_stop"})";

std::string end_of(std::string_view reason) {
    return json{{"type", "message_delta"}, {"delta", {{"stop_reason", reason}}},
                {"usage", {{"output_tokens", 9}}}}.dump();
}

std::string block(int index, const json& content) {
    return json{{"type", "content_block_start"}, {"index", index}, {"content_block", content}}.dump();
}

std::string delta(int index, const json& d) {
    return json{{"type", "content_block_delta"}, {"index", index}, {"delta", d}}.dump();
}

std::string text(int index, std::string_view t) {
    return delta(index, {{"type", "text_delta"}, {"text", t}});
}

class anthropic_stream_test : public ::testing::Test {
protected:
    result<void> feed(const std::vector<std::string>& events) {
        for (const auto& data : events) {
            if (auto taken = stream.take(data, heard); !taken) return taken;
        }
        return {};
    }

    anthropic_stream stream;
    collector heard;
};

TEST_F(anthropic_stream_test, names_the_sequence_that_ended_it) {
    ASSERT_TRUE(feed({std::string(start), block(0, {{"type", "text"}, {"text", "So"}}),
                      json{{"type", "message_delta"},
                           {"delta", {{"stop_reason", "stop_sequence"}, {"stop_sequence", "END"}}}}.dump(),
                      std::string(stop)}));
    const auto whole = stream.finish().value();
    EXPECT_EQ(whole.message.stop_reason, "stop");
    EXPECT_EQ(whole.stop_sequence, "END");
}

TEST_F(anthropic_stream_test, joins_text_and_reads_usage) {
    ASSERT_TRUE(feed({std::string(start), R"({"type":"ping"})", block(0, {{"type", "text"}, {"text", ""}}),
                      text(0, "Hel"), text(0, "lo"), R"({"type":"content_block_stop","index":0})",
                      end_of("end_turn"), std::string(stop)}));
    const auto row = stream.finish().value().message;
    EXPECT_EQ(row.text(), "Hello");
    EXPECT_EQ(heard.deltas, 2);
    EXPECT_EQ(row.stop_reason, "stop");
    EXPECT_EQ(row.usage.input, 20);
    EXPECT_EQ(row.usage.output, 9);
    EXPECT_EQ(row.usage.cache_read, 5);
    EXPECT_EQ(row.usage.cache_write, 7);
}

TEST_F(anthropic_stream_test, keeps_thoughts_with_signature_in_front_of_calls) {
    ASSERT_TRUE(feed({std::string(start), block(0, {{"type", "thinking"}, {"thinking", ""}}),
                      delta(0, {{"type", "thinking_delta"}, {"thinking", "hm"}}),
                      delta(0, {{"type", "signature_delta"}, {"signature", "sig"}}),
                      block(1, {{"type", "redacted_thinking"}, {"data", "opaque"}}),
                      block(2, {{"type", "tool_use"}, {"id", "t1"}, {"name", "time"},
                                {"input", json::object()}}),
                      delta(2, {{"type", "input_json_delta"}, {"partial_json", "{\"a\""}}),
                      delta(2, {{"type", "input_json_delta"}, {"partial_json", ":1}"}}),
                      end_of("tool_use"), std::string(stop)}));
    const auto row = stream.finish().value().message;
    ASSERT_EQ(row.parts.size(), 3u);
    EXPECT_EQ(std::get<thinking_part>(row.parts[0]).text, "hm");
    EXPECT_EQ(std::get<thinking_part>(row.parts[0]).signature, "sig");
    EXPECT_EQ(std::get<thinking_part>(row.parts[1]).signature, "redacted:opaque");
    EXPECT_EQ(std::get<tool_call>(row.parts[2]).arguments, R"({"a":1})");
    EXPECT_EQ(row.stop_reason, "toolUse");
    EXPECT_EQ(heard.thinking, "hm");
}

TEST_F(anthropic_stream_test, skips_unknown_events_blocks_and_deltas) {
    ASSERT_TRUE(feed({std::string(start), R"({"type":"brand_new"})", "[1]",
                      block(0, {{"type", "server_tool_use"}, {"id", "s"}}), text(0, "not for us"),
                      delta(9, {{"type", "text_delta"}, {"text", "no such block"}}),
                      block(1, {{"type", "text"}}), delta(1, {{"type", "citations_delta"}}),
                      text(1, "ok"), end_of("brand_new_reason"), std::string(stop)}));
    const auto row = stream.finish().value().message;
    EXPECT_EQ(row.text(), "ok");
    EXPECT_EQ(row.stop_reason, "stop");
    EXPECT_EQ(heard.text, "ok");
}

TEST_F(anthropic_stream_test, a_stream_without_message_stop_is_an_error) {
    ASSERT_TRUE(feed({std::string(start), block(0, {{"type", "text"}}), text(0, "Hel"),
                      end_of("end_turn")}));
    EXPECT_EQ(stream.finish().error().code, errc::protocol);
}

TEST_F(anthropic_stream_test, an_error_in_the_stream_has_its_class) {
    const auto fed = feed({std::string(start), R"({"type":"error","error":{
        "type":"overloaded_error","message":"Overloaded"}})"});
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::overloaded);
}

struct ending {
    const char* name;
    const char* reason;
    bool with_text;
    const char* stop_reason;   // empty: an error
    errc code;
};

class anthropic_ending_test : public anthropic_stream_test,
                              public ::testing::WithParamInterface<ending> {};

TEST_P(anthropic_ending_test, maps_the_stop_reason) {
    const auto& c = GetParam();
    std::vector<std::string> events{std::string(start), block(0, {{"type", "text"}})};
    if (c.with_text) events.push_back(text(0, "words"));
    events.push_back(end_of(c.reason));
    events.emplace_back(stop);
    ASSERT_TRUE(feed(events));
    const auto out = stream.finish();
    if (c.stop_reason[0] == '\0') {
        ASSERT_FALSE(out);
        EXPECT_EQ(out.error().code, c.code);
    } else {
        ASSERT_TRUE(out);
        EXPECT_EQ(out->message.stop_reason, c.stop_reason);
    }
}

INSTANTIATE_TEST_SUITE_P(
    reasons, anthropic_ending_test,
    ::testing::Values(
        ending{"end", "end_turn", true, "stop", {}}, ending{"empty_end", "end_turn", false, "stop", {}},
        ending{"sequence", "stop_sequence", true, "stop", {}},
        ending{"limit", "max_tokens", true, "length", {}},
        ending{"refusal", "refusal", true, "refused", {}},
        ending{"silent_refusal", "refusal", false, "", errc::refused},
        ending{"window", "model_context_window_exceeded", true, "length", {}},
        ending{"window_at_once", "model_context_window_exceeded", false, "", errc::context_overflow}),
    [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace openclaw::agents
