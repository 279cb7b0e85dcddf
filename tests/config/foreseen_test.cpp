#include "config/support.hpp"

#include "openclaw/config/foreseen.hpp"

#include <gtest/gtest.h>

namespace openclaw::config {
namespace {

struct foreseen_case {
    const char* name;
    const char* text;
    const char* path;      // of the one finding; empty: none
    const char* message;   // how it begins
    int line, column;
};
void PrintTo(const foreseen_case& c, std::ostream* out) { *out << c.name; }

class Foreseen : public testing::TestWithParam<foreseen_case> {};

TEST_P(Foreseen, IsSaidWithItsPlace) {
    const auto& c = GetParam();
    const auto loaded = load_text(c.text, no_environment());
    ASSERT_TRUE(loaded.ok()) << show(loaded.issues);
    const auto found = foreseen(loaded);
    if (*c.path == 0) {
        EXPECT_TRUE(found.empty()) << show(found);
        return;
    }
    ASSERT_EQ(found.size(), 1U) << show(found);
    EXPECT_EQ(found[0].severity, severity::warning);
    EXPECT_EQ(found[0].path, c.path);
    EXPECT_TRUE(found[0].message.starts_with(c.message)) << found[0].message;
    EXPECT_EQ(found[0].line, c.line);
    EXPECT_EQ(found[0].column, c.column);
    EXPECT_FALSE(found[0].hint.empty());
}

#define TOKEN "gateway: { auth: { token: '0123456789abcdef' } }"
const foreseen_case cases[] = {
    {"nothing", "{ " TOKEN " }", "", "", 0, 0},
    {"no_token", "{}", "gateway.auth.token", "no token is configured", 1, 1},
    {"token_null", "{ gateway: { auth: { type: 'token' } } }", "gateway.auth.token", "no token", 1, 20},
    {"open_to_all", "{ gateway: { auth: { type: 'disabled' }, network: { host: 'lan' } } }",
     "gateway.auth.type", "the gateway does not start like this", 1, 28},
    {"open_to_nobody", "{ gateway: { auth: { type: 'disabled' }, network: { host: 'localhost' } } }", "",
     "", 0, 0},
    {"user_info", "{ " TOKEN ", models: { providers: { m: { baseUrl: 'http://u:p@h/v1' } } } }",
     "models.providers.m.baseUrl", "has a user or a password", 1, 90},
    {"at_in_a_path", "{ " TOKEN ", models: { providers: { m: { baseUrl: 'http://h/@v1' } } } }", "", "",
     0, 0},
    {"no_provider", "{ " TOKEN ", agents: { defaults: { model: 'nope/none' } } }", "agents.defaults.model",
     "there is no provider nope", 1, 82},
    {"said_once", "{ " TOKEN ", agents: { defaults: { model: 'nope/none' }, list: [{ id: 'a' }] } }",
     "agents.defaults.model", "there is no provider nope", 1, 82},
    {"known_provider", "{ " TOKEN ", agents: { defaults: { model: 'anthropic/x' } } }", "", "", 0, 0},
    {"not_listed", "{ " TOKEN ", agents: { list: [{ id: 'a', model: 'm/b' }] },\n"
                   "  models: { providers: { m: { baseUrl: 'http://h/v1', models: [{ id: 'a' }] } } } }",
     "agents.list[0].model", "m lists no model b", 1, 88},
};
INSTANTIATE_TEST_SUITE_P(, Foreseen, testing::ValuesIn(cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(StartRefusal, FlagsMayAllowIt) {
    settings s;
    s.gateway.auth.type = auth_type::disabled;
    s.gateway.network.host = "0.0.0.0";
    EXPECT_TRUE(start_refusal(s, false));
    EXPECT_FALSE(start_refusal(s, true));
    for (const char* near : {"127.0.0.1", "127.8.9.1", "::1", "loopback"}) {
        s.gateway.network.host = near;
        EXPECT_FALSE(start_refusal(s, false)) << near;
    }
}

}  // namespace
}  // namespace openclaw::config
