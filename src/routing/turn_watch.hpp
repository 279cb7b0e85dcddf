#pragma once

#include "openclaw/agents/turn_runner.hpp"
#include "openclaw/core/clock.hpp"
#include "routing/lane.hpp"

namespace openclaw::routing {

// Turns what happens inside a turn into events for its sink and for the gateway's observer, in
// order. Lives for one turn, on the lane's strand.
class turn_watch final : public agents::turn_observer {
public:
    turn_watch(std::shared_ptr<const run_identity> run, std::shared_ptr<reply_sink> sink,
               std::shared_ptr<reply_sink> observer, std::shared_ptr<live_turn> live,
               const time_source& time);

    void on_text(std::string_view delta) override;
    void on_tool_started(const tool_call& call) override;
    void on_tool_ended(const tool_call& call, const tool_result& outcome) override;

    // Sends an event that the caller has filled in; run, seq and time are added.
    void emit(turn_event event);

private:
    std::shared_ptr<const run_identity> run_;
    std::shared_ptr<reply_sink> sink_;
    std::shared_ptr<reply_sink> observer_;
    std::shared_ptr<live_turn> live_;
    const time_source& time_;
    std::int64_t seq_ = 0;
};

}  // namespace openclaw::routing
