#include "openclaw/core/clock.hpp"
#include "openclaw/core/units.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using namespace std::chrono_literals;

TEST(units, reads_durations) {
    const std::pair<const char*, std::int64_t> cases[] = {
        {"500ms", 500}, {"30s", 30'000}, {"5m", 300'000}, {"1h", 3'600'000}, {"7d", 604'800'000},
        {"2w", 1'209'600'000}, {"250", 250}, {"0", 0}, {"0s", 0}, {"5 m", 300'000}, {"1H", 3'600'000},
        {"36525d", 3'155'760'000'000}};
    for (const auto& [text, ms] : cases) {
        const auto got = parse_duration(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(got->count(), ms) << text;
    }
}

TEST(units, refuses_what_is_no_duration) {
    for (const auto* text : {"", "-1", "-1s", "+1s", "1.5h", "5 parsecs", "m", "1h30m", " 5m", "5m ",
                             "36526d", "99999999999999999999", "18446744073709551615w", "0x10"}) {
        const auto got = parse_duration(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error().code, errc::invalid_input);
        EXPECT_FALSE(got.error().hint.empty());
    }
}

TEST(units, tells_too_long_from_no_duration) {
    EXPECT_EQ(parse_duration("300000d").error().message, "\"300000d\" is longer than a hundred years");
    EXPECT_EQ(parse_duration("soon").error().message, "\"soon\" is no duration");
}

TEST(units, a_refusal_shows_no_control_characters) {
    EXPECT_EQ(parse_duration("1\x1b[2J").error().message, "\"1?[2J\" is no duration");
}

TEST(units, writes_the_shortest_duration_that_reads_back) {
    const std::pair<milliseconds, const char*> cases[] = {
        {90s, "90s"}, {60s, "1m"}, {1500ms, "1500ms"}, {24h, "1d"}, {36h, "36h"}, {0ms, "0ms"},
        {7 * 24h, "7d"}};
    for (const auto& [value, text] : cases) {
        EXPECT_EQ(format_duration(value), text);
        EXPECT_EQ(parse_duration(text).value(), value);
    }
}

TEST(units, writes_uptime_for_people) {
    EXPECT_EQ(format_uptime(0s), "0s");
    EXPECT_EQ(format_uptime(59s), "59s");
    EXPECT_EQ(format_uptime(60s), "1m");
    EXPECT_EQ(format_uptime(2h + 5min), "2h 5m");
    EXPECT_EQ(format_uptime(7 * 24h + 12h + 30min + 1s), "7d 12h 30m");
}

TEST(units, reads_sizes) {
    const std::pair<const char*, std::uint64_t> cases[] = {
        {"0", 0}, {"100", 100}, {"100b", 100}, {"1k", 1024}, {"512KB", 512 << 10}, {"100m", 100 << 20},
        {"1GiB", 1ULL << 30}, {"2g", 2ULL << 30}, {"3 TB", 3ULL << 40}};
    for (const auto& [text, bytes] : cases) {
        const auto got = parse_size(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(*got, bytes) << text;
    }
}

TEST(units, refuses_what_is_no_size) {
    for (const auto* text : {"", "-1", "1.5g", "1x", "g", "16777216t", "99999999999999999999"}) {
        ASSERT_FALSE(parse_size(text)) << text;
    }
}

TEST(units, writes_sizes_for_people) {
    const std::pair<std::uint64_t, const char*> cases[] = {
        {0, "0B"}, {100, "100B"}, {1023, "1023B"}, {12 << 10, "12KB"}, {1536, "1.5KB"},
        {512 << 20, "512MB"}, {2ULL << 30, "2GB"}, {5ULL << 50, "5120TB"}};
    for (const auto& [bytes, text] : cases) EXPECT_EQ(format_size(bytes), text);
}

TEST(clock, writes_rfc_3339) {
    EXPECT_EQ(to_rfc3339(wall_time(std::chrono::seconds(1'770'292'800))), "2026-02-05T12:00:00Z");
    EXPECT_EQ(to_rfc3339(wall_time()), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_rfc3339(wall_time(1'770'292'800'999ms)), "2026-02-05T12:00:00Z");
}

TEST(clock, manual_time_moves_only_when_told) {
    manual_time t;
    const auto wall = t.wall();
    const auto steady = t.steady();
    EXPECT_EQ(t.wall(), wall);
    t.advance(5s);
    EXPECT_EQ(t.wall() - wall, 5s);
    EXPECT_EQ(t.steady() - steady, 5s);
    EXPECT_EQ(t.unix_ms(), 1'700'000'005'000);
}

}  // namespace
}  // namespace openclaw
