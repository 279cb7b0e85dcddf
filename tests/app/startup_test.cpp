#include "app/startup.hpp"

#include "app/pid_file.hpp"
#include "openclaw/core/json.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <unistd.h>

namespace openclaw::app {
namespace {

using testing::HasSubstr;

TEST(apply_flags, go_over_the_file) {
    config::settings s;
    s.gateway.network.host = "10.0.0.1";
    s.gateway.network.port = 1111;
    ASSERT_TRUE(apply_flags(s, {}));
    EXPECT_EQ(s.gateway.network.host, "10.0.0.1");
    EXPECT_EQ(s.gateway.network.port, 1111);

    run_options run;
    run.port = std::uint16_t{0};
    run.bind = "192.168.1.5";
    ASSERT_TRUE(apply_flags(s, run));
    EXPECT_EQ(s.gateway.network.host, "192.168.1.5");
    EXPECT_EQ(s.gateway.network.port, 0);
}

TEST(apply_flags, know_names_for_addresses) {
    const struct {
        const char* name;
        const char* address;
    } cases[] = {{"lan", "0.0.0.0"}, {"loopback", "127.0.0.1"}, {"localhost", "127.0.0.1"},
                 {"::1", "::1"}};
    for (const auto& c : cases) {
        config::settings by_flag, by_file;
        run_options run;
        run.bind = c.name;
        ASSERT_TRUE(apply_flags(by_flag, run)) << c.name;
        EXPECT_EQ(by_flag.gateway.network.host, c.address) << c.name;
        by_file.gateway.network.host = c.name;
        ASSERT_TRUE(apply_flags(by_file, {})) << c.name;
        EXPECT_EQ(by_file.gateway.network.host, c.address) << c.name;
    }
}

struct exposure_case {
    const char* name;
    const char* host;
    config::auth_type auth;
    bool https, allowed_by_flag, passes;
};
class exposure : public testing::TestWithParam<exposure_case> {};

TEST_P(exposure, is_checked) {
    const auto& c = GetParam();
    config::settings s;
    s.gateway.network.host = c.host;
    s.gateway.network.https.enabled = c.https;
    s.gateway.auth.type = c.auth;
    const auto safe = check_exposure(s, c.allowed_by_flag);
    EXPECT_EQ(safe.has_value(), c.passes);
    if (safe) return;
    EXPECT_EQ(safe.error().code, errc::config);
    EXPECT_FALSE(safe.error().hint.empty());
}

constexpr auto token = config::auth_type::token;
constexpr auto disabled = config::auth_type::disabled;
const exposure_case exposure_cases[] = {
    {"token_on_loopback", "127.0.0.1", token, false, false, true},
    {"token_on_lan", "0.0.0.0", token, false, false, true},
    {"nothing_on_loopback", "127.0.0.1", disabled, false, false, true},
    {"nothing_on_ipv6_loopback", "::1", disabled, false, false, true},
    {"nothing_on_lan", "0.0.0.0", disabled, false, false, false},
    {"nothing_on_any_ipv6", "::", disabled, false, false, false},
    {"nothing_on_an_address", "192.168.1.5", disabled, false, false, false},
    {"nothing_on_a_name", "loopback.evil.test", disabled, false, false, false},
    {"nothing_on_lan_by_flag", "0.0.0.0", disabled, false, true, true},
    {"https_that_is_not_there", "127.0.0.1", token, true, false, false},
    {"https_even_by_flag", "127.0.0.1", token, true, true, false},
};
INSTANTIATE_TEST_SUITE_P(app, exposure, testing::ValuesIn(exposure_cases),
                         [](const auto& i) { return i.param.name; });

TEST(log_options, follow_the_settings) {
    config::settings s;
    config::locations where;
    where.state_dir = "/state";
    s.gateway.logging.level = log::level::warn;
    s.gateway.logging.file.max_size = 7;
    s.gateway.logging.file.max_files = 3;
    auto o = log_options(s, where, false);
    EXPECT_EQ(o.threshold, log::level::warn);
    EXPECT_EQ(o.file, "/state/logs/gateway.log");
    EXPECT_EQ(o.max_size, 7U);
    EXPECT_EQ(o.max_files, 3U);
    EXPECT_EQ(o.file_style, log::style::json);

    EXPECT_EQ(log_options(s, where, true).threshold, log::level::debug);
    s.gateway.logging.file.path = "/var/log/x.log";
    EXPECT_EQ(log_options(s, where, false).file, "/var/log/x.log");
    s.gateway.logging.file.enabled = false;
    EXPECT_TRUE(log_options(s, where, false).file.empty());
}

std::string text_of(const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST(pid_file, says_who_runs_where_and_goes_with_its_owner) {
    const test::temp_dir dir;
    const auto path = dir.path() / "gateway.pid";
    {
        auto written = pid_file::write(dir.path(), 123, "127.0.0.1:4");
        ASSERT_TRUE(written) << written.error().to_string();
        const auto held = std::move(*written);
        const auto body = parse_json(text_of(path)).value();
        EXPECT_EQ(body["pid"], getpid());
        EXPECT_EQ(body["startedMs"], 123);
        EXPECT_EQ(body["address"], "127.0.0.1:4");
        EXPECT_FALSE(string_or(body, "version").empty());
        EXPECT_FALSE(std::filesystem::exists(dir.path() / "gateway.pid.new"));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(pid_file, replaces_one_that_was_left) {
    const test::temp_dir dir;
    std::ofstream(dir.path() / "gateway.pid") << "left by a crash";
    const auto written = pid_file::write(dir.path(), 1, "a");
    ASSERT_TRUE(written);
    EXPECT_THAT(text_of(dir.path() / "gateway.pid"), HasSubstr("\"address\""));
}

TEST(pid_file, leaves_the_file_of_a_later_gateway) {
    const test::temp_dir dir;
    {
        const auto written = pid_file::write(dir.path(), 1, "a");
        ASSERT_TRUE(written);
        std::ofstream(dir.path() / "gateway.pid") << R"({"pid":1})";
    }
    EXPECT_EQ(text_of(dir.path() / "gateway.pid"), R"({"pid":1})");
}

TEST(pid_file, names_the_file_that_cannot_be_written) {
    const test::temp_dir dir;
    std::ofstream(dir.path() / "file") << "no folder";
    const auto written = pid_file::write(dir.path() / "file", 1, "a");
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("gateway.pid"));
}

// Only a gateway is ended: the pid of a file that was left may be anybody's by now.
TEST(check_start, names_what_a_start_would_find_out_and_writes_nothing) {
    test::temp_dir dir;
    const auto file = dir.path() / "openclaw.json";
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    const auto check = [&](const std::string& text) {
        std::ofstream(file) << text;
        return check_start({}, file, nothing);
    };
    EXPECT_EQ(check_start({}, file, nothing).error().code, errc::not_found);
    EXPECT_TRUE(check("{gateway: {auth: {token: '0123456789abcdef0123456789abcdef'}}}"));
    EXPECT_THAT(check("{gateway: ").error().message, testing::HasSubstr("does not pass"));
    EXPECT_THAT(check("{gateway: {network: {host: '192.0.2.1'}}}").error().message,
                testing::HasSubstr("cannot listen on 192.0.2.1"));
    EXPECT_THAT(check("{gateway: {network: {host: '0.0.0.0'}, auth: {type: 'disabled'}}}").error().message,
                testing::HasSubstr("can be reached from outside"));
    const auto files = std::distance(std::filesystem::directory_iterator(dir.path()), {});
    EXPECT_EQ(files, 1) << "not even a copy of what was good";
}

}  // namespace
}  // namespace openclaw::app
