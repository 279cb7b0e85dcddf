#include "openclaw/routing/schedule.hpp"

#include <gtest/gtest.h>

#include <random>

namespace openclaw::routing {
namespace {

constexpr std::int64_t now = 1'770'292'800'000;   // 2026-02-05T12:00:00Z
constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;

schedule read(const char* text) { return parse_schedule(parse_json(text).value(), now).value(); }

TEST(schedule, reads_its_three_kinds_and_writes_what_it_reads) {
    struct {
        const char* text;
        const char* written;
        std::int64_t next;
    } cases[] = {
        {R"({"kind":"at","at":"2026-02-05T12:30:00Z"})", R"({"kind":"at","at":"2026-02-05T12:30:00Z"})",
         now + 30 * minute},
        {R"({"kind":"at","at":"2026-02-05T13:30:00.25+01:00","x":1})",
         R"({"kind":"at","at":"2026-02-05T12:30:00.250Z"})", now + 30 * minute + 250},
        {R"({"kind":"at","at":"2026-02-06"})", R"({"kind":"at","at":"2026-02-06T00:00:00Z"})",
         now + 12 * hour},
        {R"({"kind":"at","at":"2026-02-05 07:30-0500"})", R"({"kind":"at","at":"2026-02-05T12:30:00Z"})",
         now + 30 * minute},
        {R"({"kind":"at","at":"9999-12-31T23:59:59.999Z"})",
         R"({"kind":"at","at":"9999-12-31T23:59:59.999Z"})",
         253'402'300'799'999},
        {R"({"kind":"every","everyMs":60000})",
         R"({"kind":"every","everyMs":60000,"anchorMs":1770292800000})",
         now + minute},
        {R"({"kind":"every","everyMs":60000,"anchorMs":1770292801000})",
         R"({"kind":"every","everyMs":60000,"anchorMs":1770292801000})", now + 1000},
        {R"({"kind":"cron","expr":"0 18 * * *","tz":"Europe/Berlin"})",
         R"({"kind":"cron","expr":"0 18 * * *","tz":"Europe/Berlin"})", now + 5 * hour},
        {R"({"kind":"cron","expr":"* * * * *"})", R"({"kind":"cron","expr":"* * * * *"})", now + minute},
    };
    for (const auto& c : cases) {
        const auto s = read(c.text);
        EXPECT_EQ(schedule_json(s), parse_json(c.written).value()) << c.text;
        EXPECT_EQ(schedule_json(parse_schedule(schedule_json(s), 0).value()), schedule_json(s));
        EXPECT_EQ(next_after(s, now), c.next) << c.text;
    }
}

TEST(schedule, refuses_with_the_member_that_is_wrong) {
    struct {
        const char* text;
        const char* says;
    } cases[] = {
        {R"({})", "\"kind\" is missing"},
        {R"([])", "\"kind\" is missing"},
        {R"({"kind":"sometimes"})", "no kind \"sometimes\""},
        {R"({"kind":"at"})", "\"at\" has to be a string"},
        {R"({"kind":"at","at":12})", "\"at\" has to be a string"},
        {R"({"kind":"at","at":"tomorrow"})", "\"at\" is no time: \"tomorrow\""},
        {R"({"kind":"at","at":"2026-02-30T00:00:00Z"})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T24:00:00Z"})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T12:-1:00Z"})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T12:00:00Z "})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T12:00:00+99:00"})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T12:00:00."})", "\"at\" is no time"},
        {R"({"kind":"at","at":"2026-02-05T"})", "\"at\" is no time"},
        {R"({"kind":"at","at":""})", "\"at\" is no time"},
        {R"({"kind":"at","at":"1969-12-31T23:59:59Z"})", "\"at\" is no time"},
        {R"({"kind":"every"})", "\"everyMs\" has to be"},
        {R"({"kind":"every","everyMs":999})", "\"everyMs\" has to be"},
        {R"({"kind":"every","everyMs":1000.5})", "\"everyMs\" has to be"},
        {R"({"kind":"every","everyMs":18446744073709551615})", "\"everyMs\" has to be"},
        {R"({"kind":"every","everyMs":1000,"anchorMs":"x"})", "\"anchorMs\" has to be"},
        {R"({"kind":"cron"})", "\"expr\" has to be a string"},
        {R"({"kind":"cron","expr":"* * * * 9"})", "\"expr\": cron expression \"* * * * 9\", weekday field"},
        {R"({"kind":"cron","expr":"* * * * *","tz":1})", "\"tz\" has to be a string"},
        {R"({"kind":"cron","expr":"* * * * *","tz":"Mars"})", "\"tz\": there is no time zone \"Mars\""},
    };
    for (const auto& c : cases) {
        const auto s = parse_schedule(parse_json(c.text).value(), now);
        ASSERT_FALSE(s) << c.text;
        EXPECT_EQ(s.error().code, errc::invalid_input);
        EXPECT_NE(s.error().message.find(c.says), std::string::npos) << s.error().message;
        EXPECT_FALSE(s.error().hint.empty()) << c.text;
    }
}

