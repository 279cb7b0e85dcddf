#pragma once

#include "ingress/methods.hpp"
#include "ingress/routes.hpp"

namespace openclaw::ingress {

// Calls a method for an HTTP request whose caller has the scope for it. A slow one ends when the
// client hangs up, as it does on a WebSocket. A first answer (method `agent`) is the result.
// Errors: the method's, and invalid_input for a method that needs a WebSocket. `refusal` becomes what
// the method says of its error besides, as method_call has it; it outlives the call.
task<result<json>> call_operation(http_call& call, const method& m, json params, json& refusal);

}  // namespace openclaw::ingress
