#include "openclaw/core/units.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <limits>

namespace openclaw {

namespace {

struct unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr std::array<unit, 6> duration_units{{
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}}};

constexpr std::array<unit, 14> size_units{{
    {"b", 1},
    {"k", 1ULL << 10}, {"kb", 1ULL << 10}, {"kib", 1ULL << 10},
    {"m", 1ULL << 20}, {"mb", 1ULL << 20}, {"mib", 1ULL << 20},
    {"g", 1ULL << 30}, {"gb", 1ULL << 30}, {"gib", 1ULL << 30},
    {"t", 1ULL << 40}, {"tb", 1ULL << 40}, {"tib", 1ULL << 40},
    {"", 1}}};

// A hundred years. Clocks count nanoseconds in 64 bits; a longer wait would come out negative.
constexpr std::uint64_t longest_ms = 36'525ULL * 86'400'000;

struct quantity {
    std::uint64_t number = 0;
    std::string suffix;  // lower case
};

bool split(std::string_view text, quantity& out) {
    const auto* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, out.number);
    if (failure != std::errc() || rest == text.data()) return false;
    for (const char* p = rest; p != end; ++p) {
        if (*p == ' ' && out.suffix.empty()) continue;
        out.suffix += static_cast<char>(std::tolower(static_cast<unsigned char>(*p)));
    }
    return true;
}

template <std::size_t N>
bool scale(const quantity& q, const std::array<unit, N>& units, std::uint64_t& out) {
    for (const auto& u : units) {
        if (u.suffix != q.suffix) continue;
        if (q.number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / u.factor) {
            return false;
        }
        out = q.number * u.factor;
        return true;
    }
    return false;
}

}  // namespace

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    quantity q;
    std::uint64_t ms = 0;
    if (split(text, q)) {
        if (q.suffix.empty()) q.suffix = "ms";
        const bool known = std::ranges::find(duration_units, q.suffix, &unit::suffix) != duration_units.end();
        if (scale(q, duration_units, ms) && ms <= longest_ms) {
            return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
        }
        if (known) {
            return error(errc::invalid_input,
                         "\"" + printable(text, 40) + "\" is longer than a hundred years",
                         "The longest duration is 36525d.");
        }
    }
    return error(errc::invalid_input, "\"" + printable(text, 40) + "\" is no duration",
                 "Write 500ms, 30s, 5m, 1h or 7d, or a number of milliseconds.");
}

std::string format_duration(std::chrono::milliseconds value) {
    const auto ms = static_cast<std::uint64_t>(value.count());
    for (auto it = duration_units.rbegin() + 1; it != duration_units.rend(); ++it) {
        if (ms != 0 && ms % it->factor == 0) {
            return std::to_string(ms / it->factor) + std::string(it->suffix);
        }
    }
    return "0ms";
}

std::string format_uptime(std::chrono::seconds value) {
    const auto total = value.count();
    if (total < 60) return std::to_string(total) + "s";
    std::string text;
    if (total >= 86'400) text += std::to_string(total / 86'400) + "d ";
    if (total >= 3'600) text += std::to_string(total / 3'600 % 24) + "h ";
    return text + std::to_string(total / 60 % 60) + "m";
}

result<std::uint64_t> parse_size(std::string_view text) {
    quantity q;
    std::uint64_t bytes = 0;
    if (split(text, q) && scale(q, size_units, bytes)) return bytes;
    return error(errc::invalid_input, "\"" + printable(text, 40) + "\" is no size",
                 "Write 100m, 2g, 512KB, or a number of bytes.");
}

std::string format_size(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + "B";
    static constexpr std::array<const char*, 4> names{"KB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t i = 0;
    while (value >= 1024 && i + 1 < names.size()) {
        value /= 1024;
        ++i;
    }
    std::array<char, 32> text{};
    const bool whole = value >= 100 || value == static_cast<double>(static_cast<std::uint64_t>(value));
    std::snprintf(text.data(), text.size(), whole ? "%.0f%s" : "%.1f%s", value, names[i]);
    return text.data();
}

}  // namespace openclaw
