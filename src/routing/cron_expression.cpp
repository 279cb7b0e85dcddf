#include "openclaw/routing/cron_expression.hpp"

#include "openclaw/core/encoding.hpp"
#include "routing/cron_parser.hpp"

#include <bit>

namespace openclaw::routing {

using namespace std::chrono;

namespace {

// The rarest wish that can come true is a 29 February on a certain weekday: at most 40 years apart.
constexpr years farthest{41};
constexpr local_days last_local{year(9999) / December / 31};

bool has(std::uint64_t set, unsigned n) { return (set >> n & 1U) != 0; }

// The first number of the set that is not under `from`; 64 if there is none.
unsigned first_of(std::uint64_t set, unsigned from) {
    return from > 63 ? 64 : static_cast<unsigned>(std::countr_zero(set >> from << from));
}

unsigned last_day_of(const year_month_day& d) {
    return static_cast<unsigned>(year_month_day_last(d.year() / d.month() / last).day());
}

// The Monday to Friday of the month that is nearest to its day `wanted`.
unsigned nearest_working_day(const year_month_day& in, unsigned wanted) {
    const weekday w{local_days(in.year() / in.month() / day(wanted))};
    if (w == Saturday) return wanted == 1 ? 3 : wanted - 1;
    if (w == Sunday) return wanted == last_day_of(in) ? wanted - 2 : wanted + 1;
    return wanted;
}

bool is_day(const cron_fields& f, const year_month_day& date) {
    const auto d = static_cast<unsigned>(date.day());
    const auto end = last_day_of(date);
    if (has(f.days, d) || (f.last_day && d == end)) return true;
    if (f.last_working_day && d == nearest_working_day(date, end)) return true;
    for (unsigned n = first_of(f.working_days, 1); n <= end; n = first_of(f.working_days, n + 1)) {
        if (d == nearest_working_day(date, n)) return true;
    }
    return false;
}

bool is_weekday(const cron_fields& f, const year_month_day& date, weekday w) {
    const auto d = static_cast<unsigned>(date.day());
    const auto nth = f.nth_weekdays.at(w.c_encoding());
    return has(f.weekdays, w.c_encoding()) || has(nth, (d - 1) / 7 + 1) ||
           (has(nth, 6) && d + 7 > last_day_of(date));
}

}  // namespace

result<cron_expression> cron_expression::parse(std::string_view text) {
    const auto fields = parse_cron_fields(text);
    if (!fields) return fields.error();
    cron_expression made(std::string(text), *fields);
    // From a year on which has each kind of day within its next 40.
    if (!made.local_from(local_days(year(2000) / January / 1))) {
        return error(errc::invalid_input, "cron expression \"" + printable(text, 80) + "\" never happens",
                     "No month has such a day; look at the day, month and weekday fields.");
    }
    return made;
}

bool cron_expression::matches_day(local_days day_of) const {
    const year_month_day date(day_of);
    if (!has(fields_.months, static_cast<unsigned>(date.month()))) return false;
    const bool by_day = is_day(fields_, date);
    const bool by_weekday = is_weekday(fields_, date, weekday(day_of));
    const bool one_suffices = !fields_.any_day && !fields_.any_weekday && !fields_.both_days;
    return one_suffices ? by_day || by_weekday : by_day && by_weekday;
}

bool cron_expression::matches(local_seconds t) const {
    const auto day_of = floor<days>(t);
    return matches_day(day_of) && time_from(t - day_of) == t - day_of;
}

// The first matching time of a day at or after `time_of_day`.
std::optional<seconds> cron_expression::time_from(seconds time_of_day) const {
    const hh_mm_ss from(time_of_day);
    const auto h = static_cast<unsigned>(from.hours().count());
    const auto m = static_cast<unsigned>(from.minutes().count());
    const auto s = static_cast<unsigned>(from.seconds().count());
    const auto made = [&](unsigned at_hour, unsigned at_minute, unsigned at_second) -> seconds {
        return hours(at_hour) + minutes(at_minute) + seconds(at_second);
    };
    const auto first_minute = first_of(fields_.minutes, 0), first_second = first_of(fields_.seconds, 0);
    if (has(fields_.hours, h)) {
        const auto second = has(fields_.minutes, m) ? first_of(fields_.seconds, s) : 64;
        if (second < 64) return made(h, m, second);
        const auto minute = first_of(fields_.minutes, m + 1);
        if (minute < 64) return made(h, minute, first_second);
    }
    const auto hour = first_of(fields_.hours, h + 1);
    if (hour < 64) return made(hour, first_minute, first_second);
    return std::nullopt;
}

// The first matching local time at or after `t`.
std::optional<local_seconds> cron_expression::local_from(local_seconds t) const {
    local_days day_of = floor<days>(t);
    auto time_of_day = t - day_of;
    const auto begin = year_month_day(day_of).year();
    for (;;) {
        const year_month_day date(day_of);
        if (date.year() > begin + farthest || day_of > last_local) return std::nullopt;
        if (!has(fields_.months, static_cast<unsigned>(date.month()))) {
            day_of = local_days((date.year() / date.month() + months(1)) / 1);
        } else {
            const auto time = matches_day(day_of) ? time_from(time_of_day) : std::nullopt;
            if (time) return day_of + *time;
            day_of += days(1);
        }
        time_of_day = seconds(0);
    }
}

// Between two changes of the offset local time is UTC moved by a constant. So the search goes from
// stretch to stretch; what a fixed time and the others do at a change is where they go on in it: the
// former where the old local time ended, so that they see each local time once, and the latter where
// the new one begins.
std::optional<sys_seconds> cron_expression::next_after(sys_seconds t, const time_zone& zone) const {
    const auto local = [](sys_seconds at, seconds offset) {
        return local_seconds(at.time_since_epoch() + offset);
    };
    auto offset = zone.offset(t);
    auto from = local(t, offset) + seconds(1);
    if (fields_.fixed_time) {
        const auto change = zone.last_change(t);
        if (change) from = std::max(from, local(change->at, change->before));
    }
    auto found = local_from(from);
    for (auto begin = t; found;) {
        // A time of the gap comes at its end.
        const auto when = std::max(begin, sys_seconds(found->time_since_epoch() - offset));
        const auto change = zone.next_change(begin);
        if (!change || when < change->at) return when;
        const auto resume = local(change->at, fields_.fixed_time ? change->before : change->after);
        // Between `from` and what was found there is nothing, so that most changes need no new search.
        if (resume < from || resume > *found) {
            from = resume;
            found = local_from(from);
        }
        begin = change->at;
        offset = change->after;
    }
    return std::nullopt;
}

}  // namespace openclaw::routing
