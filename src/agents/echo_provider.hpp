#pragma once

#include "openclaw/agents/provider.hpp"

namespace openclaw::agents {

// The built-in model `local/echo`: says back what it hears, at once and without a network, so that
// a fresh machine runs the whole pipeline. At the start of a conversation it tells how to configure
// a real model; "/time" asks for the `time` tool when that is offered. No state, any strand.
class echo_provider final : public provider {
public:
    std::string_view api() const override { return "echo"; }
    task<result<completion>> complete(const completion_request& request,
                                      completion_observer& observer) override;
};

}  // namespace openclaw::agents
