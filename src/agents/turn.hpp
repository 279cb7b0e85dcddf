#pragma once

#include "agents/turn_figures.hpp"
#include "agents/turn_state.hpp"
#include "openclaw/agents/turn_runner.hpp"

#include <span>
#include <string>
#include <vector>

namespace openclaw::agents {

class call_watch;
struct window_budget;

// One turn while it runs: the coroutine that moves, with turn_state and the window deciding. Lives
// in the frame of turn_runner::run, on the strand of whoever awaits that.
class turn {
public:
    struct parts {
        const tools::registry& tools;
        const time_source& time;
        random_source& random;
        turn_figures& figures;
    };

    turn(const turn_request& request, turn_observer& observer, turn_journal& journal, parts with);

    // Ways out: an answer without calls; calls of the client's tools, once those of the agent's own
    // in the same answer have run; max_steps model calls; an error that turn_state gives up
    // on; a journal that does not keep a step; cancellation.
    task<result<turn_outcome>> run();

private:
    task<result<turn_outcome>> loop();
    void offer(const client_tools& theirs);
    std::vector<tool_call> without_clients(std::vector<tool_call> calls) const;
    std::vector<tool_call> calls_for_client() const;
    task<result<void>> finish_interrupted();
    task<result<chat_message>> ask();
    task<result<completion>> call_model(call_watch& watch);
    task<result<void>> run_tools(std::vector<tool_call> calls);
    task<tool_result> run_tool(const tool_call& call);
    task<result<void>> keep(chat_message row);
    task<result<void>> hear();

    void complete(chat_message& row) const;
    bool fits_whole(const window_budget& budget) const;
    conversation fitting(const config::model_settings& model, std::int64_t max_tokens) const;
    std::span<const chat_message> own_rows() const;
    std::uint32_t steps_done() const;
    const candidate& current() const;
    turn_outcome outcome(std::string stop_reason);
    turn_outcome stopped_by_steps();

    const turn_request& request_;
    turn_observer& observer_;
    turn_journal& journal_;
    parts with_;
    turn_state state_;
    std::vector<tool_definition> offered_;       // with a client's tools: all of them
    std::span<const tool_definition> tools_;
    tool_choice choice_;
    std::string system_;
    std::string stop_sequence_;          // of the last answer, as its service tells
    std::span<const chat_message> before_;   // the history, where it can be sent as it lies there
    std::vector<chat_message> context_;  // the history else, what was asked, the rows of this turn
    std::size_t history_ = 0;            // rows of context_ that come before the last user's
    std::size_t own_ = 0;                // where the rows of this turn begin
};

}  // namespace openclaw::agents