TEST(schedule, at_comes_once_and_every_keeps_its_cadence) {
    EXPECT_EQ(next_after(at_schedule{now}, now - 1), now);
    EXPECT_FALSE(next_after(at_schedule{now}, now));
    const schedule every = every_schedule{hour, now + 10};
    EXPECT_EQ(next_after(every, now), now + 10);
    EXPECT_EQ(next_after(every, now + 10), now + 10 + hour) << "strictly later";
    EXPECT_EQ(next_after(every, now - 5 * hour), now + 10 - 5 * hour) << "before the anchor";
    EXPECT_EQ(next_after(every, now + 1000 * hour), now + 10 + 1000 * hour);
}

TEST(schedule, finds_the_first_and_the_last_that_are_due) {
    const auto daily = read(R"({"kind":"cron","expr":"0 8 * * *","tz":"UTC"})");
    EXPECT_FALSE(due_between(daily, now, now));
    EXPECT_FALSE(due_between(daily, now, now + 20 * hour - 1));
    const auto one = due_between(daily, now, now + 20 * hour).value();
    EXPECT_EQ(one.first_ms, now + 20 * hour);
    EXPECT_EQ(one.last_ms, now + 20 * hour);
    const auto many = due_between(daily, now, now + 10 * day).value();
    EXPECT_EQ(many.first_ms, now + 20 * hour);
    EXPECT_EQ(many.last_ms, now + 9 * day + 20 * hour);
    // Ten years are not walked one by one.
    const auto dense = read(R"({"kind":"cron","expr":"* * * JAN *","tz":"UTC"})");
    const auto years = due_between(dense, now, now + 3650 * day).value();
    EXPECT_EQ(schedule_json(at_schedule{years.last_ms}).at("at"), "2036-01-31T23:59:00Z");
}

TEST(schedule, agrees_with_walking_through_all_that_are_due) {
    std::mt19937_64 rng(3);
    const std::array all{read(R"({"kind":"cron","expr":"*/7 1-5,20 * * MON-WED","tz":"Europe/Berlin"})"),
                         read(R"({"kind":"cron","expr":"30 2 * * *","tz":"Europe/Berlin"})"),
                         read(R"({"kind":"every","everyMs":777777})"),
                         read(R"({"kind":"at","at":"2026-03-01"})")};
    for (int round = 0; round < 400; ++round) {
        const auto& s = all.at(rng() % all.size());
        const auto after = now + static_cast<std::int64_t>(rng() % (90 * day));
        const auto until = after + static_cast<std::int64_t>(rng() % (7 * day));
        std::optional<due_range> walked;
        for (auto t = next_after(s, after); t && *t <= until; t = next_after(s, *t)) {
            walked = due_range{walked ? walked->first_ms : *t, *t};
        }
        const auto found = due_between(s, after, until);
        ASSERT_EQ(found.has_value(), walked.has_value());
        if (!found) continue;
        EXPECT_EQ(found->first_ms, walked->first_ms);
        EXPECT_EQ(found->last_ms, walked->last_ms);
    }
}

TEST(schedule, late_ones_run_as_the_policy_says) {
    using late = misfire_policy::late;
    const due_range due{now - day, now};
    EXPECT_TRUE(runs({late::skip, minute}, due, now));
    EXPECT_TRUE(runs({late::skip, minute}, due, now + minute)) << "the newest one counts";
    EXPECT_FALSE(runs({late::skip, minute}, due, now + minute + 1));
    EXPECT_TRUE(runs({late::catch_up, minute}, due, now + 400 * day));
}

}  // namespace
}  // namespace openclaw::routing
