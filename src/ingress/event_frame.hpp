#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/model/turn_event.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// One event, serialized once for all who hear it. Immutable.
struct event_frame {
    std::string name;
    std::string body;           // the frame without its end, which is each connection's own
    bool droppable = false;
    std::string row;            // the id of the message that it brings, if it does
    std::string cursor;         // of that, once it is stored (protocol.md §8, deltaCursor)
    // The new text of an answer, which stands last in `body`: of which run, and where it begins.
    std::string run;
    std::size_t text_at = 0;
};
using event_frame_ptr = std::shared_ptr<const event_frame>;

event_frame_ptr make_event(std::string_view name, const json& payload, bool droppable = false);
// `chat` with state "delta".
event_frame_ptr make_delta(const turn_event& e);
// The text of both as one frame, or null when they are not pieces of one answer.
event_frame_ptr join_deltas(const event_frame& first, const event_frame& second);

// What a client that lost its connection says it saw last: the place of a row, and which row it
// was, so that a conversation that began anew is noticed.
std::string cursor_of(const chat_message& row);
// The place that a cursor names; nothing when it is none.
std::optional<std::int64_t> place_of_cursor(std::string_view cursor);

}  // namespace openclaw::ingress
