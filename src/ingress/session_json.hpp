#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/store/store.hpp"

namespace openclaw::ingress {

// A SessionRow (protocol.md §8): what the store knows of the session and what runs in it now.
json session_json(const store::session_row& s, const routing::router& router);
// The short form, for overviews: key, kind, updatedAt.
json session_brief(const store::session_row& s);

// What a session of this agent answers with while nothing else is said: modelProvider, model,
// contextTokens; an empty object for an agent that is not configured.
json session_defaults(const agents::directory& agents, const std::string& agent);

// What a client asks for besides the row itself; each costs a look into the transcript.
struct row_extras {
    bool title = false;          // derivedTitle: of the first thing that was said
    bool last_message = false;   // lastMessagePreview
};
// Adds them to `row`, the SessionRow of `s`. Errors: the store's.
task<result<json>> with_extras(json row, const store::session_row& s, row_extras extras,
                               store::store& from);

}  // namespace openclaw::ingress
