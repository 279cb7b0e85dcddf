#include "agents/openai_stream.hpp"

#include "agents/stubs.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using namespace test_stubs;

class openai_stream_test : public ::testing::Test {
protected:
    result<void> feed(std::initializer_list<std::string_view> events) {
        for (const auto data : events) {
            if (auto taken = stream.take(data, heard); !taken) return taken;
        }
        return {};
    }
    chat_message finished() {
        auto out = stream.finish();
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
        return out ? out->message : chat_message{};
    }

    seeded_random random{7};
    openai_stream stream{random};
    collector heard;
};

std::string text_chunk(std::string_view text) {
    return json{{"choices", {{{"index", 0}, {"delta", {{"content", text}}}}}}}.dump();
}

std::string calls_chunk(const json& calls) {
    return json{{"choices", {{{"index", 0}, {"delta", {{"tool_calls", calls}}}}}}}.dump();
}

constexpr std::string_view stop_chunk =
    R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
constexpr std::string_view calls_end =
    R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})";

TEST_F(openai_stream_test, names_the_sequence_that_ended_it_where_the_server_does) {
    ASSERT_TRUE(feed({text_chunk("So"),
                      R"({"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}]})", "[DONE]"}));
    EXPECT_EQ(stream.finish().value().stop_sequence, "END");
}

// What comes after a piece that looked alike is understood as if it had come alone.
TEST_F(openai_stream_test, takes_each_piece_for_what_it_is_whatever_came_before) {
    const auto piece = [](const std::string& delta, const std::string& rest = {}) {
        return R"({"id":"c","choices":[{"index":0,"delta":)" + delta + rest + "}]}";
    };
    const std::vector<std::string> pieces{
        piece(R"({"content":"one"})"), piece(R"({"content":"two"})"), piece(R"({"content":""})"),
        piece(R"({"content":"a \"quoted\" \u00e9 word"})"), piece("{\"content\":\"caf\xc3\xa9\"}"),
        piece(R"({"role":"assistant","content":"r"})"), piece(R"({"content":null})"),
        piece(R"({"content":"x","tool_calls":[{"index":0,"id":"i","function":{"name":"n"}}]})"),
        piece(R"({"content":"x","reasoning":"why"})"), piece(R"({"content":"x","refusal":"no"})"),
        piece(R"({"content":"last"})", R"(,"finish_reason":"stop")"),
        piece(R"({"content":"one","content":"two"})"), piece(R"({"\"content":"x"})"),
        piece(R"({"x":"{","content":"y"})"), piece(R"({"content":"},\"content\":\"z"})"),
        R"({"id":"c","choices":[{"index":1,"delta":{"content":"other"}}]})",
        R"({"id":"c","choices":[{"index":0,"delta":{"content":"u"}}],"usage":{"prompt_tokens":1}})"};
    const auto alone = [](const std::string& data) {
        seeded_random ids{7};
        openai_stream fresh(ids);
        collector seen;
        EXPECT_TRUE(fresh.take(data, seen)) << data;
        return seen.text;
    };
    for (const auto& first : pieces) {
        for (const auto& second : pieces) {
            openai_stream both(random);
            collector seen;
            ASSERT_TRUE(both.take(first, seen));
            ASSERT_TRUE(both.take(second, seen));
            EXPECT_EQ(seen.text, alone(first) + alone(second)) << first << '\n' << second;
        }
    }
}

TEST_F(openai_stream_test, a_broken_piece_is_an_error_whatever_came_before) {
    ASSERT_TRUE(feed({text_chunk("one"), text_chunk("two")}));
    const auto like = text_chunk("x");
    EXPECT_FALSE(stream.take(like.substr(0, like.size() - 1), heard));
    auto raw = like;
    raw.insert(raw.find('x'), "\n");
    EXPECT_FALSE(stream.take(raw, heard)) << "a raw line break in a string";
    EXPECT_EQ(heard.text, "onetwo");
}

