#include "openclaw/core/log.hpp"

#include "openclaw/core/json.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace openclaw {
namespace {

using testing::HasSubstr;

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Logs into a file of its own and puts the default back.
class logging : public testing::Test {
protected:
    ~logging() override { (void)log::configure({.console = false}); }

    void start(log::options o = {}) {
        o.console = false;
        o.file = file();
        ASSERT_EQ(log::configure(o), "");
    }
    std::filesystem::path file() const { return dir_.path() / "logs" / "gateway.log"; }
    std::string text() const {
        log::flush();
        return read(file());
    }

private:
    test::temp_dir dir_;
};

TEST_F(logging, writes_one_json_object_per_line) {
    start();
    log::warn("net", "a \"slow\" peer\nand more",
              {{"n", 7}, {"share", 0.5}, {"ok", true}, {"name", "caf\xc3\xa9"}, {"s", std::string("x")}});
    const auto line = text();
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    const auto doc = parse_json(line).value();
    EXPECT_EQ(find_string(doc, "level"), "warn");
    EXPECT_EQ(find_string(doc, "module"), "net");
    EXPECT_EQ(find_string(doc, "message"), "a \"slow\" peer?and more");
    EXPECT_EQ(find_int(doc, "n"), 7);
    EXPECT_EQ(doc["share"].get<double>(), 0.5);
    EXPECT_EQ(find_bool(doc, "ok"), true);
    EXPECT_EQ(find_string(doc, "name"), "caf\xc3\xa9");
    EXPECT_THAT(find_string(doc, "time").value(),
                testing::MatchesRegex("20..-..-..T..:..:..\\....Z"));
}

TEST_F(logging, writes_text_when_asked) {
    start({.file_style = log::style::text});
    log::error("store", "cannot\x1b[2J write", {{"file", "a\nb"}});
    EXPECT_THAT(text(), HasSubstr("store: cannot?[2J write file=a?b\n"));
}

TEST_F(logging, keeps_the_threshold) {
    start({.threshold = log::level::warn});
    log::info("core", "quiet");
    EXPECT_FALSE(log::enabled(log::level::info));
    log::set_threshold(log::level::debug);
    log::debug("core", "loud");
    log::set_threshold(log::level::off);
    log::error("core", "silence");
    log::fatal("core", "the end");
    const auto lines = text();
    EXPECT_EQ(lines.find("quiet"), std::string::npos);
    EXPECT_THAT(lines, HasSubstr("loud"));
    EXPECT_EQ(lines.find("silence"), std::string::npos);
    EXPECT_THAT(lines, HasSubstr("the end"));
}

TEST_F(logging, cuts_what_is_endless) {
    start();
    log::info("core", std::string(100'000, 'x'), {{"v", std::string(100'000, 'y')}});
    EXPECT_LT(text().size(), 20'000u);
}

TEST_F(logging, rotates_and_keeps_its_number_of_files) {
    start({.max_size = 1000, .max_files = 3});
    for (int i = 0; i < 100; ++i) log::info("core", "a line of some length to fill the file");
    log::flush();
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(file().parent_path())) {
        EXPECT_LE(entry.file_size(), 1000u);
        ++files;
    }
    EXPECT_EQ(files, 3u);
}

TEST_F(logging, one_file_is_one_file) {
    start({.max_size = 1000, .max_files = 1});
    for (int i = 0; i < 100; ++i) log::info("core", "a line of some length to fill the file");
    log::flush();
    const std::filesystem::directory_iterator files(file().parent_path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(logging, says_why_a_file_cannot_be_written) {
    EXPECT_THAT(log::configure({.console = false, .file = "/proc/nowhere/x.log"}),
                HasSubstr("/proc/nowhere/x.log"));
    log::error("core", "goes nowhere and harms nobody");
}

TEST_F(logging, lines_of_many_threads_stay_whole) {
    start();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([t] {
                for (int i = 0; i < 200; ++i) log::info("core", "line", {{"thread", t}, {"i", i}});
            });
        }
    }
    (void)log::flush();
    std::ifstream in(file());
    std::string line;
    int lines = 0;
    while (std::getline(in, line)) {
        ASSERT_TRUE(parse_json(line)) << line;
        ++lines;
    }
    EXPECT_EQ(lines, 800);
}

}  // namespace
}  // namespace openclaw
