#include "config/support.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

namespace openclaw::config {
namespace {

struct error_case {
    const char* name;
    const char* text;
    severity expected;
    const char* path;
    int line;
    int column;
    const char* message; // is part of what is said
    const char* hint;
};

class Findings : public testing::TestWithParam<error_case> {};

TEST_P(Findings, HasPlaceReasonAndHint) {
    const auto& c = GetParam();
    const auto loaded = load(c.text);
    ASSERT_EQ(loaded.issues.size(), 1U) << show(loaded.issues);
    const auto& i = loaded.issues[0];
    EXPECT_EQ(i.severity, c.expected);
    EXPECT_EQ(i.path, c.path);
    EXPECT_EQ(i.line, c.line);
    EXPECT_EQ(i.column, c.column);
    EXPECT_NE(i.message.find(c.message), std::string::npos) << i.message;
    EXPECT_NE(i.hint.find(c.hint), std::string::npos) << i.hint;
    EXPECT_EQ(loaded.ok(), c.expected != severity::error);
}

constexpr auto bad = severity::error;

INSTANTIATE_TEST_SUITE_P(
    Single, Findings,
    testing::Values(
        error_case{"Syntax", "{\n  a: }", bad, "", 2, 6, "a value is expected", ""},
        error_case{"NoObject", "[]", bad, "", 1, 1, "an object", ""},
        error_case{"UnknownKey", "{ gateway: { network: { prot: 1 } } }", bad,
                   "gateway.network.prot", 1, 25, "unknown key", "gateway.network.port"},
        error_case{"UnknownTopKey", "{ agent: {} }", bad, "agent", 1, 3, "unknown key", "agents"},
        error_case{"LetterCase",
                   "{ gateway: { network: { connections: { maxWebsocketConnections: 5 } } } }", bad,
                   "gateway.network.connections.maxWebsocketConnections", 1, 40, "unknown key",
                   "maxWebSocketConnections"},
        error_case{"WrongPlace", "{ gateway: { rateLimit: {} } }", bad, "gateway.rateLimit", 1, 14,
                   "unknown key", ""},
        error_case{"FarKey", "{ gateway: { xyzzy: 1 } }", bad, "gateway.xyzzy", 1, 14,
                   "unknown key", "Allowed here: network, auth"},
        error_case{"PortIsText", "{ gateway: { network: { port: '18789' } } }", bad,
                   "gateway.network.port", 1, 31, "found \"18789\"; a whole number from 0 to 65535",
                   ""},
        error_case{"PortTooHigh", "{ gateway: { network: { port: 65536 } } }", bad,
                   "gateway.network.port", 1, 31, "found 65536", ""},
        error_case{"PortFraction", "{ gateway: { network: { port: 1.5 } } }", bad,
                   "gateway.network.port", 1, 31, "found 1.5", ""},
        error_case{"PortInfinite", "{ gateway: { network: { port: Infinity } } }", bad,
                   "gateway.network.port", 1, 31, "found Infinity", ""},
        error_case{"Null", "{ gateway: { network: { port: null } } }", bad, "gateway.network.port",
                   1, 31, "found null", ""},
        error_case{"GroupIsText", "{ gateway: { network: 'x' } }", bad, "gateway.network", 1, 23,
                   "found a text; an object", ""},
        error_case{"Duration", "{ gateway: { sessions: { timeout: '5 parsecs' } } }", bad,
                   "gateway.sessions.timeout", 1, 35, "a duration like", ""},
        error_case{"NegativeDuration", "{ gateway: { sessions: { timeout: -5 } } }", bad,
                   "gateway.sessions.timeout", 1, 35, "at least 1ms", ""},
        error_case{"Size", "{ gateway: { logging: { file: { maxSize: '10q' } } } }", bad,
                   "gateway.logging.file.maxSize", 1, 42, "a size like", ""},
        error_case{"Choice", "{ gateway: { logging: { level: 'wran' } } }", bad,
                   "gateway.logging.level", 1, 32, "debug, info, warn, error or fatal", "\"warn\""},
        error_case{"Host", "{ gateway: { network: { host: 'my host' } } }", bad,
                   "gateway.network.host", 1, 31, "an IP address, loopback, lan or tailnet", ""},
        error_case{"Cidr",
                   "{ gateway: { network: { trustedProxies: ['10.0.0.0/8', '10.0.0.0/33'] } } }",
                   bad, "gateway.network.trustedProxies[1]", 1, 56, "longer than the address", ""},
        error_case{"Cipher", "{ gateway: { network: { https: { cipherSuites: ['RC4-MD5'] } } } }",
                   bad, "gateway.network.https.cipherSuites[0]", 1, 49, "TLS_AES_128_GCM_SHA256",
                   ""},
        error_case{"Url", "{ models: { providers: { x: { baseUrl: 'localhost:1' } } } }", bad,
                   "models.providers.x.baseUrl", 1, 40, "http://", ""},
        error_case{"Model", "{ agents: { defaults: { model: 'gpt-4o' } } }", bad,
                   "agents.defaults.model", 1, 32, "provider/model", ""},
        error_case{"ChannelName", "{ channels: { telegran: {} } }", bad, "channels.telegran", 1, 15,
                   "unknown name", "channels.telegram"},
        error_case{"Threshold",
                   "{ gateway: { security: { ddos: { anomalyDetection: { threshold: 2 } } } } }",
                   bad, "gateway.security.ddos.anomalyDetection.threshold", 1, 65,
                   "a number from 0 to 1", ""},
        error_case{"Mask", "{ gateway: { auth: { token: '__OPENCLAW_REDACTED__' } } }", bad,
                   "gateway.auth.token", 1, 29, "the mask", ""},
        error_case{"EmptyToken", "{ gateway: { auth: { token: '' } } }", bad, "gateway.auth.token",
                   1, 29, "cannot be empty", ""},
        error_case{"ShortToken", "{ gateway: { auth: { token: 'short' } } }", severity::warning,
                   "gateway.auth.token", 1, 29, "easy to guess", "openssl rand"},
        error_case{"Repeated", "{ gateway: { network: { port: 1, port: 2 } } }", severity::warning,
                   "gateway.network.port", 1, 25, "more than once", ""},
        error_case{"HeaderInjection",
                   "{ models: { providers: { x: { headers: { A: 'b\\r\\nC: d' } } } } }", bad,
                   "models.providers.x.headers.A", 1, 45, "line ends", ""}),
    [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Combination, Findings,
    testing::Values(
        error_case{"HttpsWithoutCert",
                   "{ gateway: { network: { https: { enabled: true, key: '/k' } } } }", bad,
                   "gateway.network.https", 1, 32, "without a certificate", "https.cert"},
        error_case{"HttpsWithoutKey",
                   "{ gateway: { network: { https: { enabled: true, cert: '/c' } } } }", bad,
                   "gateway.network.https", 1, 32, "without a private key", "https.key"},
        error_case{"AcmeWithoutDomain",
                   "{ gateway: { network: { https: { letsEncrypt: { enabled: true } } } } }", bad,
                   "gateway.network.https.letsEncrypt", 1, 47, "without a domain", ""},
        error_case{"FallbacksOnly", "{ agents: { defaults: { model: { fallbacks: ['a/b'] } } } }",
                   bad, "agents.defaults.model", 1, 32, "without a primary", ""},
        error_case{
            "TwoDefaults",
            "{ agents: { list: [\n{ id: 'a', default: true },\n{ id: 'b', default: true }] } }",
            bad, "agents.list[1].default", 3, 21, "second default", ""},
        error_case{"SameId", "{ agents: { list: [{ id: 'a' },\n{ id: 'a' }] } }", bad,
                   "agents.list[1].id", 2, 7, "called a", ""},
        error_case{"AgentWithoutId", "{ agents: { list: [{}] } }", bad, "agents.list[0]", 1, 20,
                   "needs id", ""},
        error_case{"UnknownAgent",
                   "{ agents: { list: [{ id: 'work' }] },\n bindings: [{ agent: 'wrok' }] }", bad,
                   "bindings[0].agent", 2, 22, "no agent called wrok", "\"work\""},
        error_case{"OnlyMain", "{ bindings: [{ agent: 'other' }] }", bad, "bindings[0].agent", 1,
                   23, "no agent called other", "main"},
        error_case{"HookWithoutSecret", "{ hooks: { ci: {} } }", bad, "hooks.ci", 1, 16,
                   "needs secret", ""},
        error_case{"SamePath", "{ hooks: { a: { secret: 's' }, b: { secret: 's', path: 'a' } } }",
                   bad, "hooks.b", 1, 35, "same path as hooks.a", ""},
        error_case{"ExportNowhere",
                   "{ gateway: { monitoring: { metrics: { export: { enabled: true } } } } }", bad,
                   "gateway.monitoring.metrics.export", 1, 47, "without an endpoint", ""},
        error_case{"OidcIssuer",
                   "{ gateway: { auth: { type: 'oauth', oauth: { provider: 'oidc', clientId: 'a', "
                   "clientSecret: 'b', redirectUri: 'https://x/y' } } } }",
                   bad, "gateway.auth.oauth", 1, 44, "needs an issuer", ""},
        error_case{"McpServer", "{ mcp: { servers: { x: {} } } }", bad, "mcp.servers.x", 1, 21,
                   "a command or a url", ""},
        error_case{"Refresh",
                   "{ gateway: { auth: { token: { expiry: '2d', refreshExpiry: '1d' } } } }", bad,
                   "gateway.auth.token", 1, 29, "shorter than expiry", ""}),
    [](const auto& i) { return i.param.name; });

TEST(Loader, ReportsAllProblemsInTheOrderOfTheFile) {
    const auto loaded = load(R"({
        bindings: [{ agent: 'nobody' }],
        gateway: { network: { port: 'x', hots: 1 }, auth: { type: 'tokn' } },
        agents: 5,
    })");
    ASSERT_EQ(loaded.issues.size(), 5U) << show(loaded.issues);
    EXPECT_EQ(loaded.issues[0].path, "bindings[0].agent");
    EXPECT_EQ(loaded.issues[1].path, "gateway.network.port");
    EXPECT_EQ(loaded.issues[2].path, "gateway.network.hots");
    EXPECT_EQ(loaded.issues[3].path, "gateway.auth.type");
    EXPECT_EQ(loaded.issues[4].path, "agents");
}

TEST(Loader, FillsTheStructs) {
    const auto loaded = load(R"({
        gateway: {
            network: { host: '::', port: 0x50, connections: { requestTimeout: 1500 } },
            auth: { token: 'a-long-enough-token' },
            logging: { level: 'fatal', format: 'text', file: { maxSize: '2g' } },
        },
        models: { providers: {
            anthropic: { apiKey: 'k1', apiKeys: ['k2'],
                         models: ['m1', { id: 'm2', maxTokens: 9, cost: { input: 3 } }] },
            local: { baseUrl: 'http://127.0.0.1:1/v1', headers: { 'X-A': 'b' } },
        } },
        agents: {
            list: [{ id: 'one', model: 'a/b' }, { id: 'two', default: true, limits: { maxSteps: 3 } }],
            defaults: { model: { primary: 'p/q', fallbacks: ['r/s'] }, systemPrompt: 'Be kind.' },
        },
        bindings: [{ match: { channel: 'telegram', peer: { kind: 'group', id: '-1' } },
                     agent: 'two', priority: 'high' }],
        hooks: { ci: { secret: 's', verify: 'github', template: '{{a}}', agent: 'one' } },
        channels: { telegram: { token: 't', anything: { goes: [1] } } },
    })");
    ASSERT_TRUE(loaded.ok()) << show(loaded.issues);
    const auto& s = loaded.settings;
    EXPECT_EQ(s.gateway.network.host, "::");
    EXPECT_EQ(s.gateway.network.port, 80);
    EXPECT_EQ(s.gateway.network.connections.request_timeout, milliseconds(1500));
    EXPECT_TRUE(s.gateway.auth.token.matches("a-long-enough-token"));
    EXPECT_EQ(s.gateway.logging.level, log::level::fatal);
    EXPECT_EQ(s.gateway.logging.format, log::style::text);
    EXPECT_EQ(s.gateway.logging.file.max_size, 2ULL << 30);
    const auto& anthropic = s.providers.at("anthropic");
    EXPECT_EQ(anthropic.api, provider_api::anthropic_messages);
    ASSERT_EQ(anthropic.api_keys.size(), 2U);
    EXPECT_EQ(anthropic.api_keys[1].reveal(), "k2");
    ASSERT_EQ(anthropic.models.size(), 2U);
    EXPECT_EQ(anthropic.models[0].id, "m1");
    EXPECT_EQ(anthropic.models[1].max_tokens, 9U);
    EXPECT_EQ(anthropic.models[1].cost, (json{{"input", 3}}));
    EXPECT_EQ(s.providers.at("local").api, provider_api::openai_completions);
    EXPECT_EQ(s.providers.at("local").headers.at("X-A"), "b");
    ASSERT_EQ(s.agents.list.size(), 2U);
    EXPECT_EQ(s.agents.list[0].model.primary, "a/b");
    EXPECT_EQ(s.agents.list[0].model.fallbacks, std::vector<std::string>{"r/s"});
    EXPECT_EQ(s.agents.list[1].model.primary, "p/q");
    EXPECT_EQ(s.agents.list[1].system_prompt, "Be kind.");
    EXPECT_EQ(s.agents.list[1].limits.max_steps, 3U);
    EXPECT_TRUE(s.agents.list[1].is_default);
    EXPECT_EQ(s.bindings.at(0).match.peer_kind, "group");
    EXPECT_EQ(s.bindings.at(0).priority, "high");
    EXPECT_EQ(s.hooks.at("ci").text, "{{a}}");
    EXPECT_TRUE(s.hooks.at("ci").key.matches("s"));
    EXPECT_EQ(s.channels["telegram"]["anything"]["goes"][0], 1);
}

TEST(Loader, KeepsTheDefaultOfWhatDoesNotPass) {
    const auto loaded = load("{ gateway: { network: { port: 'x', host: '0.0.0.0' } } }");
    EXPECT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.settings.gateway.network.port, 18789);
    EXPECT_EQ(loaded.settings.gateway.network.host, "0.0.0.0");
}

