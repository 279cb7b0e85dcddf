#pragma once

#include "ingress/errors.hpp"
#include "ingress/routes.hpp"
#include "openclaw/agents/relay.hpp"

namespace openclaw::ingress {

// Hands the request's body to the provider behind `ref` and its response back as it comes, whole or
// as a stream, until the client hangs up; with that the connection to the provider ends. Errors of
// the gateway's own are told in `shape`.
task<http_answer> pass_through(http_call& call, agents::model_ref ref, agents::relayed_api api,
                               error_shape shape);

// The configured model that `name` stands for; nothing when there is none.
std::optional<agents::model_ref> provider_model(const http_call& call, std::string_view name);

}  // namespace openclaw::ingress
