#include "app/reload_parts.hpp"

#include <array>

namespace openclaw::app {

namespace {

struct holding {
    std::string_view prefix;
    part who;
};

// The longest prefix that fits comes first.
constexpr std::array holdings{
    holding{"gateway.network", part::clients},
    holding{"gateway.auth", part::clients},
    holding{"gateway.sessions", part::routing},
    holding{"gateway.logging.audit", part::clients},
    holding{"gateway.logging", part::logging},
    holding{"gateway.monitoring", part::clients},
    holding{"models", part::agents},
    holding{"agents", part::agents},
    holding{"bindings", part::routing},
    holding{"hooks", part::clients},
    holding{"cron", part::jobs},
};

bool lies_below(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return false;
    path.remove_prefix(prefix.size());
    return path.empty() || path.front() == '.' || path.front() == '[';
}

}  // namespace

std::set<part> parts_of(std::string_view path) {
    for (const auto& h : holdings) {
        if (lies_below(path, h.prefix)) return {h.who};
    }
    // A block that was added or taken away as a whole.
    std::set<part> all;
    for (const auto& h : holdings) {
        if (path.empty() || lies_below(h.prefix, path)) all.insert(h.who);
    }
    return all;
}

std::set<part> parts_of(const std::vector<std::string>& paths) {
    std::set<part> all;
    for (const auto& path : paths) all.merge(parts_of(path));
    return all;
}

}  // namespace openclaw::app
