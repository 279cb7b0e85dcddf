#include "cli/context.hpp"
#include "cli/nearest.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace openclaw::cli {
namespace {

TEST(output, keeps_lines_and_tabs_and_nothing_that_acts_on_a_terminal) {
    EXPECT_EQ(clean("one\ntwo\tthree\n"), "one\ntwo\tthree\n");
    EXPECT_EQ(clean("a\x1b[2Jb\rc"), "a?[2Jb?c");
    EXPECT_EQ(clean("\xe2\x80\xae" "evil"), "?evil");
    EXPECT_EQ(clean("grün 漢字"), "grün 漢字");
    EXPECT_EQ(clean(std::string(5000, 'x')).size(), 5000U) << "an answer is not cut";
    EXPECT_EQ(one_line("one\ntwo\tthree"), "one two three");
}

TEST(output, a_table_is_as_wide_as_its_cells) {
    table t({"NAME", "STATE", "ERROR"});
    t.add({"grün", "ok", ""});
    t.add({"a\x1b", "failed", "no\nroute"});
    std::ostringstream plain;
    t.print(plain, false);
    EXPECT_EQ(plain.str(), "NAME  STATE   ERROR\n"
                           "grün  ok      -\n"
                           "a?    failed  no route\n");
    std::ostringstream coloured;
    t.print(coloured, true);
    EXPECT_NE(coloured.str().find("\x1b[32mok\x1b[0m      -"), std::string::npos);
    EXPECT_NE(coloured.str().find("\x1b[31mfailed\x1b[0m"), std::string::npos);
}

TEST(output, ages) {
    EXPECT_EQ(age(0, 1000), "-");
    EXPECT_EQ(age(1000, 500), "0s ago");
    EXPECT_EQ(age(1000, 60'999), "59s ago");
    EXPECT_EQ(age(1000, 61'000), "1m ago");
    EXPECT_EQ(age(1000, 7'201'000), "2h ago");
    EXPECT_EQ(age(1000, 172'801'000), "2d ago");
}

TEST(output, colour_only_on_a_terminal_that_wants_it) {
    std::istringstream in;
    std::ostringstream out, err;
    std::optional<std::string> no_color;
    console io{in, out, err, false, true, [&](const std::string&) { return no_color; }};
    context x{io, {}};
    EXPECT_TRUE(x.colour());
    no_color = "";
    EXPECT_TRUE(x.colour()) << "NO_COLOR counts only when it is not empty";
    no_color = "1";
    EXPECT_FALSE(x.colour());
    no_color.reset();
    x.flags.no_color = true;
    EXPECT_FALSE(x.colour());
    x.flags.no_color = false;
    io.out_is_terminal = false;
    EXPECT_FALSE(x.colour());
}

TEST(output, an_error_is_at_most_three_lines_and_one_document) {
    std::istringstream in;
    std::ostringstream out, err;
    console io{in, out, err, false, false, [](const std::string&) { return std::nullopt; }};
    context x{io, {}};
    EXPECT_EQ(report(x, error(errc::network, "no\ngateway", "start it")), unreachable);
    EXPECT_EQ(err.str(), "error: no gateway\n  start it\n");
    EXPECT_EQ(out.str(), "");
    x.flags.json = true;
    EXPECT_EQ(report(x, error(errc::forbidden, "not you")), unauthorized);
    const auto document = parse_json(out.str());
    ASSERT_TRUE(document);
    EXPECT_EQ((*document)["error"]["code"], "forbidden");
    EXPECT_EQ((*document)["error"]["message"], "not you");
}

TEST(output, json_on_a_terminal_is_plain_ascii) {
    std::istringstream in;
    std::ostringstream out, err;
    console io{in, out, err, true, true, [](const std::string&) { return std::nullopt; }};
    context x{io, {}};
    print_json(x, {{"text", "\xc2\x9b" "31m"}});
    EXPECT_EQ(out.str(), "{\n  \"text\": \"\\u009b31m\"\n}\n");
}

struct exit_case {
    errc code;
    int exit;
};

TEST(output, exit_codes) {
    for (const auto& c : {exit_case{errc::invalid_input, 2}, {errc::network, 3}, {errc::tls, 3},
                          {errc::unauthenticated, 4}, {errc::forbidden, 4}, {errc::rejected, 1},
                          {errc::timed_out, 1}, {errc::not_found, 1}, {errc::config, 1}}) {
        EXPECT_EQ(exit_code_for(c.code), c.exit) << openclaw::name_of(c.code);
    }
}

TEST(nearest, finds_what_was_meant) {
    const std::vector<std::string> words{"gateway", "health", "status", "sessions", "config"};
    EXPECT_EQ(nearest("gatway", words), "gateway");
    EXPECT_EQ(nearest("helath", words), "health");
    EXPECT_EQ(nearest("stat", words), "status");
    EXPECT_EQ(nearest("session", words), "sessions");
    EXPECT_EQ(nearest("frobnicate", words), "");
    EXPECT_EQ(nearest("", words), "");
}

}  // namespace
}  // namespace openclaw::cli
