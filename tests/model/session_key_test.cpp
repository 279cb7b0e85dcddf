#include "openclaw/model/session_key.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

struct key_case {
    std::string name;
    std::string text;
    std::string canonical;  // empty: refused
};

class session_key_parse : public testing::TestWithParam<key_case> {};

TEST_P(session_key_parse, gives_the_canonical_form) {
    const auto& c = GetParam();
    const auto key = session_key::parse(c.text, "home");
    if (c.canonical.empty()) {
        ASSERT_TRUE(key.has_error()) << key->str();
        EXPECT_EQ(key.error().code, errc::invalid_input);
        EXPECT_FALSE(key.error().hint.empty());
        return;
    }
    ASSERT_TRUE(key.has_value()) << key.error().to_string();
    EXPECT_EQ(key->str(), c.canonical);
    // The canonical form names the same conversation, whatever the default agent is.
    EXPECT_EQ(session_key::parse(key->str(), "other").value(), *key);
}

INSTANTIATE_TEST_SUITE_P(
    table, session_key_parse,
    testing::Values(key_case{"main", "main", "agent:home:main"},
                    key_case{"bare", "notes", "agent:home:notes"},
                    key_case{"bare_with_colons", "cron:12", "agent:home:cron:12"},
                    key_case{"full", "agent:a-1:main", "agent:a-1:main"},
                    key_case{"colons_in_rest", "agent:a:dashboard:x:y", "agent:a:dashboard:x:y"},
                    key_case{"utf8", "agent:a:füße", "agent:a:füße"},
                    key_case{"longest", std::string(501, 'x'), "agent:home:" + std::string(501, 'x')},
                    key_case{"empty", "", ""}, key_case{"no_rest", "agent:a", ""},
                    key_case{"empty_rest", "agent:a:", ""}, key_case{"empty_agent", "agent::x", ""},
                    key_case{"bad_agent", "agent:a b:x", ""}, key_case{"parent", "agent:..:x", ""},
                    key_case{"control", "a\nb", ""}, key_case{"not_utf8", "a\xff", ""},
                    key_case{"too_long", std::string(502, 'x'), ""}),
    [](const auto& test) { return test.param.name; });

TEST(valid_id, takes_names_and_refuses_the_rest) {
    for (const auto* good : {"a", "A-1_b.c", "...", "default"}) {
        EXPECT_TRUE(is_valid_id(good)) << good;
    }
    for (const auto* bad : {"", ".", "..", "a/b", "a:b", "a b", "ä"}) {
        EXPECT_FALSE(is_valid_id(bad)) << bad;
    }
    EXPECT_TRUE(is_valid_id(std::string(64, 'x')));
    EXPECT_FALSE(is_valid_id(std::string(65, 'x')));
}

}  // namespace
}  // namespace openclaw
