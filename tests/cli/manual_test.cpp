#include "cli/manual.hpp"

#include "cli/completion.hpp"
#include "cli/terminal.hpp"

#include <CLI/App.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openclaw::cli {
namespace {

using testing::HasSubstr;

TEST(manual, has_a_page_for_the_program_and_each_command) {
    const auto tree = make_command_tree();
    const auto pages = manual_pages(*tree);
    ASSERT_EQ(pages.size(), members(tree->root()).size() + 1);
    EXPECT_EQ(pages.front().name, "openclaw");
    for (const auto& page : pages) {
        EXPECT_THAT(page.text, testing::StartsWith(".TH OPENCLAW")) << page.name;
        EXPECT_THAT(page.text, HasSubstr(".SH EXIT STATUS")) << page.name;
        // An apostrophe or an unknown macro at the start of a line would swallow it.
        std::istringstream lines(page.text);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_FALSE(line.starts_with('\'')) << page.name << ": " << line;
            const auto word = line.substr(0, line.find(' '));
            if (!line.starts_with('.')) continue;
            EXPECT_THAT((std::vector<std::string>{".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".BR", ".I",
                                                  ".nf", ".fi"}),
                        testing::Contains(word)) << page.name << ": " << line;
        }
    }
}

TEST(manual, describes_every_option_of_every_command) {
    const auto tree = make_command_tree();
    std::string all;
    for (const auto& page : manual_pages(*tree)) all += page.text;
    for (const auto& entry : completion_entries(*tree)) {
        for (const auto& [name, what] : entry.options) {
            auto escaped = std::string("\\-\\-");
            for (const char c : name.substr(2)) escaped += c == '-' ? std::string("\\-") : std::string(1, c);
            EXPECT_THAT(all, HasSubstr(escaped)) << entry.command;
        }
    }
}

TEST(manual, is_written_and_listed_nowhere) {
    test::terminal t;
    const auto folder = t.dir.path() / "man";
    EXPECT_EQ(t.run_plain({"manual", folder.string()}), done) << t.err.str();
    EXPECT_TRUE(std::filesystem::exists(folder / "openclaw.1"));
    EXPECT_TRUE(std::filesystem::exists(folder / "openclaw-gateway.1"));
    EXPECT_FALSE(std::filesystem::exists(folder / "openclaw-manual.1"));
    t.run_plain({"--help"});
    EXPECT_THAT(t.out.str(), testing::Not(HasSubstr("manual")));
    EXPECT_EQ(t.run_plain({"manual", "/proc/none/here"}), failed);
    EXPECT_THAT(t.err.str(), HasSubstr("/proc/none/here"));
}

}  // namespace
}  // namespace openclaw::cli
