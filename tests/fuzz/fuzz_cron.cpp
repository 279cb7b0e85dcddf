#include "openclaw/routing/cron_expression.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What is read comes again and again, each time strictly later and in a minute that fits, or at the end
// of a gap; what is refused says why and what to write.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw::routing;
    using namespace std::chrono;
    const auto cron = cron_expression::parse(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!cron) {
        if (cron.error().message.empty() || cron.error().hint.empty()) std::abort();
        return 0;
    }
    static const auto zone = time_zone::find("Europe/Berlin").value();
    const sys_seconds start(seconds(1'774'742'400 + static_cast<std::int64_t>(size) * 7'000'000));
    auto t = start;
    for (int i = 0; i < 8; ++i) {
        const auto next = cron->next_after(t, zone);
        if (!next) std::abort();   // far from the year 9999
        if (*next <= t) std::abort();
        if (cron->next_after(*next - seconds(1), zone) != next) std::abort();
        const bool after_gap = zone.last_change(*next)->at == *next;
        if (!after_gap && !cron->matches(local_seconds(next->time_since_epoch() + zone.offset(*next)))) {
            std::abort();
        }
        t = *next;
    }
    return 0;
}