TEST_F(openai_stream_test, joins_text_and_takes_usage_from_the_last_chunk) {
    ASSERT_TRUE(feed({R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})",
                      text_chunk("Hel"), text_chunk("lo"), stop_chunk,
                      R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,
                          "prompt_tokens_details":{"cached_tokens":4}}})",
                      "[DONE]"}));
    EXPECT_TRUE(stream.done());
    const auto row = finished();
    EXPECT_EQ(row.text(), "Hello");
    EXPECT_EQ(heard.text, "Hello");
    EXPECT_EQ(heard.deltas, 2);
    EXPECT_EQ(row.stop_reason, "stop");
    EXPECT_EQ(row.usage.input, 8);
    EXPECT_EQ(row.usage.cache_read, 4);
    EXPECT_EQ(row.usage.output, 3);
}

TEST_F(openai_stream_test, joins_the_pieces_of_parallel_calls_by_index) {
    ASSERT_TRUE(feed(
        {calls_chunk({{{"index", 0}, {"id", "a"}, {"function", {{"name", "time"}, {"arguments", ""}}}}}),
         calls_chunk({{{"index", 1}, {"id", "b"}, {"function", {{"name", "list"}}}}}),
         calls_chunk({{{"index", 0}, {"function", {{"arguments", "{\"x\""}}}}}),
         calls_chunk({{{"index", 1}, {"function", {{"arguments", "{}"}}}}}),
         calls_chunk({{{"index", 0}, {"function", {{"arguments", ":1}"}}}}}), calls_end, "[DONE]"}));
    const auto row = finished();
    const auto calls = calls_in(row);
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls[0].id, "a");
    EXPECT_EQ(calls[0].name, "time");
    EXPECT_EQ(calls[0].arguments, R"({"x":1})");
    EXPECT_EQ(calls[1].id, "b");
    EXPECT_EQ(calls[1].arguments, "{}");
    EXPECT_EQ(row.stop_reason, "toolUse");
}

TEST_F(openai_stream_test, takes_a_whole_call_without_index_or_id) {
    ASSERT_TRUE(feed({calls_chunk({{{"function", {{"name", "time"}, {"arguments", {{"x", 1}}}}}},
                                   {{"function", {{"name", "list"}, {"arguments", "{}"}}}}}),
                      stop_chunk}));
    const auto calls = calls_in(finished());
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls[0].arguments, R"({"x":1})");
    EXPECT_THAT(calls[0].id, ::testing::StartsWith("call_"));
    EXPECT_NE(calls[0].id, calls[1].id);
}

TEST_F(openai_stream_test, continues_the_last_call_when_pieces_lack_index_and_id) {
    ASSERT_TRUE(feed({calls_chunk({{{"id", "a"}, {"function", {{"name", "time"}, {"arguments", "{"}}}}}),
                      calls_chunk({{{"function", {{"arguments", "}"}}}}}), calls_end}));
    const auto calls = calls_in(finished());
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_EQ(calls[0].arguments, "{}");
}

TEST_F(openai_stream_test, keeps_one_call_whose_id_and_name_repeat) {
    const auto piece = [](std::string_view arguments) {
        return calls_chunk({{{"index", 0},
                             {"id", "a"},
                             {"function", {{"name", "time"}, {"arguments", arguments}}}}});
    };
    ASSERT_TRUE(feed({piece("{\"x\":"), piece("1}"), calls_end}));
    const auto calls = calls_in(finished());
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_EQ(calls[0].name, "time");
    EXPECT_EQ(calls[0].arguments, R"({"x":1})");
}

TEST_F(openai_stream_test, tells_calls_apart_that_all_carry_index_0) {
    const auto piece = [](std::string_view id) {
        return calls_chunk({{{"index", 0}, {"id", id},
                             {"function", {{"name", "time"}, {"arguments", "{}"}}}}});
    };
    ASSERT_TRUE(feed({piece("a"), piece("b"), calls_end}));
    EXPECT_EQ(calls_in(finished()).size(), 2u);
}

TEST_F(openai_stream_test, gives_a_second_call_of_the_same_id_its_own) {
    const auto piece = [](int index) {
        return calls_chunk({{{"index", index}, {"id", "same"},
                             {"function", {{"name", "time"}, {"arguments", "{}"}}}}});
    };
    ASSERT_TRUE(feed({piece(0), piece(1), calls_end}));
    const auto calls = calls_in(finished());
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_NE(calls[0].id, calls[1].id);
}

