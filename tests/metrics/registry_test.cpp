#include "openclaw/metrics/registry.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace openclaw::metrics {
namespace {

using testing::HasSubstr;

TEST(registry, renders_a_counter_with_help_and_type) {
    registry r;
    r.make_counter("openclaw_http_requests_total", "Answered requests.", {{"method", "GET"}}).add(3);
    EXPECT_EQ(r.render(), "# HELP openclaw_http_requests_total Answered requests.\n"
                          "# TYPE openclaw_http_requests_total counter\n"
                          "openclaw_http_requests_total{method=\"GET\"} 3\n");
}

TEST(registry, gives_the_same_figure_for_the_same_name_and_labels) {
    registry r;
    const auto first = r.make_counter("openclaw_turns_total", "Turns.", {{"a", "1"}, {"b", "2"}});
    const auto again = r.make_counter("openclaw_turns_total", "Turns.", {{"b", "2"}, {"a", "1"}});
    const auto other = r.make_counter("openclaw_turns_total", "Turns.", {{"a", "1"}, {"b", "3"}});
    first.add();
    again.add();
    EXPECT_EQ(first.value(), 2);
    EXPECT_EQ(other.value(), 0);
}

TEST(registry, counter_never_shrinks) {
    registry r;
    const auto c = r.make_counter("openclaw_turns_total", "Turns.");
    c.add(2);
    c.add(-1);
    EXPECT_EQ(c.value(), 2);
}

TEST(registry, gauge_goes_up_and_down) {
    registry r;
    const auto g = r.make_gauge("openclaw_sessions", "Sessions in memory.");
    g.set(5);
    g.add(-2);
    EXPECT_EQ(g.value(), 3);
    EXPECT_THAT(r.render(), HasSubstr("openclaw_sessions 3\n"));
}

TEST(registry, histogram_counts_into_buckets) {
    registry r;
    const auto h = r.make_histogram("openclaw_turn_duration_seconds", "Length.", {0.1, 1});
    h.observe(0.05);
    h.observe(0.5);
    h.observe(5);
    const auto text = r.render();
    EXPECT_THAT(text, HasSubstr("openclaw_turn_duration_seconds_bucket{le=\"0.1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("openclaw_turn_duration_seconds_bucket{le=\"1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("openclaw_turn_duration_seconds_bucket{le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("openclaw_turn_duration_seconds_count 3\n"));
}

TEST(registry, handles_without_a_registry_do_nothing) {
    counter().add();
    gauge().set(1);
    histogram().observe(1);
    EXPECT_EQ(counter().value(), 0);
    EXPECT_EQ(gauge().value(), 0);
}

TEST(registry, escapes_label_values) {
    registry r;
    r.make_counter("openclaw_turns_total", "Turns.", {{"agent", "a\"b\\c\nd"}}).add();
    EXPECT_THAT(r.render(), HasSubstr("{agent=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(registry, latency_buckets_grow) {
    const auto& b = latency_buckets();
    EXPECT_TRUE(std::is_sorted(b.begin(), b.end()));
    EXPECT_EQ(b.front(), 0.0001);
    EXPECT_EQ(b.back(), 60);
}

TEST(registry, counts_exactly_from_many_threads) {
    registry r;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&r] {
                for (int i = 0; i < 5000; ++i) {
                    r.make_counter("openclaw_turns_total", "Turns.", {{"n", std::to_string(i % 3)}})
                        .add();
                }
            });
        }
    }
    double sum = 0;
    for (const auto* n : {"0", "1", "2"}) {
        sum += r.make_counter("openclaw_turns_total", "Turns.", {{"n", n}}).value();
    }
    EXPECT_EQ(sum, 20000);
}

struct bad_name {
    const char* what;
    const char* name;
    const char* help;
    bool counts;
};

class bad_names : public testing::TestWithParam<bad_name> {};

TEST_P(bad_names, are_refused) {
    registry r;
    const auto& p = GetParam();
    if (p.counts) {
        EXPECT_THROW(r.make_counter(p.name, p.help), std::invalid_argument);
    } else {
        EXPECT_THROW(r.make_gauge(p.name, p.help), std::invalid_argument);
        EXPECT_THROW(r.make_histogram(p.name, p.help, {1}), std::invalid_argument);
    }
}

INSTANTIATE_TEST_SUITE_P(
    registry, bad_names,
    testing::Values(bad_name{"no_help", "openclaw_turns_total", "", true},
                    bad_name{"counter_without_total", "openclaw_turns", "Turns.", true},
                    bad_name{"gauge_with_total", "openclaw_turns_total", "Turns.", false},
                    bad_name{"reserved_count", "openclaw_turns_count", "Turns.", false},
                    bad_name{"milliseconds", "openclaw_turn_milliseconds", "Turn.", false},
                    bad_name{"scaled_unit_inside", "openclaw_milliseconds_spent", "Turn.", false},
                    bad_name{"scaled_counter", "openclaw_kilobytes_total", "Bytes.", true}),
    [](const auto& tested) { return tested.param.what; });

// What `promtool check metrics` says of `text`, and whether it passed.
std::pair<bool, std::string> ask_promtool(const std::string& text) {
    const test::temp_dir dir;
    const auto in = (dir.path() / "metrics").string();
    const auto out = (dir.path() / "verdict").string();
    std::ofstream(in) << text;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, in.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    std::string words[] = {"promtool", "check", "metrics"};
    char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t pid = 0;
    const int failed = posix_spawnp(&pid, argv[0], &files, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) return {false, "promtool is missing; install the Debian package prometheus"};
    int status = 0;
    waitpid(pid, &status, 0);
    std::ifstream verdict(out);
    return {WIFEXITED(status) && WEXITSTATUS(status) == 0,
            {std::istreambuf_iterator<char>(verdict), {}}};
}

TEST(promtool, has_nothing_to_say) {
    registry r;
    r.make_counter("openclaw_http_requests_total", "Answered requests.", {{"method", "GET"}}).add();
    r.make_gauge("openclaw_process_resident_memory_bytes", "Memory in use.").set(12e6);
    r.make_histogram("openclaw_turn_duration_seconds", "Length of a turn.", latency_buckets())
        .observe(0.2);
    const auto [passed, words] = ask_promtool(r.render());
    EXPECT_TRUE(passed);
    EXPECT_EQ(words, "");
}

TEST(promtool, sees_what_is_wrong) {
    const auto [passed, words] = ask_promtool("# TYPE openclaw_x counter\nopenclaw_x 1\n");
    EXPECT_FALSE(passed);
    EXPECT_THAT(words, HasSubstr("_total"));
}

}  // namespace
}  // namespace openclaw::metrics
