#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/model/chat_message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace openclaw::store {
struct session_row;
}

namespace openclaw {

// Which run an event belongs to; shared by all its events.
struct run_identity {
    std::string run_id;
    std::string session;             // canonical key
    std::string agent;
};

// The answer of a turn in progress, as far as it has come. Any thread.
class answer_so_far {
public:
    virtual ~answer_so_far() = default;
    virtual std::string text() const = 0;
};

// What happens during a turn, as those who watch it see it. Exactly one of final, aborted and
// failed ends a run.
struct turn_event {
    enum class kind : std::uint8_t {
        accepted,      // in the inbox, before anything of its turn; for the gateway's observer alone
        started,       // `message` is the user's, when somebody watches
        delta,         // `text` is the new part of the answer
        tool_started,  // `call`
        tool_ended,    // `call`, `text` is the result
        final,         // `message` is the whole answer; with `calls` the client goes on
        aborted,       // `message` is what there was of it
        failed,        // `failure`; `message` is the row that says so, if one is stored
    };

    kind what = kind::started;
    std::shared_ptr<const run_identity> run;
    std::int64_t seq = 0;            // counts the events of the turn, from 1; 0: accepted
    std::int64_t at_ms = 0;
    std::int64_t started_ms = 0;     // of the run; 0: it has not begun
    std::shared_ptr<const answer_so_far> so_far;  // of the run; null: it has not begun
    std::string text;
    tool_call call;
    bool is_error = false;           // tool_ended
    chat_message message;            // all but the accepted; seq is 0 when it is not stored
    std::vector<chat_message> rows;  // final: what nobody was told of yet, `message` among it
    // As it is after what the event tells; null: nobody watches, or the store did not say.
    std::shared_ptr<const store::session_row> session;
    std::string emptied;             // "new" or "reset" in the first event after the session was emptied
    std::string stop_reason;         // aborted: rpc | stop; final: stop | length | toolUse | …
    std::string stop_sequence;       // final with stop: which one it was, if the service tells
    std::vector<tool_call> calls;    // final with toolUse: those that the client has to run
    token_usage usage;               // final
    error failure;                   // failed

    // Nothing of its run comes after it.
    bool is_end() const {
        return what == kind::final || what == kind::aborted || what == kind::failed;
    }
};

using turn_event_ptr = std::shared_ptr<const turn_event>;

// Where the answer of one message goes. Called in order on the session's strand; it must not
// block: it hands the event to a bounded queue or drops it.
class reply_sink {
public:
    virtual ~reply_sink() = default;
    virtual void on_event(const turn_event_ptr& event) = 0;
    // Whether anybody looks at `delta` events; when nobody does they are not made.
    virtual bool wants_deltas() const { return true; }
};

}  // namespace openclaw
