#include "openclaw/core/json_member.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

std::string model_in(std::string_view text) {
    const auto found = find_member(text, "model");
    if (!found) return "error: " + found.error().message;
    return *found ? std::string(**found) : "absent";
}

struct member_case {
    const char* text;
    const char* found;
};

class json_member_test : public ::testing::TestWithParam<member_case> {};

TEST_P(json_member_test, finds_the_value_of_the_first_level) {
    EXPECT_EQ(model_in(GetParam().text), GetParam().found);
    // What the reader of documents says of the same text.
    const auto read = parse_json(GetParam().text);
    EXPECT_EQ(read.has_value(), !std::string_view(GetParam().found).starts_with("error: not valid"));
}

INSTANTIATE_TEST_SUITE_P(texts, json_member_test, ::testing::Values(
    member_case{R"({"model":"a/b"})", R"("a/b")"},
    member_case{R"( { "z" : [ ] , "model" : "x\"y" , "a" : -0.5e+7 } )", R"("x\"y")"},
    member_case{R"({"mod\u0065l":1})", "1"},
    member_case{R"({"model":{"model":[1,{}]},"x":{"model":2}})", R"({"model":[1,{}]})"},
    member_case{R"({"x":{"model":2},"y":["model",{"model":3}]})", "absent"},
    member_case{R"({"x":"\ud83d\ude00\u00e9\/","models":1})", "absent"},
    member_case{"{}", "absent"},
    member_case{R"([{"model":1}])", "error: The body must be a JSON object."},
    member_case{"17", "error: The body must be a JSON object."},
    member_case{R"({"model":1,"model":2})", "error: The body has `model` twice."},
    member_case{R"({"model":1,"model\u0020":2})", "1"},
    member_case{"", "error: not valid JSON at byte 1"},
    member_case{"nonsense", "error: not valid JSON at byte 1"},
    member_case{R"({"model":01})", "error: not valid JSON at byte 11"},
    member_case{R"({"model":1,})", "error: not valid JSON at byte 12"},
    member_case{R"({"model":[1,]})", "error: not valid JSON at byte 13"},
    member_case{R"({"model":[1}])", "error: not valid JSON at byte 12"},
    member_case{R"({"model":1} x)", "error: not valid JSON at byte 13"},
    member_case{R"({"model":"\ud800"})", "error: not valid JSON at byte 17"},
    member_case{R"({"model":"\x"})", "error: not valid JSON at byte 12"},
    member_case{R"({"model":"a)", "error: not valid JSON at byte 12"},
    member_case{"{\"model\":\"a\nb\"}", "error: not valid JSON at byte 12"},
    member_case{R"({"model":1.})", "error: not valid JSON at byte 12"},
    member_case{R"({"model":tru})", "error: not valid JSON at byte 10"},
    member_case{"{\"model\":\"\xff\"}", "error: not valid JSON: the text is not UTF-8"}));

TEST(json_member, refuses_what_is_nested_too_deep) {
    const auto nested = [](std::size_t levels) {
        return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    EXPECT_TRUE(find_member(nested(32), "model"));
    EXPECT_EQ(find_member(nested(33), "model").error().message,
              "the JSON is nested deeper than 32 levels");
    EXPECT_TRUE(find_member(nested(128), "model", 128));
    EXPECT_FALSE(find_member(nested(129), "model", 128));
}

TEST(json_member, reads_a_zero_byte_as_one) {
    EXPECT_FALSE(find_member(std::string_view("{\"a\":\"\0\"}", 9), "model"));
    EXPECT_FALSE(find_member(std::string_view("{}\0", 3), "model"));
    EXPECT_FALSE(find_member(std::string_view("{\"a\":\"\\\0\"}", 10), "model"));
}

}  // namespace
}  // namespace openclaw
