#pragma once

#include "openclaw/agents/directory.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/tools/tool.hpp"

#include <span>
#include <string>
#include <vector>

namespace openclaw::agents {

// One turn: what the agent knows and what it is asked.
struct turn_request {
    const agents::agent* agent = nullptr;
    std::optional<candidate> model;      // chosen for this turn: it alone, not the agent's candidates
    std::string session, run_id;
    principal who;
    std::span<const chat_message> history;   // oldest first; outlives the turn
    std::int64_t history_tokens = 0;     // no more than this by estimate_tokens; 0: not known
    std::vector<chat_message> asked;     // what the turn adds before its answer: the user's row, or
                                         // the results of a client's tools, perhaps with their calls
    std::vector<chat_message> done;      // rows of this turn that a crash left finished
    std::string extra_system;
    openclaw::sampling sampling;
    std::shared_ptr<const client_tools> client;   // may be null
};

// What the watchers of a turn see while it runs.
class turn_observer : public completion_observer {
public:
    virtual void on_tool_started(const tool_call& call) = 0;
    virtual void on_tool_ended(const tool_call& call, const tool_result& outcome) = 0;
};

// Keeps what is finished inside a turn. Awaited before the turn goes on.
class turn_journal {
public:
    virtual ~turn_journal() = default;
    // `row` is an assistant row that calls tools, or one tool's result.
    virtual task<result<void>> on_step(const chat_message& row) = 0;
    // What has come for the turn meanwhile, as rows that are kept already; asked for between the results
    // of tools and the next call of the model.
    virtual task<result<std::vector<chat_message>>> take_words() { co_return std::vector<chat_message>(); }
};

struct turn_outcome {
    std::vector<chat_message> rows;   // everything after what was asked; the last one is the answer,
                                      // or with `calls` one that calls tools, and their results
    std::vector<tool_call> calls;     // what the client has to run, and come back with the results
    token_usage usage;                // of all model calls
    std::string provider, model;      // of the last call
    std::string stop_reason;          // stop | length | refused | steps (max_steps reached) | toolUse
    std::string stop_sequence;        // with stop: which of the sequences ended the answer, if one did
};

// The loop model ↔ tools. Owns nothing of a turn between calls; any strand, many turns at once.
// Retries and falls back along the agent's candidates by the class of the error, never after a
// part of the answer was shown or a tool has run. How long a turn may take is its caller's affair:
// cancelling the awaiting coroutine ends it with `cancelled`.
class turn_runner {
public:
    turn_runner(const tools::registry& tools, const time_source& time, random_source& random,
                metrics::registry& metrics);
    ~turn_runner();

    task<result<turn_outcome>> run(const turn_request& request, turn_observer& observer,
                                   turn_journal& journal);

private:
    struct figures;
    const tools::registry& tools_;
    const time_source& time_;
    random_source& random_;
    std::unique_ptr<figures> figures_;
};

}  // namespace openclaw::agents
