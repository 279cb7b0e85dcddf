#pragma once

#include "ingress/client_request.hpp"
#include "ingress/routes.hpp"
#include "openclaw/agents/relay.hpp"

namespace openclaw::ingress {

// What one of the model APIs over HTTP does in its own way.
struct model_api {
    agents::relayed_api relayed;          // how a request for a provider's model goes on
    error_shape shape;
    result<client_request> (*parse)(json_view body);
    // Answers a request to an agent; empty: the default one.
    task<http_answer> (*answer)(http_call& call, client_request request, std::string agent);
    int unknown_model_status;
    std::string_view unknown_model;       // what is said of a model that is neither
};

// One request to such an API.
task<http_answer> serve_model_api(http_call& call, const model_api& api);

inline constexpr std::string_view invalid_model =
    "Invalid `model`. Use `openclaw`, `openclaw/<agentId>` or a configured `provider/model`.";

}  // namespace openclaw::ingress
