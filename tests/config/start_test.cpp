#include "config/support.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace openclaw::config {
namespace {

class Start : public testing::Test {
protected:
    Start() {
        where.home = dir.path() / "home";
        where.config_file = where.home / "openclaw.json";
        where.state_dir = dir.path() / "state";
    }

    void write(std::string_view text) {
        std::filesystem::create_directories(where.home);
        std::ofstream(where.config_file) << text;
        chmod(where.config_file.c_str(), 0600);
    }

    static mode_t mode_of(const std::filesystem::path& file) {
        struct stat info {};
        EXPECT_EQ(stat(file.c_str(), &info), 0) << file;
        return info.st_mode & 07777;
    }

    result<startup_config> start() const { return load_for_start(where, no_environment()); }

    test::temp_dir dir;
    locations where;
};

TEST_F(Start, WritesAFirstFileForItsOwnerAlone) {
    const auto first = start();
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_TRUE(first->created);
    EXPECT_FALSE(first->degraded);
    EXPECT_TRUE(first->outcome.issues.empty()) << show(first->outcome.issues);
    EXPECT_EQ(first->outcome.settings.gateway.auth.token.reveal().size(), 64U);
    EXPECT_EQ(mode_of(where.config_file), 0600U);
    EXPECT_EQ(mode_of(where.home), 0700U);
    EXPECT_EQ(mode_of(where.last_good()), 0600U);
    EXPECT_TRUE(not_in_effect({}, first->outcome.raw).empty());

    const auto again = start();
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->created);
    EXPECT_EQ(again->outcome.raw, first->outcome.raw);
}

TEST_F(Start, TwoFirstFilesHaveDifferentTokens) {
    const auto first = start();
    std::filesystem::remove(where.config_file);
    const auto second = start();
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(first->outcome.settings.gateway.auth.token.matches(
        second->outcome.settings.gateway.auth.token.reveal()));
}

TEST_F(Start, RunsOnTheLastGoodOneAfterATypo) {
    write("{ gateway: { network: { port: 4444 } } }");
    ASSERT_TRUE(start());
    write("{ gateway: { network: { prot: 1, host: 5 } } }");
    const auto degraded = start();
    ASSERT_TRUE(degraded);
    EXPECT_TRUE(degraded->degraded);
    EXPECT_EQ(degraded->outcome.settings.gateway.network.port, 4444);
    EXPECT_EQ(degraded->rejected.size(), 2U) << show(degraded->rejected);

    write("{ gateway: { network: { port: 5555 } } }");
    const auto good = start();
    ASSERT_TRUE(good);
    EXPECT_FALSE(good->degraded);
    EXPECT_EQ(good->outcome.settings.gateway.network.port, 5555);
}

TEST_F(Start, RefusesWithoutALastGoodOne) {
    write("{ gateway: { network: { prot: 1, host: 5 } } }");
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::config);
    EXPECT_NE(
        refused.error().message.find(where.config_file.string() + ":1:25: gateway.network.prot"),
        std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find("gateway.network.host"), std::string::npos);
}

TEST_F(Start, AFileThatCannotBeReadFallsBackToo) {
    write("{ gateway: { network: { port: 4444 } } }");
    ASSERT_TRUE(start());
    std::filesystem::remove(where.config_file);
    std::filesystem::create_directory(where.config_file);
    const auto degraded = start();
    ASSERT_TRUE(degraded);
    EXPECT_TRUE(degraded->degraded);
    EXPECT_EQ(degraded->rejected.size(), 1U);
}

TEST_F(Start, AWritableFileIsNotBelieved) {
    write("{}");
    chmod(where.config_file.c_str(), 0666);
    EXPECT_FALSE(start());
}

class Locations : public testing::Test {
protected:
    Locations() {
        setenv("HOME", "/home/someone", 1);
        for (const auto* name : {"OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"})
            unsetenv(name);
    }
    ~Locations() override {
        if (!home.empty()) setenv("HOME", home.c_str(), 1);
        for (const auto* name : {"OPENCLAW_CONFIG_PATH", "OPENCLAW_STATE_DIR", "OPENCLAW_HOME"})
            unsetenv(name);
    }
    std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
};

TEST_F(Locations, AreBelowTheUsersHome) {
    const auto where = find_locations("", "");
    EXPECT_EQ(where.home, "/home/someone/.openclaw");
    EXPECT_EQ(where.config_file, "/home/someone/.openclaw/openclaw.json");
    EXPECT_EQ(where.state_dir, "/home/someone/.openclaw");
    EXPECT_EQ(where.socket(), "/home/someone/.openclaw/gateway.sock");
}

TEST_F(Locations, FlagsWinOverVariablesWinOverHome) {
    setenv("OPENCLAW_HOME", "/srv/oc", 1);
    EXPECT_EQ(find_locations("", "").config_file, "/srv/oc/openclaw.json");
    setenv("OPENCLAW_CONFIG_PATH", "~/x.json", 1);
    setenv("OPENCLAW_STATE_DIR", "/var/oc/../state", 1);
    EXPECT_EQ(find_locations("", "").config_file, "/home/someone/x.json");
    EXPECT_EQ(find_locations("", "").state_dir, "/var/state");
    EXPECT_EQ(find_locations("/c.json", "/s").config_file, "/c.json");
    EXPECT_EQ(find_locations("/c.json", "/s").state_dir, "/s");
}

} // namespace
} // namespace openclaw::config
