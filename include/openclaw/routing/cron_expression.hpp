#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/routing/time_zone.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace openclaw::routing {

// The wishes of a cron expression; bit n of a set stands for the number n.
struct cron_fields {
    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::uint64_t hours = 0;
    std::uint64_t days = 0;
    std::uint64_t working_days = 0;              // "15W": the working day nearest to the 15th
    bool last_day = false;                       // "L"
    bool last_working_day = false;               // "LW"
    std::uint64_t months = 0;
    std::uint64_t weekdays = 0;                  // 0 is Sunday
    std::array<std::uint8_t, 7> nth_weekdays{};  // per weekday: bit 1..5 for "#1".."#5", bit 6 for "#L"

    bool any_day = false;                        // the field is a bare * or ?
    bool any_weekday = false;
    bool both_days = false;                      // "+MON": the day and the weekday, rather than one of them
    bool fixed_time = true;                      // no *, ? or / in seconds, minutes and hours
};

// When something recurs, in local time: five fields (minute, hour, day, month, weekday), six with the
// second in front, or @hourly, @daily, @weekly, @monthly, @yearly. Numbers, names (JAN, MON), lists, ranges,
// steps; L, LW, 15W for days, MON#2, FRI#L, +MON for weekdays; 0 and 7 are Sunday. Where both a day and
// a weekday are given, one of them suffices.
//
// Where the clock is put forward or back: a fixed time (no wildcard or step in second, minute, hour)
// that is skipped comes right after the gap, and one that is there twice comes the first time. What
// has a wildcard or a step goes on by the clock on the wall: nothing in the gap, and the repeated hour
// twice. This is how Vixie cron and croner (fixedTimeRule "no-wildcard") have it.
//
// A value without clocks or files; any thread may use it.
class cron_expression {
public:
    // Errors: invalid_input, which names the field, the character, and what is allowed. What can never
    // happen ("0 0 30 2 *") is an error too.
    static result<cron_expression> parse(std::string_view text);

    // As it was written.
    const std::string& text() const { return text_; }
    bool fixed_time() const { return fields_.fixed_time; }
    // Does the local time `t` fit all fields?
    bool matches(std::chrono::local_seconds t) const;
    // The first occurrence later than `t`; nothing after the year 9999.
    std::optional<std::chrono::sys_seconds> next_after(std::chrono::sys_seconds t,
                                                       const time_zone& zone) const;

private:
    cron_expression(std::string text, const cron_fields& fields)
        : text_(std::move(text)), fields_(fields) {}

    bool matches_day(std::chrono::local_days day) const;
    std::optional<std::chrono::seconds> time_from(std::chrono::seconds time_of_day) const;
    std::optional<std::chrono::local_seconds> local_from(std::chrono::local_seconds t) const;

    std::string text_;
    cron_fields fields_;
};

}  // namespace openclaw::routing
