#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/model/chat_message.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/model/tool.hpp"

#include <memory>
#include <string>
#include <vector>

namespace openclaw::tools {

// For whom a tool runs.
struct tool_context {
    std::string agent, session, run_id;
    principal who;
};

// One thing that a model may ask for.
class tool {
public:
    virtual ~tool() = default;
    virtual const tool_definition& definition() const = 0;
    // Whether a call that may have run already can be repeated after a crash.
    virtual bool repeatable() const = 0;
    // The text that the model gets. An error is shown to the model, it does not end the turn.
    virtual task<result<std::string>> invoke(const json& arguments, const tool_context& context) = 0;
};

// The tools of the process. Filled while the gateway is built, read-only afterwards.
class registry {
public:
    void add(std::unique_ptr<tool> t);
    tool* find(std::string_view name) const;
    const std::vector<tool_definition>& definitions() const { return definitions_; }

private:
    std::vector<std::unique_ptr<tool>> tools_;
    std::vector<tool_definition> definitions_;
};

// Runs one call of a model: parses its arguments, finds the tool, awaits it. Whatever goes wrong
// becomes a tool_result with is_error, so that the model can react.
task<tool_result> run_call(const registry& tools, const tool_call& call,
                           const tool_context& context);

// Tells date and time, in UTC or at a fixed offset. Harmless, always there.
std::unique_ptr<tool> make_time_tool(const time_source& time);

}  // namespace openclaw::tools
