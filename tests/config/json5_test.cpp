#include "config/json5_parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace openclaw::config {
namespace {

// As tests/conformance/json5_cases.mjs writes what JSON has no word for.
json plain(const json5_value& value) {
    if (value.kind == json5_kind::array) {
        json list = json::array();
        for (const auto& item : value.items)
            list.push_back(plain(item));
        return list;
    }
    if (value.kind == json5_kind::object) {
        json object = json::object();
        for (const auto& m : value.members)
            object[m.key] = plain(m.value);
        return object;
    }
    const auto* real = std::get_if<double>(&value.number);
    if (value.kind != json5_kind::number || real == nullptr) return to_json(value);
    if (std::isnan(*real)) return "@NaN";
    if (std::isinf(*real)) return *real > 0 ? "@Infinity" : "@-Infinity";
    return *real == 0 && std::signbit(*real) ? json("@-0") : json(*real);
}

TEST(Json5, AgreesWithTheOfficialImplementation) {
    std::ifstream in(OPENCLAW_SOURCE_DIR "/tests/config/json5_cases.json");
    const auto cases = json::parse(in);
    ASSERT_GT(cases.size(), 250U);
    for (const auto& c : cases) {
        const auto text = c["text"].get<std::string>();
        const auto parsed = parse_json5(text);
        const auto* value = std::get_if<json5_value>(&parsed);
        EXPECT_EQ(value != nullptr, !c.contains("invalid")) << text;
        if (value != nullptr && c.contains("value")) {
            EXPECT_EQ(plain(*value), c["value"]) << text;
        }
    }
}

struct failure_case {
    const char* name;
    std::string text;
    int line;
    int column;
    const char* message;
};

class Json5Failure : public testing::TestWithParam<failure_case> {};

TEST_P(Json5Failure, TellsWhereAndWhat) {
    const auto& c = GetParam();
    const auto parsed = parse_json5(c.text);
    const auto* failure = std::get_if<json5_failure>(&parsed);
    ASSERT_NE(failure, nullptr);
    const auto at = position_of(c.text, failure->offset);
    EXPECT_EQ(at.line, c.line);
    EXPECT_EQ(at.column, c.column);
    EXPECT_NE(failure->message.find(c.message), std::string::npos) << failure->message;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Json5Failure,
    testing::Values(failure_case{"MissingComma", "{\n  a: 1\n  b: 2\n}", 3, 3, "a comma or }"},
                    failure_case{"OpenObject", "{\n  a: {\n b: 1", 2, 6, "no closing }"},
                    failure_case{"OpenText", "{ a: 'x\n }", 1, 6, "closing quote"},
                    failure_case{"BareWord", "{ a: yes }", 1, 6, "needs quotes"},
                    failure_case{"AfterWideCharacters", "{ \"漢字\": }", 1, 9,
                                 "a value is expected"},
                    failure_case{"CarriageReturns", "{\r\n a: 1\r b 2\r\n}", 3, 2, "a comma or }"},
                    failure_case{"Tail", "{} x", 1, 4, "nothing may follow"},
                    failure_case{"OpenComment", "{ /* a", 1, 3, "no end"},
                    failure_case{"BadUtf8", "{ a: '\xff' }", 1, 7, "UTF-8"},
                    failure_case{"TooDeep", std::string(33, '['), 1, 33, "deeper than 32"}),
    [](const auto& i) { return i.param.name; });

TEST(Json5, RefusesALongTextUnread) {
    const auto parsed = parse_json5(std::string(max_text_bytes + 1, ' '));
    const auto* failure = std::get_if<json5_failure>(&parsed);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->message, "longer than 4 MB");
}

TEST(Json5, TakesTheDeepestAllowed) {
    EXPECT_TRUE(std::holds_alternative<json5_value>(
        parse_json5(std::string(32, '[') + std::string(32, ']'))));
}

TEST(Json5, KeepsWholeNumbersExact) {
    const auto parsed = parse_json5("[9007199254740993, 0x7fffffffffffffff]");
    const auto& list = std::get<json5_value>(parsed);
    EXPECT_EQ(std::get<std::int64_t>(list.items[0].number), 9007199254740993);
    EXPECT_EQ(std::get<std::int64_t>(list.items[1].number), 0x7fffffffffffffff);
}

TEST(Json5, KnowsTheBytesOfEachPart) {
    const std::string text = "{ 'a' : [1 , 2], }";
    const auto parsed = parse_json5(text);
    const auto& m = std::get<json5_value>(parsed).members.at(0);
    EXPECT_EQ(text.substr(m.key_begin, m.key_end - m.key_begin), "'a'");
    EXPECT_EQ(text.substr(m.value.begin, m.value.end - m.value.begin), "[1 , 2]");
    EXPECT_EQ(m.value.comma, text.rfind(','));
    EXPECT_EQ(m.value.items[0].comma, text.find(','));
    EXPECT_EQ(m.value.items[1].comma, nowhere);
}

} // namespace
} // namespace openclaw::config
