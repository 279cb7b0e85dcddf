#include "openclaw/core/json_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw {
namespace {

using testing::ElementsAre;

json_document read(std::string_view text) { return json_document::parse(text).value(); }

TEST(json_view, gives_values_by_type) {
    const auto document = read(R"({"s":"x\u00e9","i":-7,"b":true,"f":1.5,"n":null,"l":[1,"a"],"o":{"k":1}})");
    const auto v = document.root();
    EXPECT_TRUE(v.is_object());
    EXPECT_EQ(v["s"].text(), "x\xc3\xa9");
    EXPECT_EQ(v["i"].integer(), -7);
    EXPECT_EQ(v["i"].number(), -7.0);
    EXPECT_EQ(v["f"].number(), 1.5);
    EXPECT_EQ(v["b"].boolean(), true);
    EXPECT_TRUE(v["n"].is_null());
    EXPECT_FALSE(v["n"].has_value());
    EXPECT_EQ(v["l"].elements().size(), 2u);
    EXPECT_EQ(v["o"]["k"].integer(), 1);
}

TEST(json_view, gives_nothing_of_another_type) {
    const auto document = read(R"({"s":"x","f":1.5,"big":18446744073709551615,"l":[1]})");
    const auto v = document.root();
    EXPECT_EQ(v["s"].integer(), std::nullopt);
    EXPECT_EQ(v["s"].boolean(), std::nullopt);
    EXPECT_EQ(v["f"].integer(), std::nullopt);
    EXPECT_EQ(v["big"].integer(), std::nullopt);
    EXPECT_EQ(v["f"].text(), "");
    EXPECT_TRUE(v["s"].elements().empty());
    EXPECT_TRUE(v["l"].members().empty());
    EXPECT_TRUE(v["l"]["k"].is_absent());
}

TEST(json_view, what_is_absent_has_only_absent_members) {
    const auto document = read("{}");
    const auto nothing = document.root()["a"]["b"];
    EXPECT_TRUE(nothing.is_absent());
    EXPECT_FALSE(nothing.is_null() || nothing.is_object() || nothing.has_value());
    EXPECT_EQ(nothing.text(), "");
    EXPECT_EQ(nothing.number(), std::nullopt);
    EXPECT_EQ(nothing.copy(), nullptr);
}

TEST(json_view, the_last_member_of_a_name_counts_as_in_a_json) {
    constexpr auto text = R"({"a":1,"b":2,"a":3})";
    EXPECT_EQ(read(text).root()["a"].integer(), 3);
    EXPECT_EQ(parse_json(text).value()["a"], 3);
}

TEST(json_view, lists_members_in_order) {
    const auto document = read(R"({"z":1,"a":[{}]})");
    const auto all = document.root().members();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].first, "z");
    EXPECT_TRUE(all[1].second.is_array());
    EXPECT_EQ(document.root().copy(), json::parse(R"({"z":1,"a":[{}]})"));
}

TEST(json_view, a_number_beyond_64_bits_is_a_real_one) {
    const auto document = read("[123456789012345678901234567890]");
    EXPECT_EQ(document.root().elements().at(0).number(), 1.2345678901234568e29);
}

TEST(json_view, documents_do_not_disturb_each_other) {
    const auto first = read(R"({"a":"first"})");
    const auto value = first.root()["a"];
    auto second = read(R"({"a":"second"})");
    EXPECT_TRUE(parse_json(R"({"a":"third"})"));
    const auto moved = std::move(second);
    EXPECT_EQ(value.text(), "first");
    EXPECT_EQ(moved.root()["a"].text(), "second");
}

TEST(json_view, refuses_what_parse_json_refuses) {
    for (const auto* text : {"", "{", "[1,]", "[1e999]", "[\"\xff\"]"}) {
        const auto got = json_document::parse(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().code, errc::invalid_input);
        EXPECT_EQ(got.error().message.find("not valid JSON"), 0u) << got.error().message;
    }
    EXPECT_FALSE(json_document::parse("[[[]]]", 2));
    EXPECT_TRUE(json_document::parse("[[[]]]", 3));
}

}  // namespace
}  // namespace openclaw
