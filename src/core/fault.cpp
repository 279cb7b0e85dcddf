#include "openclaw/core/fault.hpp"

#ifdef OPENCLAW_FAULT_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace openclaw {

namespace {

struct plan {
    int at = 0;      // 0: nothing is asked for
    int nth = 1;
    std::string text;
    int trace = -1;  // the file, open as long as the process lives
};

plan read_plan() {
    plan p;
    if (const char* file = std::getenv("OPENCLAW_FAULT_TRACE")) {
        p.trace = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    const char* asked = std::getenv("OPENCLAW_FAULT");
    if (asked == nullptr) return p;
    const std::string_view all(asked);
    const auto* end = all.data() + all.size();
    const auto first = std::from_chars(all.data(), end, p.at);
    if (first.ptr != end && *first.ptr == ':') std::from_chars(first.ptr + 1, end, p.nth);
    if (const char* text = std::getenv("OPENCLAW_FAULT_TEXT")) p.text = text;
    return p;
}

}  // namespace

void fault_point(fault at, std::string_view about) {
    static const plan asked = read_plan();
    static std::atomic<int> seen{0};
    if (asked.trace >= 0) {
        const auto line = std::to_string(static_cast<int>(at)) + " " + std::string(about) + "\n";
        if (write(asked.trace, line.data(), line.size()) < 0) std::abort();
    }
    if (static_cast<int>(at) != asked.at) return;
    if (!asked.text.empty() && about.find(asked.text) == std::string_view::npos) return;
    if (++seen == asked.nth) std::raise(SIGKILL);
}

}  // namespace openclaw

#endif
