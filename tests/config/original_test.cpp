#include "config/support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

// The example files of the product that this one takes the place of, and keys of older versions.
namespace openclaw::config {
namespace {

std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

const std::filesystem::path originals = OPENCLAW_SOURCE_DIR "/tests/config/original";

TEST(OriginalFiles, LoadAsTheyAre) {
    const auto env = variables({{"GATEWAY_TOKEN", "0123456789abcdef"},
                                {"GOOGLE_CLIENT_ID", "id"},
                                {"GOOGLE_CLIENT_SECRET", "s"},
                                {"JWT_SECRET", "j"}});
    std::size_t seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator(originals)) {
        const auto loaded = load_text(read(entry.path()), env);
        EXPECT_TRUE(loaded.issues.empty()) << entry.path() << "\n" << show(loaded.issues);
        ++seen;
    }
    EXPECT_EQ(seen, 10U);
}

TEST(OriginalFiles, ComplainOnlyOfVariablesThatAreNotSet) {
    std::set<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(originals)) {
        for (const auto& i : load(read(entry.path())).issues) {
            EXPECT_NE(i.message.find("is not set"), std::string::npos) << show({i});
            paths.insert(i.path);
        }
    }
    EXPECT_EQ(paths, (std::set<std::string>{"gateway.auth.token", "gateway.auth.oauth.clientId",
                                            "gateway.auth.oauth.clientSecret",
                                            "gateway.auth.oauth.jwt.secret"}));
}

TEST(OriginalFiles, ReachTheStructs) {
    const auto https = load(read(originals / "03-https.json5")).settings.gateway.network.https;
    EXPECT_EQ(https.cert_file, "/etc/ssl/certs/openclaw.crt");
    EXPECT_EQ(https.key_file, "/etc/ssl/private/openclaw.key");
    EXPECT_EQ(https.ca_file, "/etc/ssl/certs/ca.crt");
    const auto auth = load(read(originals / "04-auth-token.json5")).settings.gateway.auth;
    EXPECT_TRUE(auth.token.empty());
    EXPECT_EQ(auth.issued.refresh_expiry, std::chrono::hours(24 * 30));
    ASSERT_EQ(auth.acl.rules.size(), 2U);
    EXPECT_EQ(auth.acl.rules[0].methods, (std::vector<std::string>{"GET", "POST"}));
    const auto security =
        load(read(originals / "06-network-isolation-firewall.json5")).settings.gateway.security;
    EXPECT_EQ(security.network_isolation.blocked_outbound, std::vector<std::string>{"0.0.0.0/0"});
    EXPECT_EQ(security.firewall.rules[0]["port"], 18789);
}

struct alias_case {
    const char* name;
    const char* text;
    const char* here; // the key that the notice names; "": not in effect
    bool (*arrived)(const settings&);
};

class Aliases : public testing::TestWithParam<alias_case> {};

TEST_P(Aliases, AreReadWithANotice) {
    const auto& c = GetParam();
    const auto loaded = load(c.text);
    ASSERT_EQ(loaded.issues.size(), 1U) << show(loaded.issues);
    EXPECT_EQ(loaded.issues[0].severity, severity::notice);
    EXPECT_GT(loaded.issues[0].line, 0);
    const std::string expected = *c.here == '\0' ? "not in effect here" : c.here;
    EXPECT_NE(loaded.issues[0].message.find(expected), std::string::npos)
        << loaded.issues[0].message;
    EXPECT_TRUE(c.arrived(loaded.settings));
}

bool always(const settings&) {
    return true;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, Aliases,
    testing::Values(
        alias_case{"Port", "{ gateway: { port: 5 } }", "gateway.network.port",
                   [](const settings& s) { return s.gateway.network.port == 5; }},
        alias_case{"Bind", "{ gateway: { bind: 'lan' } }", "gateway.network.host",
                   [](const settings& s) { return s.gateway.network.host == "lan"; }},
        alias_case{"BindAuto", "{ gateway: { bind: 'auto' } }", "gateway.network.host",
                   [](const settings& s) { return s.gateway.network.host == "loopback"; }},
        alias_case{"AuthMode", "{ gateway: { auth: { mode: 'none' } } }", "gateway.auth.type",
                   [](const settings& s) { return s.gateway.auth.type == auth_type::disabled; }},
        alias_case{"AuthByPassword", "{ gateway: { auth: { mode: 'password' } } }", "gateway.auth.type",
                   [](const settings& s) { return s.gateway.auth.type == auth_type::password; }},
        alias_case{
            "Password", "{ gateway: { auth: { password: 'sixteen-letters-' } } }",
            "gateway.auth.token",
            [](const settings& s) { return s.gateway.auth.token.matches("sixteen-letters-"); }},
        alias_case{"Idle", "{ session: { idleMinutes: 90 } }", "gateway.sessions.timeout",
                   [](const settings& s) {
                       return s.gateway.sessions.timeout == std::chrono::minutes(90);
                   }},
        alias_case{"Level", "{ logging: { level: 'trace' } }", "gateway.logging.level",
                   [](const settings& s) { return s.gateway.logging.level == log::level::debug; }},
        alias_case{"TurnTimeout", "{ agents: { defaults: { timeoutSeconds: 9 } } }",
                   "agents.defaults.limits.turnTimeout",
                   [](const settings& s) {
                       return s.agents.defaults.limits.turn_timeout == std::chrono::seconds(9);
                   }},
        alias_case{"BotToken", "{ channels: { telegram: { botToken: 't' } } }",
                   "channels.telegram.token",
                   [](const settings& s) { return s.channels["telegram"]["token"] == "t"; }},
        alias_case{"Binding", "{ bindings: [{ agentId: 'main' }] }", "bindings[0].agent",
                   [](const settings& s) { return s.bindings.at(0).agent == "main"; }},
        alias_case{"HookToken", "{ hooks: { token: 'x' } }", "",
                   [](const settings& s) { return s.hooks.empty(); }},
        alias_case{"HookEnabled", "{ hooks: { enabled: true } }", "", always},
        alias_case{"Scope", "{ session: { scope: 'per-sender' } }", "", always},
        alias_case{"Mode", "{ gateway: { mode: 'local' } }", "", always},
        alias_case{"Wizard", "{ wizard: { lastRunAt: 'x' } }", "", always}),
    [](const auto& i) { return i.param.name; });

