#pragma once

#include <cstdint>
#include <string_view>

namespace openclaw {

// Places on the way of a message where a test ends the process, as kill -9 would. They are there in
// builds with OPENCLAW_FAULT_POINTS alone, and do something only if the environment asks for it:
// OPENCLAW_FAULT=<number>[:<nth>] dies at this place, the nth time (1) it is reached;
// OPENCLAW_FAULT_TEXT counts only what is about this text; OPENCLAW_FAULT_TRACE names a file that gets
// a line "<number> <about>" whenever one of these places is reached.
enum class fault : std::uint8_t {
    accepting = 1,      // a message has come in; nothing is on disk
    accepted = 2,       // it is committed; its sender has not been told
    turn_begins = 3,    // the attempt is noted
    step_begins = 4,    // a model's row with tool calls, or a tool's result, is not kept yet
    step_kept = 5,
    turn_ends = 6,      // the answer is there; nothing of it is on disk
    turn_committed = 7, // nobody has been told of the answer
    reply_goes = 8,     // a channel is about to send
    reply_gone = 9,     // it has sent; that is not on record
    reply_recorded = 10,
};
inline constexpr int fault_count = 10;

// `about`: the text of the message, or the id of the reply.
#ifdef OPENCLAW_FAULT_POINTS
void fault_point(fault at, std::string_view about);
#else
inline void fault_point(fault, std::string_view) {}
#endif

}  // namespace openclaw
