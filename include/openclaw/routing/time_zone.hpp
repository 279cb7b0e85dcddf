#pragma once

#include "openclaw/core/error.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace openclaw::routing {

// The rules of one zone of the system's time zone database, some 40 KB that are read when the zone is
// first asked for and stay for the process: an update of the database takes effect at a restart. A
// small value, free to copy and to use from any thread.
class time_zone {
public:
    // An IANA name, "Europe/Berlin"; an empty one is the machine's own zone. The first call for a name
    // reads a small file. Errors: invalid_input.
    static result<time_zone> find(std::string_view name);

    // As it was asked for.
    const std::string& name() const { return name_; }
    // What is added to UTC at `at`.
    std::chrono::seconds offset(std::chrono::sys_seconds at) const;

    // The moment from which on another offset holds.
    struct change {
        std::chrono::sys_seconds at;
        std::chrono::seconds before;
        std::chrono::seconds after;
    };
    // The first one later than `after`.
    std::optional<change> next_change(std::chrono::sys_seconds after) const;
    // The last one at or before `at`.
    std::optional<change> last_change(std::chrono::sys_seconds at) const;

private:
    struct rules;
    time_zone(std::string name, std::shared_ptr<const rules> r)
        : name_(std::move(name)), rules_(std::move(r)) {}

    std::string name_;
    std::shared_ptr<const rules> rules_;
};

}  // namespace openclaw::routing
