#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace openclaw {

using std::chrono::milliseconds;
using wall_time = std::chrono::system_clock::time_point;
using steady_time = std::chrono::steady_clock::time_point;

// Where time comes from. Everything that decides by time takes one, so that tests bring their own.
class time_source {
public:
    virtual ~time_source() = default;
    virtual wall_time wall() const = 0;
    virtual steady_time steady() const = 0;

    // Unix time in milliseconds, as the wire and the store use it.
    std::int64_t unix_ms() const {
        return std::chrono::duration_cast<milliseconds>(wall().time_since_epoch()).count();
    }
};

// The machine's clocks.
class system_time final : public time_source {
public:
    wall_time wall() const override { return std::chrono::system_clock::now(); }
    steady_time steady() const override { return std::chrono::steady_clock::now(); }
};

// A clock that moves only when told.
class manual_time final : public time_source {
public:
    wall_time wall() const override { return wall_time(milliseconds(1'700'000'000'000)) + passed_; }
    steady_time steady() const override { return steady_time(std::chrono::hours(1)) + passed_; }
    void advance(milliseconds by) { passed_ += by; }

private:
    milliseconds passed_{0};
};

// RFC 3339 in UTC with whole seconds: "2026-02-05T12:00:00Z".
std::string to_rfc3339(wall_time t);

}  // namespace openclaw