TEST(Aliases, TheKeyUsedHereWins) {
    const auto loaded = load("{ gateway: { port: 5, network: { port: 6 } } }");
    EXPECT_EQ(loaded.settings.gateway.network.port, 6);
    ASSERT_EQ(loaded.issues.size(), 1U);
    EXPECT_EQ(loaded.issues[0].severity, severity::warning);
}

TEST(Aliases, ABadValueIsReportedAtItsOwnPlace) {
    const auto loaded = load("{ gateway: { port: 'x' } }");
    ASSERT_EQ(loaded.issues.size(), 2U) << show(loaded.issues);
    EXPECT_EQ(loaded.issues[1].column, 20);
    EXPECT_FALSE(loaded.ok());
}

// The gateway has no such mode, and none that stands in for it.
TEST(Aliases, TheModeOfATrustedProxyIsRefused) {
    const auto loaded =
        load("{ gateway: { auth: { mode: 'trusted-proxy', password: 'sixteen-letters-' } } }");
    EXPECT_FALSE(loaded.ok());
    EXPECT_NE(show(loaded.issues).find("trusted-proxy"), std::string::npos) << show(loaded.issues);
}

TEST(Aliases, AHookMayBeCalledAsTheOriginalsKeys) {
    const auto loaded = load("{ hooks: { token: { secret: 's' } }, $schema: 'x' }");
    EXPECT_TRUE(loaded.issues.empty()) << show(loaded.issues);
    EXPECT_TRUE(loaded.settings.hooks.at("token").key.matches("s"));
}

TEST(NotInEffect, NamesExactlyWhatTheFileSets) {
    EXPECT_TRUE(not_in_effect({}, read(originals / "01-main.json5")).size() == 6);
    const auto named = not_in_effect({}, R"({
        gateway: { auth: { type: 'oauth', token: { length: 32 } },
                   network: { port: 1, rateLimit: { enabled: true } } },
        models: { providers: { g: { api: 'google-generative-ai' }, e: { api: 'echo' } } },
        channels: { telegram: { token: 't', x: 1 } },
        agents: { list: [{ id: 'a', workspace: '/w', tools: { deny: ['exec'] } }] },
        hooks: { h: { secret: { file: '/f' } } },
    })");
    std::vector<std::string> paths;
    for (const auto& line : named)
        paths.push_back(line.substr(0, line.find(':')));
    EXPECT_EQ(paths,
              (std::vector<std::string>{"gateway.auth.type", "gateway.auth.token.length",
                                        "gateway.network.rateLimit.enabled",
                                        "models.providers.g.api", "channels.telegram",
                                        "agents.list[0].tools.deny"}));
}

TEST(Diff, NamesWhatChangedAndWhenItTakesEffect) {
    const auto before = load("{ gateway: { network: { port: 1 }, logging: { level: 'info' } },"
                             " agents: { list: [{ id: 'a' }, { id: 'b' }] } }");
    const auto after =
        load("{ gateway: { network: { port: 2 }, logging: { level: 'info', format: 'text' } },"
             " agents: { list: [{ id: 'a' }] }, /* same */ }");
    const auto changes = diff(before, after);
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(changes[0].path, "gateway.network.port");
    EXPECT_EQ(changes[0].reload, reload_class::restart);
    EXPECT_EQ(changes[1].path, "gateway.logging.format");
    EXPECT_EQ(changes[1].reload, reload_class::live);
    EXPECT_EQ(changes[2].path, "agents.list[1].id");
    EXPECT_TRUE(diff(before, before).empty());
}

} // namespace
} // namespace openclaw::config
