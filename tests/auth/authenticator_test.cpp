#include "openclaw/auth/authenticator.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace openclaw::auth {
namespace {

authenticator with_token(const std::string& token) {
    config::auth_settings s;
    s.token = secret(token);
    return authenticator(s);
}

TEST(authenticator, the_token_makes_an_admin) {
    const auto who = with_token("s3cret").by_token("s3cret");
    ASSERT_TRUE(who.has_value());
    EXPECT_EQ(who->role(), user_role::admin);
    EXPECT_EQ(who->subject(), "token:admin");
    EXPECT_TRUE(who->allows(scope::admin));
    EXPECT_FALSE(who->is_local());
}

TEST(authenticator, anything_else_is_refused) {
    const struct {
        const char* name;
        std::string configured, sent;
        refusal why;
    } cases[] = {
        {"none sent", "s3cret", "", refusal::token_missing},
        {"wrong", "s3cret", "s3cres", refusal::token_mismatch},
        {"a prefix", "s3cret", "s3cre", refusal::token_mismatch},
        {"longer", "s3cret", "s3cret ", refusal::token_mismatch},
        {"another case", "s3cret", "S3CRET", refusal::token_mismatch},
        {"cut at a NUL", "s3cret", std::string("s3cret\0x", 8), refusal::token_mismatch},
        {"none configured", "", "anything", refusal::not_configured},
        {"none configured, none sent", "", "", refusal::not_configured},
    };
    for (const auto& c : cases) {
        const auto who = with_token(c.configured).by_token(c.sent);
        ASSERT_TRUE(who.has_error()) << c.name;
        EXPECT_EQ(who.error(), c.why) << c.name;
    }
}

TEST(authenticator, without_authentication_everybody_is_anonymous) {
    config::auth_settings s;
    s.type = config::auth_type::disabled;
    s.token = secret("s3cret");
    const authenticator a(s);
    EXPECT_TRUE(a.disabled());
    for (const char* token : {"", "wrong", "s3cret"}) {
        const auto who = a.by_token(token);
        ASSERT_TRUE(who.has_value()) << token;
        EXPECT_EQ(who->subject(), "anonymous");
    }
    EXPECT_FALSE(with_token("x").disabled());
}

TEST(authenticator, a_mode_has_one_way_in) {
    config::auth_settings s;
    s.type = config::auth_type::oauth;
    s.token = secret("s3cret");
    for (const char* token : {"", "wrong", "s3cret"}) {
        const auto who = authenticator(s).by_token(token);
        ASSERT_TRUE(who.has_error()) << token;
        EXPECT_EQ(who.error(), refusal::not_configured);
    }
}

TEST(authenticator, a_peer_of_the_socket_is_known_by_its_user) {
    const auto a = with_token("s3cret");
    for (const unsigned uid : {0U, static_cast<unsigned>(geteuid())}) {
        const auto who = a.by_peer_credentials(uid);
        ASSERT_TRUE(who.has_value()) << uid;
        EXPECT_EQ(who->subject(), "uid:" + std::to_string(uid));
        EXPECT_TRUE(who->is_local());
        EXPECT_TRUE(who->allows(scope::admin));
    }
    EXPECT_FALSE(a.by_peer_credentials(static_cast<unsigned>(geteuid()) + 1).has_value());
    EXPECT_FALSE(a.by_peer_credentials(65534).has_value());
}

TEST(bearer_token, is_taken_out_of_the_field) {
    const struct {
        std::string_view field, token;
    } cases[] = {
        {"Bearer abc", "abc"},       {"bearer abc", "abc"},  {"BEARER abc", "abc"},
        {"Bearer   abc  ", "abc"},   {"Bearer a b", "a b"},  {"", ""},
        {"Bearer", ""},              {"Bearer ", ""},        {"Bearer    ", ""},
        {"Bearerabc", ""},           {"Basic YTpi", ""},     {" Bearer abc", ""},
        {"Token abc", ""},           {"abc", ""},            {"Bearer\tabc", ""},
    };
    for (const auto& c : cases) EXPECT_EQ(bearer_token(c.field), c.token) << c.field;
}

// Whatever is asked for, nobody gets more than both the asking and the having allow.
TEST(principal_narrowing, gives_no_more_than_was_had_and_no_more_than_was_asked) {
    const scope every[] = {scope::read,    scope::write,     scope::admin, scope::approvals,
                           scope::pairing, scope::questions, scope::talk};
    std::vector<scope_set> sets;
    for (unsigned bits = 0; bits < 1U << std::size(every); ++bits) {
        std::vector<std::string> names;
        for (unsigned i = 0; i < std::size(every); ++i) {
            if ((bits >> i & 1U) != 0) names.emplace_back(name_of(every[i]));
        }
        sets.push_back(scope_set::parse(names));
    }
    const auto admin = with_token("t").by_token("t").value();
    for (const auto had : sets) {
        const auto holder = admin.narrowed(had);
        EXPECT_EQ(holder.scopes(), had);
        for (const auto asked : sets) {
            const auto got = holder.narrowed(asked);
            const auto again = got.narrowed(scope_set::all());
            for (const auto s : every) {
                ASSERT_TRUE(!got.allows(s) || (had.allows(s) && asked.allows(s))) << name_of(s);
                // Who once had less gets nothing back.
                ASSERT_EQ(again.allows(s), got.allows(s)) << name_of(s);
            }
        }
    }
    const auto reader = admin.narrowed({scope::read});
    EXPECT_EQ(reader.subject(), admin.subject());
    EXPECT_EQ(reader.role(), admin.role());
    EXPECT_FALSE(reader.narrowed({scope::write}).allows(scope::read));
}

TEST(principal_narrowing, the_anonymous_have_nothing_to_narrow) {
    EXPECT_TRUE(principal().narrowed(scope_set::all()).scopes().empty());
}

}  // namespace
}  // namespace openclaw::auth
