#pragma once

#include "openclaw/agents/turn_runner.hpp"
#include "routing/lane.hpp"

#include <string>
#include <string_view>

// How the end of a turn is written down.
namespace openclaw::routing {

// What run_row::outcome says of a failure, and of an answer; `from` may be null.
std::string error_outcome(const error& failure);
std::string outcome_text(std::string_view text, std::string_view stop_reason,
                         const agents::turn_outcome* from = nullptr);

error held_for_too_long();
error died_too_often(const queued& item);

}  // namespace openclaw::routing
