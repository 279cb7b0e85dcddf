#include "openclaw/routing/time_zone.hpp"

#include "openclaw/core/encoding.hpp"

#include <cctz/time_zone.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

namespace openclaw::routing {

using std::chrono::seconds;
using std::chrono::sys_seconds;

struct time_zone::rules {
    cctz::time_zone zone;
};

namespace {

constexpr std::size_t longest_name = 64;

cctz::time_point<cctz::seconds> to_cctz(sys_seconds t) {
    return cctz::time_point<cctz::seconds>(cctz::seconds(t.time_since_epoch().count()));
}

// A path below the database's folder that cannot leave it.
bool is_plain(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '+' || c == '-' || c == '/';
    };
    return !name.empty() && name.size() <= longest_name && name.front() != '/' &&
           std::all_of(name.begin(), name.end(), allowed);
}

// cctz remembers each name that it was ever asked for, so that it is asked only for those that exist.
bool exists(std::string_view name) {
    const char* folder = std::getenv("TZDIR");
    std::string path = folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
    path.append("/").append(name);
    std::ifstream file(path, std::ios::binary);
    std::array<char, 4> magic{};
    file.read(magic.data(), magic.size());
    return file && std::string_view(magic.data(), magic.size()) == "TZif";
}

}  // namespace

result<time_zone> time_zone::find(std::string_view name) {
    auto found = std::make_shared<rules>();
    if (name.empty()) {
        found->zone = cctz::local_time_zone();
    } else if (name == "UTC") {
        found->zone = cctz::utc_time_zone();
    } else if (!is_plain(name) || !exists(name) ||
               !cctz::load_time_zone(std::string(name), &found->zone)) {
        return error(errc::invalid_input, "there is no time zone \"" + printable(name, 64) + "\"",
                     "Write a name of the IANA database with its capitals, as Europe/Berlin or UTC; the "
                     "names that this machine knows are the files below /usr/share/zoneinfo (package "
                     "tzdata).");
    }
    return time_zone(std::string(name), std::move(found));
}

seconds time_zone::offset(sys_seconds at) const {
    return seconds(rules_->zone.lookup(to_cctz(at)).offset);
}

// The database also has changes of the name alone; they are passed over.

std::optional<time_zone::change> time_zone::next_change(sys_seconds after) const {
    cctz::time_zone::civil_transition step;
    while (rules_->zone.next_transition(to_cctz(after), &step)) {
        const sys_seconds at(rules_->zone.lookup(step.to).trans.time_since_epoch());
        if (at <= after) return std::nullopt;
        const change found{at, offset(at - seconds(1)), offset(at)};
        if (found.before != found.after) return found;
        after = at;
    }
    return std::nullopt;
}

std::optional<time_zone::change> time_zone::last_change(sys_seconds at) const {
    cctz::time_zone::civil_transition step;
    // cctz looks for what is earlier, not for what is now.
    while (rules_->zone.prev_transition(to_cctz(at + seconds(1)), &step)) {
        const sys_seconds then(rules_->zone.lookup(step.to).trans.time_since_epoch());
        if (then > at) return std::nullopt;
        const change found{then, offset(then - seconds(1)), offset(then)};
        if (found.before != found.after) return found;
        at = then - seconds(1);
    }
    return std::nullopt;
}

}  // namespace openclaw::routing