TEST(Loader, AnEmptyObjectIsTheDefaults) {
    EXPECT_TRUE(load("{}").issues.empty());
}

TEST(Loader, SaysIssuesInOneLine) {
    const issue i{severity::error, "a.b", 3, 4, "unknown key", "Did you mean a.c?"};
    EXPECT_EQ(to_string(i, "f.json"), "f.json:3:4: a.b: unknown key. Did you mean a.c?");
    EXPECT_EQ(to_string(issue{severity::error, "", 0, 0, "gone", ""}, ""), "gone");
}

TEST(Loader, HashesTheText) {
    EXPECT_EQ(load("{}").hash, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

// ---- variables and secret files

TEST(Variables, AreExpandedWithDefaults) {
    const auto env = variables({{"HOST", "::1"}, {"PORT", "1234"}, {"EMPTY", ""}, {"ON", "false"}});
    const auto loaded = load_text(R"({
        gateway: { network: { host: '${HOST}', port: '${PORT}', rateLimit: { enabled: '${ON}' } },
                   sessions: { timeout: '${NOPE:-5}m', maxConcurrent: '${EMPTY:-7}' } },
        agents: { defaults: { systemPrompt: 'a $${X} $5 ${EMPTY}.' } },
    })",
                                  env);
    ASSERT_TRUE(loaded.ok()) << show(loaded.issues);
    EXPECT_EQ(loaded.settings.gateway.network.host, "::1");
    EXPECT_EQ(loaded.settings.gateway.network.port, 1234);
    EXPECT_FALSE(loaded.settings.gateway.network.rate_limit.enabled);
    EXPECT_EQ(loaded.settings.gateway.sessions.timeout, std::chrono::minutes(5));
    EXPECT_EQ(loaded.settings.gateway.sessions.max_concurrent, 7U);
    EXPECT_EQ(loaded.settings.agents.defaults.system_prompt, "a ${X} $5 .");
}

