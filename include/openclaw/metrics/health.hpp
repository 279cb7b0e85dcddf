#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace openclaw::metrics {

enum class health { healthy, degraded, unhealthy };
std::string_view name_of(health h);

// What each part of the gateway says of itself. Any thread; the parts set, /health reads.
class health_board {
public:
    struct entry {
        health state = health::healthy;
        std::string reason;  // why it is not healthy; shown in detail only
    };

    void set(const std::string& component, health state, std::string reason = {});
    entry get(const std::string& component) const;
    std::map<std::string, entry> all() const;
    // The worst of all.
    health overall() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, entry> entries_;
};

}  // namespace openclaw::metrics
