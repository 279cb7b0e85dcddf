#include "openclaw/routing/time_zone.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

using namespace std::chrono;

sys_seconds utc(int y, unsigned m, unsigned d, int h, int min = 0) {
    return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min);
}

TEST(time_zone, knows_the_offset_of_summer_and_winter) {
    const auto berlin = time_zone::find("Europe/Berlin").value();
    EXPECT_EQ(berlin.name(), "Europe/Berlin");
    EXPECT_EQ(berlin.offset(utc(2026, 1, 15, 12)), hours(1));
    EXPECT_EQ(berlin.offset(utc(2026, 7, 15, 12)), hours(2));
    EXPECT_EQ(berlin.offset(utc(2026, 3, 29, 1) - seconds(1)), hours(1));
    EXPECT_EQ(berlin.offset(utc(2026, 3, 29, 1)), hours(2));
    // Long after the years that the database lists.
    EXPECT_EQ(berlin.offset(utc(2190, 7, 15, 12)), hours(2));
}

TEST(time_zone, knows_the_changes_on_both_sides) {
    const auto berlin = time_zone::find("Europe/Berlin").value();
    const auto spring = utc(2026, 3, 29, 1), autumn = utc(2026, 10, 25, 1);
    const auto next = berlin.next_change(utc(2026, 1, 1, 0)).value();
    EXPECT_EQ(next.at, spring);
    EXPECT_EQ(next.before, hours(1));
    EXPECT_EQ(next.after, hours(2));
    EXPECT_EQ(berlin.next_change(spring - seconds(1))->at, spring);
    EXPECT_EQ(berlin.next_change(spring)->at, autumn) << "strictly later";
    EXPECT_EQ(berlin.last_change(spring)->at, spring) << "at or before";
    EXPECT_EQ(berlin.last_change(autumn - seconds(1))->at, spring);
    EXPECT_EQ(berlin.last_change(autumn)->after, hours(1));
}

TEST(time_zone, passes_over_what_changes_the_name_alone) {
    // Lisbon 1992: the summer time of the one zone became the standard time of the other.
    for (const auto* name : {"Europe/Lisbon", "Europe/Dublin", "Africa/Cairo", "America/Anchorage"}) {
        const auto zone = time_zone::find(name).value();
        for (auto change = zone.next_change(utc(1970, 1, 1, 0)); change && change->at < utc(2100, 1, 1, 0);
             change = zone.next_change(change->at)) {
            EXPECT_NE(change->before, change->after) << name;
            EXPECT_EQ(zone.offset(change->at), change->after) << name;
            EXPECT_EQ(zone.last_change(change->at)->at, change->at) << name;
        }
    }
}

TEST(time_zone, utc_never_changes) {
    const auto zone = time_zone::find("UTC").value();
    EXPECT_EQ(zone.offset(utc(2026, 7, 1, 0)), seconds(0));
    EXPECT_FALSE(zone.next_change(utc(2026, 7, 1, 0)));
    EXPECT_FALSE(zone.last_change(utc(2026, 7, 1, 0)));
}

TEST(time_zone, without_a_name_is_the_machines) {
    EXPECT_TRUE(time_zone::find("").has_value());
}

TEST(time_zone, refuses_what_is_no_zone) {
    for (const auto* name : {"Europe/Atlantis", "europe/berlin", "/etc/passwd", "../../../etc/passwd",
                             "Europe/../UTC", "Europe", "file:UTC", "Fixed/UTC+01:00:00", "UTC ", " ",
                             "zone.tab", "tzdata.zi", ":UTC"}) {
        const auto zone = time_zone::find(name);
        ASSERT_FALSE(zone) << name;
        EXPECT_EQ(zone.error().code, errc::invalid_input);
        EXPECT_NE(zone.error().message.find("no time zone"), std::string::npos);
    }
    EXPECT_FALSE(time_zone::find(std::string(100'000, 'A')));
    EXPECT_FALSE(time_zone::find(std::string_view("UTC\0x", 5)));
}

}  // namespace
}  // namespace openclaw::routing
