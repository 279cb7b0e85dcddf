#include "cli/service_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace openclaw::cli {
namespace {

std::string packaged(const char* name) {
    std::stringstream text;
    text << std::ifstream(std::string(OPENCLAW_SOURCE_DIR "/packaging/systemd/") + name).rdbuf();
    return text.str();
}

TEST(service_files, are_those_of_the_package) {
    EXPECT_EQ(systemd_service(service_scope::system, {.program = "/usr/bin/openclaw", .home = {}}),
              packaged("openclaw.service"));
    EXPECT_EQ(systemd_sysusers(), packaged("openclaw.sysusers"));
}

struct path_case {
    std::string name, path, line;   // as it stands in ExecStart=
};
std::ostream& operator<<(std::ostream& out, const path_case& c) { return out << c.name; }

class path_test : public testing::TestWithParam<path_case> {};
TEST_P(path_test, is_written_so_that_systemd_reads_it_back) {
    const auto& c = GetParam();
    const service_paths p{.program = "/bin/openclaw", .config = c.path, .state_dir = "/s", .home = {}};
    const auto unit = systemd_service(service_scope::user, p);
    const auto line = "ExecStart=/bin/openclaw --config " + c.line + " --state-dir /s gateway run\n";
    EXPECT_NE(unit.find(line), std::string::npos) << unit;
    const auto words = exec_start(unit);
    EXPECT_EQ(words, (std::vector<std::string>{"/bin/openclaw", "--config", c.path, "--state-dir", "/s",
                                               "gateway", "run"}));
    EXPECT_EQ(word_after(words, "--config"), c.path);
}
INSTANTIATE_TEST_SUITE_P(
    service_files, path_test,
    testing::Values(path_case{"plain", "/etc/a-b_c.json", "/etc/a-b_c.json"},
                    path_case{"space", "/a b", "\"/a b\""},
                    path_case{"specifier", "/50%n", "\"/50%%n\""},
                    path_case{"variable", "/a$HOME", "\"/a$$HOME\""},
                    path_case{"quotes", "/a\"b\\c'd", "\"/a\\\"b\\\\c'd\""},
                    path_case{"a_line_of_its_own", "/a\nExecStartPost=/bin/x",
                              "\"/a\\nExecStartPost=/bin/x\""}),
    [](const auto& i) { return i.param.name; });

TEST(service_files, a_unit_of_others_is_read_as_far_as_it_goes) {
    EXPECT_TRUE(exec_start("").empty());
    EXPECT_TRUE(exec_start("[Service]\nExecStart=\n").empty());
    EXPECT_EQ(exec_start("ExecStart=/a\nExecStart=/b  c\n"), (std::vector<std::string>{"/b", "c"}));
    EXPECT_EQ(word_after({"/b", "--config"}, "--config"), "");
}

TEST(service_files, the_home_of_a_user_is_kept) {
    const service_paths p{.program = "/o", .config = "/c", .state_dir = "/s", .home = "/my home"};
    EXPECT_NE(systemd_service(service_scope::user, p).find("Environment=\"OPENCLAW_HOME=/my home\"\n"),
              std::string::npos);
    EXPECT_NE(launchd_plist(p).find("<key>OPENCLAW_HOME</key><string>/my home</string>"), std::string::npos);
}

}  // namespace
}  // namespace openclaw::cli