TEST(Variables, OneThatIsNotSetIsAnErrorAtItsPlace) {
    const auto loaded = load("{\n  gateway: { auth: { token: '${MY_TOKEN}' } } }");
    ASSERT_EQ(loaded.issues.size(), 1U) << show(loaded.issues);
    EXPECT_EQ(loaded.issues[0].path, "gateway.auth.token");
    EXPECT_EQ(loaded.issues[0].line, 2);
    EXPECT_EQ(loaded.issues[0].column, 29);
    EXPECT_NE(loaded.issues[0].message.find("MY_TOKEN is not set"), std::string::npos);
    EXPECT_FALSE(loaded.ok());
}

TEST(Variables, WhatTheyHoldIsNotShownInErrors) {
    const auto loaded = load_text("{ gateway: { network: { host: '${SECRET}' } } }",
                                  variables({{"SECRET", "canary-4711"}}));
    EXPECT_FALSE(loaded.ok());
    EXPECT_EQ(show(loaded.issues).find("canary"), std::string::npos);
}

TEST(Variables, AValueIsNotExpandedAgain) {
    const auto loaded = load_text("{ agents: { defaults: { systemPrompt: '${A}' } } }",
                                  variables({{"A", "${B}"}, {"B", "no"}}));
    EXPECT_EQ(loaded.settings.agents.defaults.system_prompt, "${B}");
}

