#include "routing/cron_parser.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <cctype>
#include <span>
#include <vector>

namespace openclaw::routing {

namespace {

constexpr std::size_t longest_text = 256;

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct field_kind {
    std::string_view name;
    int low;
    int high;
    int count;                                // how many different values there are
    std::span<const std::string_view> names;  // of low and what follows
    std::string_view values;                  // for people
};

constexpr std::size_t day_place = 3, weekday_place = 5;
const std::array<field_kind, 6> kinds{{
    {"second", 0, 59, 60, {}, "0 to 59"},
    {"minute", 0, 59, 60, {}, "0 to 59"},
    {"hour", 0, 23, 24, {}, "0 to 23"},
    {"day", 1, 31, 31, {}, "1 to 31, L (the last day), 15W (the working day nearest to the 15th), LW"},
    {"month", 1, 12, 12, month_names, "1 to 12 or JAN to DEC"},
    {"weekday", 0, 7, 7, weekday_names,
     "0 to 7 (0 and 7 are Sunday) or SUN to SAT, MON#2 (the second Monday), FRI#L (the last Friday)"},
}};

struct nickname {
    std::string_view name;
    std::string_view text;
};
constexpr std::array<nickname, 7> nicknames{{{"@hourly", "0 * * * *"},
                                             {"@daily", "0 0 * * *"},
                                             {"@midnight", "0 0 * * *"},
                                             {"@weekly", "0 0 * * 0"},
                                             {"@monthly", "0 0 1 * *"},
                                             {"@yearly", "0 0 1 1 *"},
                                             {"@annually", "0 0 1 1 *"}}};

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 80) + "\""; }

std::uint64_t bit(int n) { return std::uint64_t{1} << static_cast<unsigned>(n); }

// What one field says; those of days and weekdays say more than a set of numbers.
struct field_value {
    std::uint64_t numbers = 0;
    bool any = false;
    bool wild = false;
    cron_fields special;  // the members for days and weekdays
};

// Reads one field from the left to the right. A step that returns false has left the reason in `failure`.
class field_reader {
public:
    // The field is text[begin, end).
    field_reader(std::string_view text, std::size_t begin, std::size_t end, std::size_t place)
        : text_(text), at_(begin), end_(end), place_(place), kind_(kinds.at(place)) {}

    result<field_value> read() {
        value_.any = end_ - at_ == 1 && (peek() == '*' || peek() == '?');
        if (place_ == weekday_place && accept('+')) value_.special.both_days = true;
        do {
            if (!item()) return failure_;
        } while (accept(','));
        if (at_ != end_) {
            fail(at_, "'" + printable(text_.substr(at_, 1)) + "' does not belong here");
            return failure_;
        }
        return value_;
    }

private:
    char peek() const { return at_ < end_ ? upper(text_[at_]) : '\0'; }
    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    bool fail(std::size_t at, const std::string& what) {
        failure_ = error(errc::invalid_input,
                         "cron expression " + in_quotes(text_) + ", " + std::string(kind_.name) +
                             " field, character " + std::to_string(at + 1) + ": " + what,
                         "This field takes " + std::string(kind_.values) +
                             "; * for all, lists as 1,2, ranges as 1-5, steps as */2 or 1-9/2.");
        return false;
    }

    // One part of a list.
    bool item() {
        if (place_ == day_place && peek() == 'L') return last_day();
        const auto begin = at_;
        int first = kind_.low, last = kind_.high;
        bool single = false;
        if (accept('*') || accept('?')) {
            value_.wild = true;
            last = kind_.low + kind_.count - 1;
        } else {
            if (!number(first)) return false;
            last = first;
            single = !accept('-');
            if (!single && !range_end(begin, first, last)) return false;
        }
        int step = 1;
        if (peek() == '/' && !read_step(single, first, step)) return false;
        if (single && place_ == day_place && accept('W')) {
            value_.special.working_days |= bit(first);
            return true;
        }
        if (place_ == weekday_place && (peek() == '#' || peek() == 'L')) return nth(first, last, step);
        for (int n = first; n <= last; n += step) value_.numbers |= bit(n);
        return true;
    }

    bool last_day() {
        ++at_;
        (accept('W') ? value_.special.last_working_day : value_.special.last_day) = true;
        return true;
    }

    // "#2", "#L", or a bare "L", behind a weekday or several.
    bool nth(int first, int last, int step) {
        int which = 6;
        accept('#');
        if (!accept('L')) {
            if (peek() < '1' || peek() > '5') return fail(at_, "# wants 1 to 5 or L behind it");
            which = text_[at_++] - '0';
        }
        for (int n = first; n <= last; n += step) {
            value_.special.nth_weekdays.at(static_cast<std::size_t>(n % 7)) |=
                static_cast<std::uint8_t>(bit(which));
        }
        return true;
    }

