#include "openclaw/config/editor.hpp"

#include "config/layout.hpp"
#include "config/support.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace openclaw::config {
namespace {

struct edit_case {
    const char* name;
    const char* before;
    const char* path;
    const char* value; // JSON; null: unset
    const char* after;
};

class Edit : public testing::TestWithParam<edit_case> {};

TEST_P(Edit, KeepsEveryOtherByte) {
    const auto& c = GetParam();
    const auto after = c.value == nullptr ? unset_in_text(c.before, c.path)
                                          : set_in_text(c.before, c.path, json::parse(c.value));
    ASSERT_TRUE(after) << after.error().to_string();
    EXPECT_EQ(*after, c.after);
}

INSTANTIATE_TEST_SUITE_P(
    Set, Edit,
    testing::Values(edit_case{"Replace", "{ a: 1, /* c */ b: 'x' } // end\n", "b", "\"y\"",
                              "{ a: 1, /* c */ b: \"y\" } // end\n"},
                    edit_case{"Nested", "{\n  a: {\n    b: 1, // one\n  },\n}\n", "a.b", "2",
                              "{\n  a: {\n    b: 2, // one\n  },\n}\n"},
                    edit_case{"NewMember", "{\n    a: 1, // one\n}\n", "b", "true",
                              "{\n    a: 1, // one\n    b: true,\n}\n"},
                    edit_case{"NoTrailingComma", "{\n  a: 1 // one\n  // two\n}\n", "b", "2",
                              "{\n  a: 1, // one\n  b: 2\n  // two\n}\n"},
                    edit_case{"Inline", "{ a: 1 }", "b", "2", "{ a: 1, b: 2 }"},
                    edit_case{"InlineTrailing", "{ a: 1, }", "b", "2", "{ a: 1, b: 2, }"},
                    edit_case{"Empty", "{}", "a", "1", "{\n  a: 1\n}"},
                    edit_case{"Blank", "\n", "a", "1", "{\n  a: 1\n}\n"},
                    edit_case{"OnlyComments", "{\n\t// nothing yet\n}\n", "a", "1",
                              "{\n\t// nothing yet\n\ta: 1\n}\n"},
                    edit_case{"MissingWay", "{\n  x: {},\n}\n", "a.b.c", "[1, 2]",
                              "{\n  x: {},\n  a: {\n    b: {\n      c: [1, 2],\n    },\n  },\n}\n"},
                    edit_case{"Element", "{ a: [1, 2] }", "a[1]", "3", "{ a: [1, 3] }"},
                    edit_case{"Append", "{ a: [1] }", "a[1]", "3", "{ a: [1, 3] }"},
                    edit_case{"NewList", "{ a: 1 }", "l[0].id", "\"x\"",
                              "{ a: 1, l: [\n  {\n    id: \"x\",\n  },\n] }"},
                    edit_case{"QuotedKey", "{ a: 1 }", "h[\"x.y\"]", "1",
                              "{ a: 1, h: {\n  \"x.y\": 1,\n} }"},
                    edit_case{"StaysJson", "{\n  \"a\": 1\n}\n", "b.c", "1",
                              "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 1\n  }\n}\n"},
                    edit_case{"WindowsLines", "{\r\n  a: 1,\r\n}\r\n", "b", "2",
                              "{\r\n  a: 1,\r\n  b: 2,\r\n}\r\n"},
                    edit_case{"LastOfTwo", "{ a: 1, a: 2 }", "a", "3", "{ a: 1, a: 3 }"},
                    edit_case{"CommentBeforeComma", "{\n  a: 1 /* one */,\n}", "b", "2",
                              "{\n  a: 1 /* one */,\n  b: 2,\n}"},
                    edit_case{"SlashesInText", "{\n  u: 'http://x'\n}", "b", "2",
                              "{\n  u: 'http://x',\n  b: 2\n}"},
                    edit_case{"BlockCommentOverLines", "{\n  a: 1, /* one\n  two */\n}", "b", "2",
                              "{\n  a: 1, /* one\n  two */\n  b: 2,\n}"}),
    [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Unset, Edit,
    testing::Values(edit_case{"OwnLine", "{\n  a: 1,\n  b: 2,\n  c: 3,\n}\n", "b", nullptr,
                              "{\n  a: 1,\n  c: 3,\n}\n"},
                    edit_case{"Last", "{\n  a: 1,\n  b: 2\n}\n", "b", nullptr, "{\n  a: 1\n}\n"},
                    edit_case{"First", "{ a: 1, b: 2 }", "a", nullptr, "{ b: 2 }"},
                    edit_case{"InlineLast", "{ a: 1, b: 2 }", "b", nullptr, "{ a: 1 }"},
                    edit_case{"Only", "{\n  a: 1,\n}\n", "a", nullptr, "{\n}\n"},
                    edit_case{"CommentStays", "{\n  // about a\n  a: 1, // one\n  b: 2,\n}\n", "a",
                              nullptr, "{\n  // about a\n   // one\n  b: 2,\n}\n"},
                    edit_case{"Element", "{ a: [1, 2, 3] }", "a[1]", nullptr, "{ a: [1, 3] }"},
                    edit_case{"LastElement", "{ a: [1, 2] }", "a[1]", nullptr, "{ a: [1] }"},
                    edit_case{"Twice", "{ a: 1, b: 0, a: 2 }", "a", nullptr, "{ b: 0 }"},
                    edit_case{"Block", "{\n  a: {\n    b: 1,\n  },\n  c: 2,\n}\n", "a", nullptr,
                              "{\n  c: 2,\n}\n"}),
    [](const auto& i) { return i.param.name; });

TEST(EditorErrors, SayWhatIsInTheWay) {
    EXPECT_EQ(set_in_text("{ a: 1 }", "a.b", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{ a: {} }", "a[0]", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{ a: [] }", "a[1]", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{ a: ", "a", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{}", "", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{}", "a..b", 1).error().code, errc::invalid_input);
    EXPECT_EQ(set_in_text("{}", "a.", 1).error().code, errc::invalid_input);
    EXPECT_EQ(unset_in_text("{ a: 1 }", "b").error().code, errc::not_found);
    EXPECT_EQ(unset_in_text("{ a: [] }", "a[0]").error().code, errc::not_found);
}

std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

class ChangeFile : public testing::Test {
protected:
    void write(std::string_view text, mode_t mode = 0600) {
        std::ofstream(file) << text;
        chmod(file.c_str(), mode);
    }
    result<load_outcome> change(std::vector<config::change> changes, std::string_view hash = {}) {
        return change_file(file, changes, no_environment(), hash);
    }

    test::temp_dir dir;
    std::filesystem::path file = dir.path() / "openclaw.json";
};

TEST_F(ChangeFile, KeepsABackupAndTheMode) {
    write("{ /* mine */ }\n", 0640);
    const auto changed = change({{"gateway.network.port", 5}});
    ASSERT_TRUE(changed) << changed.error().to_string();
    EXPECT_EQ(changed->settings.gateway.network.port, 5);
    EXPECT_EQ(read(dir.path() / "openclaw.json.bak"), "{ /* mine */ }\n");
    EXPECT_NE(read(file).find("/* mine */"), std::string::npos);
    struct stat info {};
    ASSERT_EQ(stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0640U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 2);
}

TEST_F(ChangeFile, RefusesWhatWouldNotPass) {
    write("{}");
    const auto refused = change({{"gateway.network.port", 70000}, {"gateway.x", 1}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::config);
    EXPECT_NE(refused.error().message.find("gateway.network.port"), std::string::npos);
    EXPECT_NE(refused.error().message.find("gateway.x"), std::string::npos);
    EXPECT_EQ(read(file), "{}");
}

TEST_F(ChangeFile, AnOldErrorDoesNotBlockAnotherSetting) {
    write("{ gateway: { auth: { token: '${ONLY_THE_DAEMON_HAS_IT}' } } }");
    EXPECT_TRUE(change({{"gateway.network.port", 5}}));
    EXPECT_NE(read(file).find("${ONLY_THE_DAEMON_HAS_IT}"), std::string::npos);
}

TEST_F(ChangeFile, MakesAFileForItsOwnerAlone) {
    ASSERT_TRUE(change({{"gateway.network.port", 5}}));
    struct stat info {};
    ASSERT_EQ(stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(ChangeFile, NoticesThatSomebodyElseWasFaster) {
    write("{}");
    const auto hash = load("{}").hash;
    EXPECT_TRUE(change({{"gateway.network.port", 5}}, hash));
    EXPECT_EQ(change({{"gateway.network.port", 6}}, hash).error().code, errc::conflict);
}

TEST_F(ChangeFile, WritesThroughALink) {
    write("{}");
    const auto link = dir.path() / "link.json";
    std::filesystem::create_symlink(file, link);
    const std::vector<config::change> changes{{"gateway.network.port", 5}};
    ASSERT_TRUE(change_file(link, changes, no_environment()));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(load(read(file)).settings.gateway.network.port, 5);
}

TEST_F(ChangeFile, Unsets) {
    write("{ gateway: { network: { port: 1 } } }");
    ASSERT_TRUE(change({{"gateway.network.port", std::nullopt}}));
    EXPECT_EQ(load(read(file)).settings.gateway.network.port, 18789);
    EXPECT_EQ(change({{"gateway.network.port", std::nullopt}}).error().code, errc::not_found);
}

TEST_F(ChangeFile, LeavesAServiceItsFileWhenRootChangesIt) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    write("{ gateway: { network: { port: 1 } } }");
    ASSERT_EQ(::chown(file.c_str(), 12'345, 12'346), 0);
    ASSERT_TRUE(change({{"gateway.network.port", 2}}));
    struct stat now {};
    ASSERT_EQ(::stat(file.c_str(), &now), 0);
    EXPECT_EQ(now.st_uid, 12'345U);
    EXPECT_EQ(now.st_gid, 12'346U);
}

TEST(WrittenValue, IsWhatStandsInTheText) {
    const auto* text = "{ gateway: { auth: { token: '${A:-b}' }, network: { port: 1 } } }";
    EXPECT_EQ(written_value(text, "gateway.auth.token"), "${A:-b}");
    EXPECT_EQ(written_value("{gateway:{auth:{token:{file:'/t'}}}}", "gateway.auth.token"),
              (json{{"file", "/t"}}));
    EXPECT_EQ(written_value(text, "gateway.auth.type"), json());
    EXPECT_EQ(written_value("{", "gateway.auth.token"), json());
}

TEST(GetValue, GivesWhatIsSetElseTheDefault) {
    const auto loaded = load("{ gateway: { network: { port: 5 } } }");
    EXPECT_EQ(*get_value(loaded, "gateway.network.port", false), 5);
    EXPECT_EQ(*get_value(loaded, "gateway.network.host", false), "127.0.0.1");
    EXPECT_EQ(*get_value(loaded, "gateway.sessions.timeout", false), "30m");
    EXPECT_EQ(*get_value(loaded, "gateway.logging.level", false), "info");
    const auto network = *get_value(loaded, "gateway.network", false);
    EXPECT_EQ(network["port"], 5);
    EXPECT_EQ(network["connections"]["maxHttpConnections"], 100);
    EXPECT_EQ((*get_value(loaded, "", false))["gateway"]["network"]["port"], 5);
}

TEST(GetValue, KnowsWhatIsNoSetting) {
    const auto missing = get_value(load("{}"), "gateway.network.prot", false);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
    EXPECT_NE(missing.error().hint.find("gateway.network.port"), std::string::npos);
}

TEST(GetValue, MasksEachSecret) {
    const auto loaded = load_text(R"({
        gateway: { auth: { token: 'canary-0123456789',
                           oauth: { clientSecret: 'canary', jwt: { secret: 'canary' } } } },
        models: { providers: { p: { apiKey: 'canary', apiKeys: ['canary', '${K}'],
                                  headers: { 'X-Any': 'canary' } } } },
        channels: { telegram: { botToken: 'canary',
                                accounts: { a: { signing_secret: 'canary', maxTokens: 5 } } },
                    email: { password: 'canary', headers: { 'X-Y': 'canary' } } },
        mcp: { servers: { s: { command: 'x', env: { ANY: 'canary' } },
                          u: { url: 'http://x', headers: { A: 'canary' } } } },
        hooks: { h: { secret: 'canary' } },
        store: { postgres: { url: 'postgres://u:canary@h/d' } },
    })",
                                  variables({{"K", "canary"}}));
    ASSERT_TRUE(loaded.ok()) << show(loaded.issues);
    const auto all = dump(*get_value(loaded, "", false));
    EXPECT_EQ(all.find("canary"), std::string::npos) << all;
    EXPECT_NE(all.find("\"maxTokens\":5"), std::string::npos);
    for (const auto* path :
         {"gateway.auth.token", "models.providers.p.apiKeys[1]", "models.providers.p.headers.X-Any",
          "channels.telegram.token", "channels.telegram.accounts.a.signing_secret",
          "channels.email.headers.X-Y", "mcp.servers.s.env.ANY", "hooks.h.secret",
          "store.postgres.url"}) {
        EXPECT_EQ(*get_value(loaded, path, false), redacted) << path;
        EXPECT_NE(dump(*get_value(loaded, path, true)).find("canary"), std::string::npos) << path;
    }
}

struct value_case {
    const char* path;
    const char* text;
    const char* expected; // JSON; null: refused
};

TEST(ParseValue, FollowsTheTypeOfTheSetting) {
    const value_case cases[] = {
        {"gateway.network.port", "80", "80"},
        {"gateway.network.port", "${PORT}", "\"${PORT}\""},
        {"gateway.network.host", "0.0.0.0", "\"0.0.0.0\""},
        {"gateway.network.https.enabled", "true", "true"},
        {"gateway.sessions.timeout", "5m", "\"5m\""},
        {"gateway.sessions.timeout", "5000", "5000"},
        {"gateway.auth.token", "12345678", "\"12345678\""},
        {"gateway.auth.token", "'quoted'", "\"quoted\""},
        {"gateway.auth.token", "{ length: 20 }", "{\"length\":20}"},
        {"gateway.network.trustedProxies", "['::1']", "[\"::1\"]"},
        {"agents.list", "[{ id: 'a' }]", "[{\"id\":\"a\"}]"},
        {"channels.telegram.anything", "5", "5"},
        {"channels.telegram.anything", "five six", "\"five six\""},
        {"agents.list", "[{ id: ", nullptr},
        {"gateway.nothing", "1", nullptr},
    };
    for (const auto& c : cases) {
        const auto parsed = parse_value(c.path, c.text);
        EXPECT_EQ(parsed.has_value(), c.expected != nullptr) << c.path << " " << c.text;
        if (parsed && c.expected != nullptr) {
            EXPECT_EQ(*parsed, json::parse(c.expected)) << c.path << " " << c.text;
        }
    }
}

} // namespace
} // namespace openclaw::config
