#include "openclaw/core/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

TEST(json, reads_what_the_standard_allows) {
    const auto got = parse_json(R"( {"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00"]} )");
    ASSERT_TRUE(got);
    EXPECT_EQ(dump(*got), "{\"a\":[1,-2500.0,true,null,\"\xc3\xa9\xf0\x9f\x98\x80\"]}");
}

struct bad_text {
    const char* name;
    std::string text;
};

class bad_json : public testing::TestWithParam<bad_text> {};

TEST_P(bad_json, is_refused_without_a_throw) {
    const auto got = parse_json(GetParam().text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::invalid_input);
    EXPECT_FALSE(got.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    json, bad_json,
    testing::Values(bad_text{"empty", ""}, bad_text{"comment", "[1] // one"},
                    bad_text{"trailing_comma", "[1,]"}, bad_text{"two_values", "1 2"},
                    bad_text{"single_quotes", "['a']"}, bad_text{"unquoted_key", "{a:1}"},
                    bad_text{"not_a_number", "[NaN]"}, bad_text{"leading_zero", "[01]"},
                    bad_text{"raw_newline", "[\"a\nb\"]"}, bad_text{"not_utf8", "[\"\xff\"]"},
                    bad_text{"lone_surrogate", R"(["\ud800"])"},
                    bad_text{"out_of_range", "[1e999]"},
                    bad_text{"zero_at_the_end", "[1]\0"s}, bad_text{"zero_and_more", "[1]\0[2]"s},
                    bad_text{"zero_in_a_string", "[\"\0\"]"s}, bad_text{"cut_short", "{\"a\":"}),
    [](const auto& tested) { return tested.param.name; });

TEST(json, tells_where_it_went_wrong) {
    EXPECT_THAT(parse_json("[1,x]").error().message, HasSubstr("byte 4"));
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(json, depth_is_bounded) {
    EXPECT_TRUE(parse_json(nested(max_json_depth)));
    const auto got = parse_json(nested(max_json_depth + 1));
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("deeper than 32"));
    EXPECT_FALSE(parse_json(std::string(10'000'000, '[')));
    EXPECT_FALSE(parse_json(std::string(100'000, ']')));
}

// Objects and arrays in turn, with blanks between.
TEST(json, depth_is_bounded_for_either_bracket) {
    for (std::size_t pad = 0; pad < 9; ++pad) {
        std::string text;
        for (std::size_t i = 0; i < max_json_depth / 2; ++i) text += std::string(pad, ' ') + R"({"a":[)";
        std::string end;
        for (std::size_t i = 0; i < max_json_depth / 2; ++i) end += "]}";
        EXPECT_TRUE(parse_json(text + "1" + end)) << pad;
        EXPECT_FALSE(parse_json(text + "{}" + end)) << pad;
        EXPECT_FALSE(parse_json(text + "[]" + end)) << pad;
    }
}

TEST(json, brackets_in_strings_are_no_depth) {
    EXPECT_TRUE(parse_json("[\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\"]"));
    EXPECT_FALSE(parse_json("[\"a\\\\\"," + nested(40) + "]"));
}

TEST(json, siblings_are_no_depth) {
    std::string text = "[";
    for (int i = 0; i < 1000; ++i) text += "{},";
    EXPECT_TRUE(parse_json(text + "{}]"));
}

TEST(json, dump_replaces_what_is_not_utf8) {
    EXPECT_EQ(dump(json("a\xff" "b")), "\"a\xef\xbf\xbd" "b\"");
}

TEST(json, finds_members_by_type) {
    const auto doc = parse_json(R"({"s":"x","i":-7,"b":true,"f":1.5,"n":null})").value();
    EXPECT_EQ(find_string(doc, "s"), "x");
    EXPECT_EQ(find_int(doc, "i"), -7);
    EXPECT_EQ(find_bool(doc, "b"), true);
    EXPECT_EQ(find_int(doc, "f"), std::nullopt);
    EXPECT_EQ(find_string(doc, "i"), std::nullopt);
    EXPECT_EQ(find_bool(doc, "n"), std::nullopt);
    EXPECT_EQ(find_string(doc, "nothing"), std::nullopt);
    ASSERT_NE(find(doc, "n"), nullptr);
    EXPECT_TRUE(find(doc, "n")->is_null());
    EXPECT_EQ(string_or(doc, "s", "y"), "x");
    EXPECT_EQ(string_or(doc, "i", "y"), "y");
}

TEST(json, finds_nothing_in_what_is_no_object) {
    for (const auto* text : {"[1]", "\"a\"", "1", "null"}) {
        EXPECT_EQ(find(parse_json(text).value(), "a"), nullptr) << text;
    }
}

TEST(json, numbers_keep_their_kind) {
    const auto got = parse_json(R"([0,-0,7,-7,18446744073709551615,1e3,0.1,
                                    123456789012345678901234567890])").value();
    EXPECT_EQ(dump(got), "[0,0,7,-7,18446744073709551615,1000.0,0.1,1.2345678901234568e+29]");
    EXPECT_TRUE(got[2].is_number_unsigned());
}

TEST(json, of_two_members_with_one_name_the_last_counts) {
    EXPECT_EQ(dump(parse_json(R"({"a":1,"b":2,"a":3})").value()), R"({"a":3,"b":2})");
}

TEST(json, large_documents_are_read_like_small_ones) {
    std::string text = "[";
    for (int i = 0; i < 20'000; ++i) text += R"({"name":"value","n":[1,2.5,null,true]},)";
    text += "0]";
    EXPECT_EQ(parse_json(text).value(), json::parse(text));
}

TEST(json, find_int_gives_no_number_that_does_not_fit) {
    const auto doc = parse_json(R"({"big":9223372036854775808,"max":9223372036854775807,
                                    "min":-9223372036854775808})").value();
    EXPECT_EQ(find_int(doc, "big"), std::nullopt);
    EXPECT_EQ(find_int(doc, "max"), INT64_MAX);
    EXPECT_EQ(find_int(doc, "min"), INT64_MIN);
}

TEST(json, append_quoted_finds_every_byte_in_every_place) {
    for (int c = 0; c < 128; ++c) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, '~'), out;
            text[at] = static_cast<char>(c);
            append_quoted(out, text);
            const auto back = parse_json(out);
            ASSERT_TRUE(back) << c << " at " << at;
            EXPECT_EQ(back->get<std::string>(), text);
        }
    }
}

TEST(json, append_quoted_writes_what_dump_writes) {
    std::string all;
    for (int i = 1; i < 128; ++i) all += static_cast<char>(i);
    for (const auto& text : {""s, "plain"s, all, "\"\\\n\r\t\b\f"s, "caf\xc3\xa9"s, "bad \xff"s, "\0"s}) {
        std::string out = "x";
        append_quoted(out, text);
        const auto back = parse_json(out.substr(1));
        ASSERT_TRUE(back) << out;
        EXPECT_EQ(back->get<std::string>(), parse_json(dump(json(text)))->get<std::string>());
    }
}

}  // namespace
}  // namespace openclaw