    bool number(int& out) {
        const auto begin = at_;
        if (is_letter(peek()) && !kind_.names.empty()) return name(out);
        out = 0;
        while (is_digit(peek()) && at_ - begin < 6) out = out * 10 + (text_[at_++] - '0');
        if (at_ == begin) {
            return fail(at_, at_ == end_ ? "a number is missing"
                                         : "'" + printable(text_.substr(at_, 1)) + "' is no number");
        }
        if (out >= kind_.low && out <= kind_.high) return true;
        return fail(begin, printable(text_.substr(begin, at_ - begin)) + " is not between " +
                               std::to_string(kind_.low) + " and " + std::to_string(kind_.high));
    }

    bool name(int& out) {
        const auto begin = at_;
        std::string word;
        while (is_letter(peek()) && word.size() < 3) word += upper(text_[at_++]);
        const auto found = std::find(kind_.names.begin(), kind_.names.end(), word);
        if (found == kind_.names.end()) return fail(begin, in_quotes(word) + " is no name of a " +
                                                               std::string(kind_.name));
        out = kind_.low + static_cast<int>(found - kind_.names.begin());
        return true;
    }

    bool range_end(std::size_t begin, int first, int& last) {
        const bool named = is_letter(peek());
        if (!number(last)) return false;
        // A week that is written FRI-SUN ends with its Sunday.
        if (place_ == weekday_place && named && last == 0) last = 7;
        if (first <= last) return true;
        return fail(begin, "the range " + printable(text_.substr(begin, at_ - begin)) + " runs backwards");
    }

    bool read_step(bool single, int first, int& step) {
        const auto begin = at_++;
        if (single) {
            return fail(begin, "a step wants * or a range in front, as " + std::to_string(first) + "-" +
                                   std::to_string(kind_.high) + "/2");
        }
        value_.wild = true;
        step = 0;
        while (is_digit(peek()) && step < 1000) step = step * 10 + (text_[at_++] - '0');
        if (step >= 1 && step <= kind_.count) return true;
        return fail(begin + 1, "a step here is 1 to " + std::to_string(kind_.count));
    }

    const std::string_view text_;
    std::size_t at_;
    const std::size_t end_;
    const std::size_t place_;
    const field_kind& kind_;
    field_value value_;
    error failure_;
};

void put(cron_fields& out, std::size_t place, const field_value& v) {
    if (place < day_place && v.wild) out.fixed_time = false;
    switch (place) {
    case 0: out.seconds = v.numbers; break;
    case 1: out.minutes = v.numbers; break;
    case 2: out.hours = v.numbers; break;
    case day_place:
        out.days = v.numbers;
        out.any_day = v.any;
        out.working_days = v.special.working_days;
        out.last_day = v.special.last_day;
        out.last_working_day = v.special.last_working_day;
        break;
    case 4: out.months = v.numbers; break;
    default:
        out.weekdays = (v.numbers | v.numbers >> 7U) & 0x7fU;
        out.any_weekday = v.any;
        out.nth_weekdays = v.special.nth_weekdays;
        out.both_days = v.special.both_days;
    }
}

struct stretch {
    std::size_t begin;
    std::size_t end;
};

std::vector<stretch> words_of(std::string_view text) {
    std::vector<stretch> words;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = at;
        while (at < text.size() && is_space(text[at]) == is_space(text[begin])) ++at;
        if (!is_space(text[begin])) words.push_back({begin, at});
    }
    return words;
}

result<std::string_view> nickname_text(std::string_view word) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const auto& n : nicknames) {
        if (n.name == lower) return n.text;
    }
    return error(errc::invalid_input, "cron expression " + in_quotes(word) + ": there is no such nickname",
                 "Write @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually.");
}

}  // namespace

result<cron_fields> parse_cron_fields(std::string_view text) {
    if (text.size() > longest_text) {
        return error(errc::too_large,
                     "the cron expression has " + std::to_string(text.size()) + " characters",
                     "At most " + std::to_string(longest_text) + " are allowed.");
    }
    auto words = words_of(text);
    if (words.size() == 1 && text[words[0].begin] == '@') {
        const auto meant = nickname_text(text.substr(words[0].begin, words[0].end - words[0].begin));
        if (!meant) return meant.error();
        text = *meant;
        words = words_of(text);
    }
    if (words.size() != 5 && words.size() != 6) {
        return error(errc::invalid_input,
                     "cron expression " + in_quotes(text) + " has " + std::to_string(words.size()) +
                         " fields",
                     "Write five, minute hour day month weekday, as in \"30 8 * * MON-FRI\", or six "
                     "with the second in front.");
    }
    cron_fields out;
    const std::size_t first = kinds.size() - words.size();
    for (std::size_t place = first; place < kinds.size(); ++place) {
        const auto& word = words[place - first];
        const auto value = field_reader(text, word.begin, word.end, place).read();
        if (!value) return value.error();
        put(out, place, *value);
    }
    return out;
}

}  // namespace openclaw::routing
