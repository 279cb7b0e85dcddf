#include "openclaw/core/descriptor_room.hpp"

#include "openclaw/core/descriptor.hpp"

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <algorithm>
#include <climits>

namespace openclaw {

namespace {

constexpr int most_kept = 512;

int read_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return INT_MAX;
    return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, INT_MAX));
}

// The number that the next one would have; INT_MAX when there is none.
int next_descriptor() {
    const descriptor probe(eventfd(0, EFD_CLOEXEC));
    return probe ? probe.get() : INT_MAX;
}

}  // namespace

descriptor_marks mark_descriptors(int limit, int next) {
    const int kept = std::clamp((limit - std::min(next, limit)) / 4, 0, most_kept);
    return {limit - kept, limit - kept / 2};
}

descriptor_room::descriptor_room()
    : limit_(read_limit()), marks_(mark_descriptors(limit_, next_descriptor())) {}

bool descriptor_room::has_place(bool mine) const {
    return next_descriptor() < (mine ? marks_.mine : marks_.clients);
}

}  // namespace openclaw
