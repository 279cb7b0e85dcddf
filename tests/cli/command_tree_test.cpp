#include "cli/command_tree.hpp"

#include "cli/completion.hpp"
#include "cli/terminal.hpp"
#include "openclaw/core/version.hpp"

#include <CLI/App.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace openclaw::cli {
namespace {

using testing::HasSubstr;

struct refusal_case {
    std::string name;
    std::vector<std::string> args;
    std::string says;   // on stderr
};
std::ostream& operator<<(std::ostream& out, const refusal_case& c) { return out << c.name; }

class refusal_test : public testing::TestWithParam<refusal_case> {};
TEST_P(refusal_test, is_wrong_usage) {
    test::terminal t;
    EXPECT_EQ(t.run_plain(GetParam().args), wrong_usage);
    EXPECT_EQ(t.out.str(), "");
    EXPECT_THAT(t.err.str(), HasSubstr(GetParam().says));
    const auto text = t.err.str();
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 3) << text;
}
INSTANTIATE_TEST_SUITE_P(
    command_tree, refusal_test,
    testing::Values(
        refusal_case{"unknown_command", {"helth"}, "Did you mean `openclaw health`?"},
        refusal_case{"unknown_command_far", {"frobnicate"}, "See `openclaw --help`."},
        refusal_case{"unknown_member", {"gateway", "staus"}, "Did you mean `openclaw gateway status`?"},
        refusal_case{"unknown_option", {"health", "--detaild"}, "Did you mean `--detailed`?"},
        refusal_case{"unknown_global_option", {"health", "--jsn"}, "Did you mean `--json`?"},
        refusal_case{"extra_argument", {"health", "now"}, "has no argument \"now\""},
        refusal_case{"missing_option", {"message", "send", "--to", "test"}, "--message"},
        refusal_case{"missing_value", {"sessions", "list", "--limit"}, "--limit"},
        refusal_case{"bad_number", {"sessions", "list", "--limit", "many"}, "--limit"},
        refusal_case{"too_many_runs", {"cron", "runs", "--limit", "201"}, "--limit"},
        refusal_case{"bad_port", {"gateway", "run", "--port", "70000"}, "--port"},
        refusal_case{"bad_params", {"gateway", "call", "health", "--params", "{"}, "--params"},
        refusal_case{"bad_duration",
                     {"message", "send", "--to", "test", "-m", "x", "--timeout", "soon"}, "soon"},
        refusal_case{"no_channel", {"message", "send", "--to", "bob", "-m", "x"}, "--channel"},
        refusal_case{"no_message", {"agent"}, "--message"},
        refusal_case{"no_request", {"devices", "approve"}, "REQUEST"},
        refusal_case{"no_schedule", {"cron", "add", "--name", "n", "--event", "e"}, "say when"},
        refusal_case{"two_schedules",
                     {"cron", "add", "--name", "n", "--event", "e", "--at", "1h", "--every", "1h"},
                     "say when"},
        refusal_case{"nothing_to_do", {"cron", "add", "--name", "n", "--every", "1h"}, "say what"},
        refusal_case{"a_time_without_unit",
                     {"cron", "add", "--name", "n", "--event", "e", "--at", "20"}, "20m"},
        refusal_case{"too_often", {"cron", "add", "--name", "n", "--event", "e", "--every", "10ms"},
                     "--every 10ms"},
        refusal_case{"kept_anyway", {"cron", "add", "--name", "n", "--event", "e", "--every", "1h", "--keep"},
                     "--keep goes with --at"},
        refusal_case{"unknown_shell", {"completion", "tcsh"}, "bash, zsh, fish"},
        refusal_case{"bad_url", {"status", "--url", "ftp://x"}, "no address of a gateway"}),
    [](const auto& i) { return i.param.name; });

struct down_case {
    std::string name;
    std::vector<std::string> args;
};
std::ostream& operator<<(std::ostream& out, const down_case& c) { return out << c.name; }

