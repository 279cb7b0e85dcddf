#include "openclaw/routing/cron_expression.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace openclaw::routing {
namespace {

using namespace std::chrono;

// "2026-03-29 01:30:00", in whatever zone the reader has in mind.
std::string show(sys_seconds t) {
    const year_month_day d(floor<days>(t));
    const hh_mm_ss time(t - floor<days>(t));
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(d.year()),
                  static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

sys_seconds moment(const char* text) {
    int y = 0, h = 0, min = 0;
    unsigned m = 0, d = 0;
    EXPECT_EQ(std::sscanf(text, "%d-%u-%u %d:%d", &y, &m, &d, &h, &min), 5) << text;
    return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min);
}

struct next_case {
    const char* name;
    const char* text;
    const char* zone;
    const char* after;                       // UTC
    std::vector<std::string_view> expected;  // UTC
};

class cron_next : public testing::TestWithParam<next_case> {};

TEST_P(cron_next, comes_at) {
    const auto& c = GetParam();
    const auto cron = cron_expression::parse(c.text).value();
    const auto zone = time_zone::find(c.zone).value();
    auto t = moment(c.after);
    for (const auto expected : c.expected) {
        const auto next = cron.next_after(t, zone);
        ASSERT_TRUE(next) << expected;
        EXPECT_EQ(show(*next), expected);
        t = *next;
    }
}

const next_case plain[] = {
    {"every_minute", "* * * * *", "UTC", "2026-01-01 00:00", {"2026-01-01 00:01:00", "2026-01-01 00:02:00"}},
    {"seconds", "*/20 59 23 31 12 *", "UTC", "2026-01-01 00:00",
     {"2026-12-31 23:59:00", "2026-12-31 23:59:20", "2026-12-31 23:59:40", "2027-12-31 23:59:00"}},
    {"lists_ranges_steps", "0,30 8-10/2 * * *", "UTC", "2026-01-01 08:00",
     {"2026-01-01 08:30:00", "2026-01-01 10:00:00", "2026-01-01 10:30:00", "2026-01-02 08:00:00"}},
    {"names", "0 9 * feb-Mar mon,FRI", "UTC", "2026-01-01 00:00",
     {"2026-02-02 09:00:00", "2026-02-06 09:00:00"}},
    {"seven_is_sunday", "0 0 * * 7", "UTC", "2026-01-01 00:00", {"2026-01-04 00:00:00"}},
    {"a_week_ends_with_sunday", "0 0 * * SAT-SUN", "UTC", "2026-01-01 00:00",
     {"2026-01-03 00:00:00", "2026-01-04 00:00:00", "2026-01-10 00:00:00"}},
    {"day_or_weekday", "0 0 13 * FRI", "UTC", "2026-01-08 00:00",
     {"2026-01-09 00:00:00", "2026-01-13 00:00:00", "2026-01-16 00:00:00"}},
    {"day_and_weekday", "0 0 13 * +FRI", "UTC", "2026-01-01 00:00",
     {"2026-02-13 00:00:00", "2026-03-13 00:00:00"}},
    {"a_step_of_days_is_a_wish", "0 0 */10 * MON", "UTC", "2026-01-01 00:00",
     {"2026-01-05 00:00:00", "2026-01-11 00:00:00", "2026-01-12 00:00:00"}},
    {"last_day", "0 0 L * ?", "UTC", "2028-01-01 00:00", {"2028-01-31 00:00:00", "2028-02-29 00:00:00"}},
    {"last_working_day", "0 0 LW * *", "UTC", "2026-01-01 00:00",
     {"2026-01-30 00:00:00", "2026-02-27 00:00:00"}},
    {"nearest_working_day", "0 0 1W,15W * *", "UTC", "2026-08-01 00:00",
     {"2026-08-03 00:00:00", "2026-08-14 00:00:00", "2026-09-01 00:00:00"}},
    {"second_monday", "0 0 * * MON#2", "UTC", "2026-01-01 00:00",
     {"2026-01-12 00:00:00", "2026-02-09 00:00:00"}},
    {"last_friday", "0 0 * * 5L", "UTC", "2026-01-01 00:00", {"2026-01-30 00:00:00", "2026-02-27 00:00:00"}},
    {"leap_day", "0 0 29 2 *", "UTC", "2096-03-01 00:00", {"2104-02-29 00:00:00"}},
    {"leap_day_on_a_monday", "0 0 29 2 +MON", "UTC", "2072-03-01 00:00", {"2112-02-29 00:00:00"}},
    {"nickname", "@Weekly", "UTC", "2026-01-01 00:00", {"2026-01-04 00:00:00"}},
    {"blanks", "\t 5  4 * *\t* ", "UTC", "2026-01-01 00:00", {"2026-01-01 04:05:00"}},
    {"local_time", "0 8 * * *", "Asia/Kolkata", "2026-01-01 00:00", {"2026-01-01 02:30:00"}},
};
INSTANTIATE_TEST_SUITE_P(plain, cron_next, testing::ValuesIn(plain),
                         [](const auto& i) { return i.param.name; });

// Berlin: 02:00 becomes 03:00 at 01:00 UTC on 29 March, 03:00 becomes 02:00 at 01:00 UTC on 25 October.
const next_case changes[] = {
    {"a_skipped_fixed_time_comes_after_the_gap", "30 2 * * *", "Europe/Berlin", "2026-03-28 12:00",
     {"2026-03-29 01:00:00", "2026-03-30 00:30:00"}},
    {"two_skipped_ones_come_once", "0,30 2 * * *", "Europe/Berlin", "2026-03-28 12:00",
     {"2026-03-29 01:00:00", "2026-03-30 00:00:00"}},
    {"a_skipped_one_and_the_end_of_the_gap_are_one", "0 2,3 * * *", "Europe/Berlin", "2026-03-28 12:00",
     {"2026-03-29 01:00:00", "2026-03-30 00:00:00"}},
    {"a_second_before_the_gap", "30 2 * * *", "Europe/Berlin", "2026-03-29 00:59", {"2026-03-29 01:00:00"}},
    {"a_skipped_wild_one_is_left_out", "*/20 2 * * *", "Europe/Berlin", "2026-03-28 12:00",
     {"2026-03-30 00:00:00"}},
    {"steps_go_on_over_the_gap", "*/30 * * * *", "Europe/Berlin", "2026-03-29 00:15",
     {"2026-03-29 00:30:00", "2026-03-29 01:00:00", "2026-03-29 01:30:00"}},
    {"a_repeated_fixed_time_comes_once", "30 2 * * *", "Europe/Berlin", "2026-10-24 12:00",
     {"2026-10-25 00:30:00", "2026-10-26 01:30:00"}},
    {"and_not_again_when_asked_between", "30 2 * * *", "Europe/Berlin", "2026-10-25 01:10",
     {"2026-10-26 01:30:00"}},
    {"steps_go_on_in_the_repeated_hour", "*/30 * * * *", "Europe/Berlin", "2026-10-24 23:45",
     {"2026-10-25 00:00:00", "2026-10-25 00:30:00", "2026-10-25 01:00:00", "2026-10-25 01:30:00",
      "2026-10-25 02:00:00"}},
    {"every_hour_is_wild", "0 * * * *", "Europe/Berlin", "2026-10-24 23:30",
     {"2026-10-25 00:00:00", "2026-10-25 01:00:00", "2026-10-25 02:00:00"}},
    {"midnight_that_does_not_exist", "0 0 * * *", "Asia/Beirut", "2026-03-28 12:00",
     {"2026-03-28 22:00:00", "2026-03-29 21:00:00"}},
    {"a_gap_that_ends_on_another_day", "30 23 * * *", "America/Nuuk", "2025-03-29 12:00",
     {"2025-03-30 01:00:00", "2025-03-31 00:30:00"}},
    {"half_an_hour_of_lord_howe", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03 00:00",
     {"2026-10-03 15:30:00", "2026-10-04 15:15:00"}},
};
INSTANTIATE_TEST_SUITE_P(changes, cron_next, testing::ValuesIn(changes),
                         [](const auto& i) { return i.param.name; });

struct refusal_case {
    const char* text;
    const char* says;
};

TEST(cron_expression, refuses_with_field_place_and_what_is_allowed) {
    const refusal_case cases[] = {
        {"", "has 0 fields"},
        {"* * * *", "has 4 fields"},
        {"* * * * * * *", "has 7 fields"},
        {"60 * * * *", "minute field, character 1: 60 is not between 0 and 59"},
        {"* 24 * * *", "hour field, character 3: 24 is not between 0 and 23"},
        {"* * 0 * *", "day field, character 5: 0 is not between 1 and 31"},
        {"* * * 13 *", "month field, character 7: 13 is not between"},
        {"* * * * 8", "weekday field, character 9: 8 is not between"},
        {"99 * * * * *", "second field, character 1"},
        {"1,,2 * * * *", "character 3: ',' is no number"},
        {"1, * * * *", "character 3: a number is missing"},
        {"5-1 * * * *", "character 1: the range 5-1 runs backwards"},
        {"5/10 * * * *", "character 2: a step wants * or a range in front"},
        {"*/0 * * * *", "character 3: a step here is 1 to 60"},
        {"* * * JUNI *", "character 10: 'I' does not belong here"},
        {"* * * FOO *", "character 7: \"FOO\" is no name of a month"},
        {"* * 1-5W * *", "'W' does not belong here"},
        {"* * * * MON#6", "character 13: # wants 1 to 5 or L"},
        {"@reboot", "there is no such nickname"},
        {"0 0 30 2 *", "never happens"},
        {"0 0 20 * +MON#2", "never happens"},
        {"\xff * * * *", "is no number"},
    };
    for (const auto& c : cases) {
        const auto cron = cron_expression::parse(c.text);
        ASSERT_FALSE(cron) << c.text;
        EXPECT_EQ(cron.error().code, errc::invalid_input);
        EXPECT_NE(cron.error().message.find(c.says), std::string::npos) << cron.error().message;
        EXPECT_FALSE(cron.error().hint.empty());
    }
    EXPECT_EQ(cron_expression::parse(std::string(100'000, '*')).error().code, errc::too_large);
}

TEST(cron_expression, keeps_its_text_and_ends_with_the_year_9999) {
    const auto cron = cron_expression::parse("@yearly").value();
    EXPECT_EQ(cron.text(), "@yearly");
    const auto utc = time_zone::find("UTC").value();
    EXPECT_EQ(show(*cron.next_after(moment("9998-06-01 00:00"), utc)), "9999-01-01 00:00:00");
    EXPECT_FALSE(cron.next_after(moment("9999-01-01 00:00"), utc));
}

std::string random_field(std::mt19937& rng, int low, int high) {
    const auto number = [&](int from) { return std::uniform_int_distribution(from, high)(rng); };
    const int a = number(low), b = number(a);
    switch (rng() % 4) {
    case 0: return "*";
    case 1: return "*/" + std::to_string(1 + rng() % 7);
    case 2: return std::to_string(a) + "-" + std::to_string(b);
    default: return std::to_string(a) + "," + std::to_string(b);
    }
}

// What next_after() promises, by looking at every minute: which of them fit, and for fixed times that each
// local time counts once, and one that does not exist at the end of the gap.
TEST(cron_expression, agrees_with_looking_at_every_minute) {
    std::mt19937 rng(7);
    const std::array zones{time_zone::find("UTC").value(), time_zone::find("Europe/Berlin").value(),
                           time_zone::find("Australia/Lord_Howe").value()};
    const std::array starts{moment("2026-03-28 20:00"), moment("2026-10-24 20:00"),
                            moment("2026-04-04 10:00"), moment("2026-10-03 10:00")};
    for (int round = 0; round < 400; ++round) {
        const auto text = random_field(rng, 0, 59) + " " + random_field(rng, 0, 23) + " " +
                          random_field(rng, 1, 31) + " * " + random_field(rng, 0, 6);
        const auto cron = cron_expression::parse(text).value();
        const auto& zone = zones.at(rng() % zones.size());
        const auto start = starts.at(rng() % starts.size());
        const auto end = start + hours(24);
        const auto local = [&](sys_seconds t) {
            return local_seconds(t.time_since_epoch() + zone.offset(t));
        };

        std::set<sys_seconds> expected;
        auto seen = local(start);   // fixed times: the local minutes up to here are done
        for (auto t = start + minutes(1); t < end; t += minutes(1)) {
            if (!cron.fixed_time()) {
                if (cron.matches(local(t))) expected.insert(t);
                continue;
            }
            for (auto l = seen + minutes(1); l <= local(t); l += minutes(1)) {
                if (cron.matches(l)) expected.insert(t);
            }
            seen = std::max(seen, local(t));
        }
        std::set<sys_seconds> found;
        for (auto t = cron.next_after(start, zone); t && *t < end; t = cron.next_after(*t, zone)) {
            ASSERT_TRUE(found.insert(*t).second) << text << " does not move on";
        }
        EXPECT_EQ(found, expected) << text << " in " << zone.name() << " from " << show(start);
    }
}

}  // namespace
}  // namespace openclaw::routing
