#include "openclaw/tools/tool.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace openclaw::tools {

namespace {

// The farthest that a zone on Earth is from UTC.
constexpr std::int64_t max_offset = 14 * 60;

std::string offset_text(std::int64_t minutes) {
    if (minutes == 0) return "Z";
    std::array<char, 16> text{};
    const auto m = static_cast<int>(std::abs(minutes));
    std::snprintf(text.data(), text.size(), "%c%02d:%02d", minutes < 0 ? '-' : '+', m / 60, m % 60);
    return text.data();
}

std::string describe(wall_time now, std::int64_t offset_minutes) {
    static constexpr std::array<const char*, 7> days{
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    const auto shifted = now + std::chrono::minutes(offset_minutes);
    std::string text = to_rfc3339(shifted);
    text.pop_back();  // the Z
    const std::time_t seconds = std::chrono::system_clock::to_time_t(shifted);
    std::tm fields{};
    gmtime_r(&seconds, &fields);
    return text + offset_text(offset_minutes) + " (" +
           days[static_cast<std::size_t>(fields.tm_wday)] + ")";
}

tool_definition time_definition() {
    return {"time",
            "Tells the current date, time and weekday, in UTC or at an offset from it.",
            json{{"type", "object"},
             {"properties",
              {{"utc_offset_minutes",
                {{"type", "integer"},
                 {"minimum", -max_offset},
                 {"maximum", max_offset},
                 {"description", "Minutes east of UTC, 120 for UTC+2; 0 when left out."}}}}},
             {"additionalProperties", false}}};
}

class time_tool final : public tool {
public:
    explicit time_tool(const time_source& time) : time_(time) {}

    const tool_definition& definition() const override { return definition_; }
    bool repeatable() const override { return true; }

    task<result<std::string>> invoke(const json& arguments, const tool_context&) override {
        std::int64_t offset = 0;
        if (openclaw::find(arguments, "utc_offset_minutes") != nullptr) {
            const auto wanted = find_int(arguments, "utc_offset_minutes");
            if (!wanted || *wanted < -max_offset || *wanted > max_offset) {
                co_return error(errc::invalid_input,
                                "utc_offset_minutes is a whole number from -840 to 840");
            }
            offset = *wanted;
        }
        co_return describe(time_.wall(), offset);
    }

private:
    const time_source& time_;
    const tool_definition definition_ = time_definition();
};

}  // namespace

std::unique_ptr<tool> make_time_tool(const time_source& time) {
    return std::make_unique<time_tool>(time);
}

}  // namespace openclaw::tools