TEST(Variables, MalformedOnesAreErrors) {
    for (const auto* text : {"${}", "${a b}", "${1A}", "${A", "${A:-${B}}"}) {
        const auto loaded =
            load("{ agents: { defaults: { systemPrompt: '" + std::string(text) + "' } } }");
        EXPECT_FALSE(loaded.ok()) << text;
    }
}

TEST(Variables, DotenvIsBelowTheProcess) {
    const test::temp_dir dir;
    std::ofstream(dir.path() / ".env")
        << "# comment\nexport OC_A=1\nOC_B = \"two\\nlines\" # x\nOC_C='$raw'\n"
           "OC_D=plain # comment\nOC_E=a#b\nPATH=/nowhere\nbroken\n";
    const auto env = process_environment(dir.path() / ".env");
    EXPECT_EQ(env("OC_A"), "1");
    EXPECT_EQ(env("OC_B"), "two\nlines");
    EXPECT_EQ(env("OC_C"), "$raw");
    EXPECT_EQ(env("OC_D"), "plain");
    EXPECT_EQ(env("OC_E"), "a#b");
    EXPECT_NE(env("PATH"), "/nowhere");
    EXPECT_EQ(env("OC_NONE"), std::nullopt);
}

TEST(SecretFiles, StandForSecrets) {
    const test::temp_dir dir;
    std::ofstream(dir.path() / "token") << "from-a-file-1234567\n";
    const auto ref = "{ file: '" + (dir.path() / "token").string() + "' }";
    const auto loaded = load("{ gateway: { auth: { token: " + ref +
                             " } }, channels: { slack: { signingSecret: " + ref +
                             " } }, models: { providers: { x: { apiKeys: [" + ref + "] } } } }");
    ASSERT_TRUE(loaded.ok()) << show(loaded.issues);
    EXPECT_TRUE(loaded.settings.gateway.auth.token.matches("from-a-file-1234567"));
    EXPECT_EQ(loaded.settings.channels["slack"]["signingSecret"], "from-a-file-1234567");
    EXPECT_EQ(loaded.settings.providers.at("x").api_keys.at(0).reveal(), "from-a-file-1234567");
}

