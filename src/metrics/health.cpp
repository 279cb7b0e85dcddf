#include "openclaw/metrics/health.hpp"

#include <algorithm>
#include <utility>

namespace openclaw::metrics {

std::string_view name_of(health h) {
    switch (h) {
    case health::healthy: return "healthy";
    case health::degraded: return "degraded";
    case health::unhealthy: break;
    }
    return "unhealthy";
}

void health_board::set(const std::string& component, health state, std::string reason) {
    std::lock_guard lock(mutex_);
    entries_[component] = {state, std::move(reason)};
}

health_board::entry health_board::get(const std::string& component) const {
    std::lock_guard lock(mutex_);
    const auto it = entries_.find(component);
    return it == entries_.end() ? entry{} : it->second;
}

std::map<std::string, health_board::entry> health_board::all() const {
    std::lock_guard lock(mutex_);
    return entries_;
}

health health_board::overall() const {
    std::lock_guard lock(mutex_);
    auto worst = health::healthy;
    for (const auto& [component, e] : entries_) worst = std::max(worst, e.state);
    return worst;
}

}  // namespace openclaw::metrics
