#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace openclaw {

// What a message does that comes while its session is busy (protocol.md §6.5).
enum class queue_mode : std::uint8_t {
    followup,    // waits for a turn of its own
    collect,     // waits, and shares one turn with those that wait beside it
    steer,       // goes into the turn in progress before its next call of the model; too late, it waits
    interrupt,   // stops the turn in progress
};

inline constexpr std::array<std::string_view, 4> queue_mode_names{"followup", "collect", "steer",
                                                                  "interrupt"};

constexpr std::string_view name_of(queue_mode m) {
    return queue_mode_names[static_cast<std::size_t>(m)];
}
// Nothing: there is no such mode.
constexpr std::optional<queue_mode> queue_mode_from(std::string_view name) {
    for (std::size_t i = 0; i < queue_mode_names.size(); ++i) {
        if (queue_mode_names[i] == name) return static_cast<queue_mode>(i);
    }
    return std::nullopt;
}

}  // namespace openclaw