class down_test : public testing::TestWithParam<down_case> {};
TEST_P(down_test, says_that_nobody_answers) {
    test::terminal t;
    auto args = GetParam().args;
    // Port 1 of loopback: refused at once on every machine.
    args.insert(args.begin(), {"--url", "ws://127.0.0.1:1"});
    EXPECT_EQ(t.run(args), unreachable) << t.err.str();
    EXPECT_THAT(t.err.str(), HasSubstr("no gateway answers at ws://127.0.0.1:1"));
    EXPECT_THAT(t.err.str(), HasSubstr("openclaw gateway run"));
    args.push_back("--json");
    EXPECT_EQ(t.run(args), unreachable);
    const auto document = parse_json(t.out.str());
    ASSERT_TRUE(document) << t.out.str();
    EXPECT_EQ((*document)["error"]["code"], "network");
}
INSTANTIATE_TEST_SUITE_P(
    command_tree, down_test,
    testing::Values(down_case{"health", {"health"}}, down_case{"status", {"status"}},
                    down_case{"channels", {"channels", "status"}},
                    down_case{"models", {"models", "list"}},
                    down_case{"sessions", {"sessions", "list"}},
                    down_case{"show", {"sessions", "show", "main"}},
                    down_case{"cron", {"cron", "list"}},
                    down_case{"cron_add", {"cron", "add", "--name", "n", "--at", "20m", "--event", "e"}},
                    down_case{"cron_runs", {"cron", "runs"}},
                    down_case{"cron_enable", {"cron", "enable", "ID"}},
                    down_case{"cron_disable", {"cron", "disable", "ID"}},
                    down_case{"devices", {"devices", "list"}},
                    down_case{"approve", {"devices", "approve", "some-request"}},
                    down_case{"send", {"message", "send", "--to", "test", "--message", "hi"}},
                    down_case{"agent", {"agent", "--message", "hi"}},
                    down_case{"call", {"gateway", "call", "health"}}),
    [](const auto& i) { return i.param.name; });

TEST(command_tree, a_socket_without_a_gateway_is_unreachable) {
    test::terminal t;
    std::ofstream(t.dir.path() / "gateway.sock");
    EXPECT_EQ(t.run({"health"}), unreachable);
    EXPECT_THAT(t.err.str(), HasSubstr("gateway.sock"));
}

TEST(command_tree, global_options_stand_before_or_after) {
    test::terminal t;
    EXPECT_EQ(t.run_plain({"--json", "version"}), done);
    const auto before = t.out.str();
    EXPECT_EQ(t.run_plain({"version", "--json"}), done);
    EXPECT_EQ(before, t.out.str());
    EXPECT_EQ(json::parse(before)["version"], std::string(version()));
    EXPECT_EQ(t.run_plain({"config", "--config", "/x/y.json", "file"}), done);
    EXPECT_EQ(t.out.str(), "/x/y.json\n");
}

TEST(command_tree, a_group_alone_shows_its_commands) {
    test::terminal t;
    EXPECT_EQ(t.run_plain({"gateway"}), wrong_usage);
    EXPECT_THAT(t.err.str(), HasSubstr("status"));
    EXPECT_EQ(t.run_plain({}), done);
    EXPECT_THAT(t.out.str(), HasSubstr("gateway"));
}

void check_help(const CLI::App& command, std::vector<std::string> path) {
    test::terminal t;
    auto args = path;
    args.push_back("--help");
    EXPECT_EQ(t.run_plain(args), done);
    const auto text = t.out.str();
    SCOPED_TRACE(text);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 30);
    EXPECT_THAT(text, HasSubstr("\nExample: openclaw "));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U);
    for (const auto* child : command.get_subcommands({})) {
        auto below = path;
        below.push_back(child->get_name());
        check_help(*child, below);
    }
}

TEST(command_tree, a_value_that_is_empty_is_named) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"agent", "--message", ""}, "--message is empty"},
        {{"message", "send", "--to", "test", "--message="}, "--message is empty"},
        {{"devices", "approve", ""}, "REQUEST is empty"},
        {{"status", "--token", ""}, "--token is empty"}};
    for (const auto& [args, complaint] : cases) {
        test::terminal t;
        EXPECT_EQ(t.run(args), wrong_usage) << complaint;
        EXPECT_THAT(t.err.str(), HasSubstr("error: " + complaint + "\n")) << t.err.str();
        EXPECT_THAT(t.err.str(), HasSubstr("--help"));
    }
}

TEST(command_tree, every_help_fits_a_screen_and_has_an_example) {
    const auto tree = make_command_tree();
    check_help(tree->root(), {});
}

TEST(completion, knows_every_command) {
    const auto tree = make_command_tree();
    const auto entries = completion_entries(*tree);
    const auto find = [&](const std::string& name) {
        return std::find_if(entries.begin(), entries.end(),
                            [&](const auto& e) { return e.command == name; });
    };
    ASSERT_NE(find("gateway run"), entries.end());
    ASSERT_NE(find("config set"), entries.end());
    const auto& options = find("gateway run")->options;
    EXPECT_TRUE(std::any_of(options.begin(), options.end(),
                            [](const auto& o) { return o.first == "--port"; }));
    for (const auto* shell : {"bash", "zsh", "fish"}) {
        const auto script = completion_script(shell, entries);
        ASSERT_TRUE(script);
        for (const auto* word : {"gateway", "health", "completion", "port", "state-dir", "reveal"}) {
            EXPECT_THAT(*script, HasSubstr(word)) << shell;
        }
    }
    EXPECT_FALSE(completion_script("tcsh", entries));
}

}  // namespace
}  // namespace openclaw::cli
