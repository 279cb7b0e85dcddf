#include "openclaw/core/encoding.hpp"
#include "openclaw/routing/schedule.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace openclaw::routing {

namespace {

using namespace std::chrono;

constexpr std::int64_t year_10000_ms = 253'402'300'800'000;
constexpr std::int64_t longest_period_ms = 100 * 366 * std::int64_t{86'400'000};

// Reads digits and marks from the left to the right; the first that is not there makes it bad.
class time_reader {
public:
    explicit time_reader(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        unsigned out = 0;
        const auto* end = rest_.data() + std::min(count, rest_.size());
        const auto [stop, failure] = std::from_chars(rest_.data(), end, out);
        good_ = good_ && failure == std::errc() && stop == rest_.data() + count;
        rest_.remove_prefix(std::min(count, rest_.size()));
        return static_cast<int>(out);
    }
    bool accept(std::string_view marks) {
        if (rest_.empty() || marks.find(rest_.front()) == marks.npos) return false;
        mark_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    void expect(std::string_view marks) { good_ = accept(marks) && good_; }
    // The number of milliseconds that the digits of a fraction mean; more than three are cut off.
    int fraction() {
        int out = 0, scale = 100;
        bool any = false;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
            out += (rest_.front() - '0') * scale;
            scale /= 10;
            any = true;
        }
        good_ = good_ && any;
        return out;
    }
    char mark() const { return mark_; }
    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
    char mark_ = '\0';
    bool good_ = true;
};

// "2026-02-05", then "T12:00", then ":30", ".250", then "Z" or "+01:00".
std::optional<std::int64_t> parse_instant(std::string_view text) {
    time_reader in(text);
    const int y = in.digits(4);
    in.expect("-");
    const auto m = static_cast<unsigned>(in.digits(2));
    in.expect("-");
    const year_month_day date(year(y), month(m), day(static_cast<unsigned>(in.digits(2))));
    int h = 0, min = 0, s = 0, ms = 0;
    minutes east(0);
    if (!in.at_end()) {
        in.expect("Tt ");
        h = in.digits(2);
        in.expect(":");
        min = in.digits(2);
        if (in.accept(":")) {
            s = in.digits(2);
            if (in.accept(".,")) ms = in.fraction();
        }
        if (!in.accept("Zz") && in.accept("+-")) {
            const bool behind = in.mark() == '-';
            east = hours(in.digits(2));
            in.accept(":");
            east += minutes(in.digits(2));
            if (east > hours(24)) return std::nullopt;
            if (behind) east = -east;
        }
    }
    if (!in.good() || !in.at_end() || !date.ok() || h > 23 || min > 59 || s > 59) return std::nullopt;
    const sys_time<milliseconds> at =
        sys_days(date) + hours(h) + minutes(min) - east + seconds(s) + milliseconds(ms);
    return at.time_since_epoch().count();
}

std::string format_instant(std::int64_t at_ms) {
    const sys_time<milliseconds> at{milliseconds(at_ms)};
    const auto day_of = floor<days>(at);
    const year_month_day date(day_of);
    const hh_mm_ss time(at - day_of);
    std::array<char, 64> text{};
    const auto number = [](auto d) { return static_cast<int>(d.count()); };
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  number(time.hours()), number(time.minutes()), number(time.seconds()));
    std::string out(text.data());
    if (time.subseconds().count() != 0) {
        std::snprintf(text.data(), text.size(), ".%03d", number(time.subseconds()));
        out += text.data();
    }
    return out + "Z";
}

error wrong(const std::string& what, std::string hint) {
    return error(errc::invalid_input, "schedule: " + what, std::move(hint));
}

result<schedule> parse_at(const json& value) {
    constexpr auto hint = "Write an ISO 8601 time from 1970 to 9999, as 2026-02-05T12:00:00Z or "
                          "2026-02-05T13:00:00+01:00; without an offset it is UTC.";
    const auto text = find_string(value, "at");
    if (!text) return wrong("\"at\" has to be a string", hint);
    const auto at = parse_instant(*text);
    if (!at || *at < 0 || *at >= year_10000_ms) {
        return wrong("\"at\" is no time: \"" + printable(*text, 40) + "\"", hint);
    }
    return at_schedule{*at};
}

result<schedule> parse_every(const json& value, std::int64_t now_ms) {
    every_schedule out{find_int(value, "everyMs").value_or(0), now_ms};
    if (out.every_ms < shortest_period_ms || out.every_ms > longest_period_ms) {
        return wrong("\"everyMs\" has to be a whole number of milliseconds, at least " +
                         std::to_string(shortest_period_ms) + " and at most a hundred years",
                     "60000 is every minute.");
    }
    const auto* anchor = find(value, "anchorMs");
    if (anchor == nullptr || anchor->is_null()) return out;
    out.anchor_ms = find_int(value, "anchorMs").value_or(-1);
    if (out.anchor_ms < 0 || out.anchor_ms >= year_10000_ms) {
        return wrong("\"anchorMs\" has to be a Unix time in milliseconds",
                     "It is one of the times at which the job is due; leave it out to count from now.");
    }
    return out;
}

result<schedule> parse_cron(const json& value) {
    const auto text = find_string(value, "expr");
    if (!text) return wrong("\"expr\" has to be a string", "Write it as in \"30 8 * * MON-FRI\".");
    const auto expression = cron_expression::parse(*text);
    if (!expression) return wrong("\"expr\": " + expression.error().message, expression.error().hint);
    const auto* name = find(value, "tz");
    if (name != nullptr && !name->is_null() && !name->is_string()) {
        return wrong("\"tz\" has to be a string", "Write the name of a time zone, as Europe/Berlin.");
    }
    const auto zone = time_zone::find(string_or(value, "tz"));
    if (!zone) return wrong("\"tz\": " + zone.error().message, zone.error().hint);
    return cron_schedule{*expression, *zone};
}

}  // namespace

result<schedule> parse_schedule(const json& value, std::int64_t now_ms) {
    const auto kind = string_or(value, "kind");
    if (kind == "at") return parse_at(value);
    if (kind == "every") return parse_every(value, now_ms);
    if (kind == "cron") return parse_cron(value);
    return wrong(kind.empty() ? "\"kind\" is missing" : "there is no kind \"" + printable(kind, 40) + "\"",
                 "Write {kind: \"at\", at}, {kind: \"every\", everyMs, anchorMs?} or "
                 "{kind: \"cron\", expr, tz?}.");
}

json schedule_json(const schedule& s) {
    if (const auto* at = std::get_if<at_schedule>(&s)) {
        return {{"kind", "at"}, {"at", format_instant(at->at_ms)}};
    }
    if (const auto* every = std::get_if<every_schedule>(&s)) {
        return {{"kind", "every"}, {"everyMs", every->every_ms}, {"anchorMs", every->anchor_ms}};
    }
    const auto& cron = std::get<cron_schedule>(s);
    json out = {{"kind", "cron"}, {"expr", cron.expression.text()}};
    if (!cron.zone.name().empty()) out["tz"] = cron.zone.name();
    return out;
}

}  // namespace openclaw::routing