TEST(SecretFiles, ThatCannotBeReadAreErrors) {
    for (const auto* file : {"/nowhere/at/all", "relative", "/dev/null", "/"}) {
        const auto loaded =
            load("{ gateway: { auth: { token: { file: '" + std::string(file) + "' } } } }");
        ASSERT_EQ(loaded.issues.size(), 1U) << file << show(loaded.issues);
        EXPECT_EQ(loaded.issues[0].path, "gateway.auth.token");
    }
}

// ---- files

TEST(LoadFile, ChecksWhoElseCanReadAndWrite) {
    const test::temp_dir dir;
    const auto file = dir.path() / "openclaw.json";
    std::ofstream(file) << "{}";
    struct {
        mode_t mode;
        std::size_t warnings;
        bool ok;
    } cases[] = {{0600, 0, true}, {0644, 1, true},  {0640, 1, true},
                 {0660, 1, true}, {0666, 0, false}, {0602, 0, false}};
    for (const auto& c : cases) {
        ASSERT_EQ(chmod(file.c_str(), c.mode), 0);
        const auto loaded = load_file(file, no_environment());
        ASSERT_TRUE(loaded);
        EXPECT_EQ(loaded->ok(), c.ok) << std::oct << c.mode;
        EXPECT_EQ(count(*loaded, severity::warning), c.warnings) << std::oct << c.mode;
    }
}

TEST(LoadFile, SaysWhatCannotBeRead) {
    const test::temp_dir dir;
    EXPECT_EQ(load_file(dir.path() / "none", no_environment()).error().code, errc::not_found);
    EXPECT_EQ(load_file(dir.path(), no_environment()).error().code, errc::io);
    std::ofstream(dir.path() / "big") << std::string((4 << 20) + 1, ' ');
    EXPECT_EQ(load_file(dir.path() / "big", no_environment()).error().code, errc::io);
}

} // namespace
} // namespace openclaw::config
