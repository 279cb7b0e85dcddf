#pragma once

#include "ingress/answer_writer.hpp"
#include "ingress/client_request.hpp"
#include "ingress/routes.hpp"

namespace openclaw::ingress {

// How the requests of one API find their conversation.
struct run_options {
    std::string agent;                    // empty: the default one
    std::string_view family = "openai";   // stands in the names of the sessions that are made
    std::string session;                  // canonical; empty: by header, by user, or a fresh one
    std::string after_run;                // with `session`: the run in it to go on from
    milliseconds patience{10'000};        // how long a stream without a sign of its turn waits to begin
};

// Runs an agent on the request and answers in the words of `writer`, as a whole or as a stream.
// A client that hangs up stops the turn. `writer` outlives the call.
task<http_answer> run_agent(http_call& call, client_request request, run_options options,
                            answer_writer& writer);

// 415 for a body with a content coding; nothing for one that can be read.
http_answer refuse_coded_body(const http_call& call, error_shape shape);

}  // namespace openclaw::ingress
