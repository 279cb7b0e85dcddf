#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/model/turn_event.hpp"

#include <mutex>
#include <unordered_map>
#include <vector>

namespace openclaw::ingress {

// One `agent` event (protocol.md §6.4).
struct agent_event {
    json payload;
    bool for_tool_watchers = false;   // for sockets with the cap tool-events alone
    bool droppable = false;
};

// Makes the `agent` events of turns. Each event of the assistant repeats the whole text, so new
// text waits until the last event is a while ago: what is sent stays in proportion to the time, not
// to the square of the answer. Any thread; the events of one run come in order.
class agent_stream {
public:
    // What is to be sent because of `e`, in order.
    std::vector<agent_event> step(const turn_event& e);
    // Nobody listens to this run any more.
    void forget(const turn_event& e);

private:
    struct pace {
        std::int64_t sent_ms = 0;    // when text was sent last
        std::int64_t seq = 0;        // of the newest text that waits
        std::string waiting;
    };
    std::string text_due(const turn_event& e, std::int64_t& seq);

    std::mutex mutex_;
    std::unordered_map<const run_identity*, pace> paces_;   // runs in progress
};

}  // namespace openclaw::ingress