TEST_F(openai_stream_test, takes_the_old_function_call) {
    ASSERT_TRUE(feed(
        {R"({"choices":[{"delta":{"function_call":{"name":"time","arguments":"{"}}}]})",
         R"({"choices":[{"delta":{"function_call":{"arguments":"}"}}}]})",
         R"({"choices":[{"delta":{},"finish_reason":"function_call"}]})"}));
    const auto calls = calls_in(finished());
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_EQ(calls[0].arguments, "{}");
}

TEST_F(openai_stream_test, takes_an_answer_in_one_piece) {
    ASSERT_TRUE(feed({R"({"object":"chat.completion","choices":[{"index":0,"message":
        {"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,
        "completion_tokens":2}})"}));
    const auto row = finished();
    EXPECT_EQ(row.text(), "Hi");
    EXPECT_EQ(row.usage.output, 2);
}

TEST_F(openai_stream_test, keeps_thinking_apart_from_the_answer) {
    ASSERT_TRUE(feed({R"({"choices":[{"delta":{"reasoning_content":"hm "}}]})",
                      R"({"choices":[{"delta":{"reasoning":"so"}}]})", text_chunk("42"), stop_chunk}));
    EXPECT_EQ(finished().text(), "42");
    EXPECT_EQ(heard.thinking, "hm so");
}

TEST_F(openai_stream_test, skips_what_it_does_not_know) {
    ASSERT_TRUE(feed({R"({"object":"ping"})", "[]", "7", R"({"choices":"none"})",
                      R"({"choices":[{"index":1,"delta":{"content":"other"}}]})",
                      R"({"choices":[{"delta":null}],"error":null,"usage":null})",
                      R"({"choices":[{"delta":{"content":null,"audio":{}}}]})", text_chunk("ok"),
                      stop_chunk, "[DONE]", text_chunk("late")}));
    EXPECT_EQ(finished().text(), "ok");
}

TEST_F(openai_stream_test, a_stream_without_its_end_is_an_error) {
    ASSERT_TRUE(feed({text_chunk("Hel")}));
    EXPECT_FALSE(stream.answered());
    const auto out = stream.finish();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::protocol);
}

TEST_F(openai_stream_test, done_without_any_answer_is_an_error) {
    ASSERT_TRUE(feed({"[DONE]"}));
    EXPECT_EQ(stream.finish().error().code, errc::protocol);
}

TEST_F(openai_stream_test, garbage_is_an_error) {
    const auto fed = feed({"{\"choices\":["});
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::protocol);
}

TEST_F(openai_stream_test, an_error_in_the_stream_has_its_class) {
    const auto fed = feed({text_chunk("Hel"), R"({"error":{"message":"busy","type":"server_error",
        "code":"server_is_overloaded"}})"});
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::overloaded);
    EXPECT_THAT(fed.error().message, HasSubstr("busy"));
}

TEST_F(openai_stream_test, drops_a_call_that_the_limit_cut) {
    ASSERT_TRUE(feed({text_chunk("Well"),
                      calls_chunk({{{"index", 0}, {"id", "a"},
                                    {"function", {{"name", "rm"}, {"arguments", "{\"path\":\"/tm"}}}}}),
                      R"({"choices":[{"delta":{},"finish_reason":"length"}]})"}));
    const auto row = finished();
    EXPECT_TRUE(calls_in(row).empty());
    EXPECT_EQ(row.stop_reason, "length");
    EXPECT_EQ(row.text(), "Well");
}

TEST_F(openai_stream_test, a_refusal_with_words_is_an_answer_and_one_without_an_error) {
    ASSERT_TRUE(feed({R"({"choices":[{"delta":{"refusal":"I won't."}}]})", stop_chunk}));
    const auto row = finished();
    EXPECT_EQ(row.stop_reason, "refused");
    EXPECT_EQ(row.text(), "I won't.");

    openai_stream silent{random};
    ASSERT_TRUE(silent.take(R"({"choices":[{"delta":{},"finish_reason":"content_filter"}]})", heard));
    EXPECT_EQ(silent.finish().error().code, errc::refused);
}

TEST_F(openai_stream_test, bounds_the_number_of_calls) {
    json calls = json::array();
    for (int i = 0; i < 129; ++i) {
        calls.push_back({{"index", i}, {"id", std::to_string(i)}, {"function", {{"name", "t"}}}});
    }
    EXPECT_EQ(feed({calls_chunk(calls)}).error().code, errc::protocol);
}

}  // namespace
}  // namespace openclaw::agents
