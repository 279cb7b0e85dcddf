// Reading the end of the log, and following it.

#include "ingress/log_tail.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace openclaw::ingress {
namespace {

class log_tail_test : public testing::Test {
protected:
    void write(const std::string& text, std::ios::openmode mode = std::ios::app) {
        std::ofstream(query.file, mode) << text;
    }
    json tail() { return tail_log(query).value(); }
    json follow(const json& last) {
        query.cursor = last["cursor"].get<std::int64_t>();
        return tail();
    }

    test::temp_dir folder;
    log_query query{.file = (folder.path() / "a.log").string(), .cursor = {}, .limit = 500,
                    .max_bytes = 250'000};
};

TEST_F(log_tail_test, no_file_is_an_empty_log) {
    query.file.clear();
    EXPECT_EQ(tail(), json({{"file", ""}, {"cursor", 0}, {"size", 0}, {"lines", json::array()}}));
    query.file = (folder.path() / "gone.log").string();
    EXPECT_EQ(tail_log(query).error().code, errc::io);
}

TEST_F(log_tail_test, follows_whole_lines) {
    write("one\ntwo\nthr");
    const auto first = tail();
    EXPECT_EQ(first["lines"], json({"one", "two"}));
    EXPECT_EQ(first["cursor"], 8);
    EXPECT_EQ(first["size"], 11);
    EXPECT_EQ(follow(first)["lines"], json::array());
    write("ee\nfour\n");
    const auto next = follow(first);
    EXPECT_EQ(next["lines"], json({"three", "four"}));
    EXPECT_EQ(next["cursor"], next["size"]);
    EXPECT_FALSE(next.contains("truncated"));
    EXPECT_EQ(follow(next)["lines"], json::array());
}

TEST_F(log_tail_test, is_bounded_in_lines_and_bytes) {
    for (int i = 0; i < 100; ++i) write("line " + std::to_string(1000 + i) + "\n");   // 10 bytes
    query.limit = 2;
    const auto newest = tail();
    EXPECT_EQ(newest["lines"], json({"line 1098", "line 1099"}));
    EXPECT_EQ(newest["truncated"], true);
    query.limit = 500;
    query.max_bytes = 25;
    EXPECT_EQ(tail()["lines"], json({"line 1098", "line 1099"})) << "not half a line";
    query.cursor = 0;
    const auto skipped = tail();
    EXPECT_EQ(skipped["lines"].size(), 2u);
    EXPECT_EQ(skipped["truncated"], true);
    query.cursor = 990;
    EXPECT_FALSE(tail().contains("truncated"));
}

TEST_F(log_tail_test, a_line_longer_than_a_page_is_passed_over) {
    write(std::string(100, 'x'));
    query.max_bytes = 10;
    query.cursor = 0;
    auto next = tail();
    EXPECT_EQ(next["lines"], json::array());
    EXPECT_EQ(next["cursor"], 100);
    write("\nafter\n");
    EXPECT_EQ(follow(next)["lines"], json({"after"}));
}

TEST_F(log_tail_test, a_file_that_was_rotated_begins_anew) {
    write("one\ntwo\n");
    const auto before = tail();
    write("new\n", std::ios::trunc);
    const auto after = follow(before);
    EXPECT_EQ(after["reset"], true);
    EXPECT_EQ(after["lines"], json({"new"}));
    EXPECT_EQ(after["cursor"], 4);
}

}  // namespace
}  // namespace openclaw::ingress
