#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/client_tools.hpp"
#include "openclaw/model/conversation.hpp"
#include "openclaw/model/inbound.hpp"
#include "openclaw/net/http_client.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::agents {

// One call of a model. Everything it points to outlives the call.
struct completion_request {
    std::string model;                        // the id that the provider knows
    std::string system;
    conversation messages;                    // ends with a user or tool row
    std::span<const tool_definition> tools;
    tool_choice choice;                       // among `tools`
    openclaw::sampling sampling;
    std::int64_t max_tokens = 4096;
};

// What arrives while the model speaks. Called on the awaiting coroutine's executor.
class completion_observer {
public:
    virtual ~completion_observer() = default;
    virtual void on_text(std::string_view delta) = 0;
    virtual void on_thinking(std::string_view) {}
};

// The finished answer: an assistant row (text, thinking, tool calls; provider, model, usage and
// stop_reason set).
struct completion {
    chat_message message;
    std::string stop_sequence{};   // the one that ended it, where the service tells
};

// A model service. Stateless between calls; any strand. Errors are classes of
// integrations.md B6: auth_provider, billing, rate_limited, overloaded, timed_out, network, tls,
// protocol (truncated or malformed stream), context_overflow, refused, rejected, not_found (no
// such model), cancelled. `retry_after` carries what the service asked for.
// Cancelling the awaiting coroutine closes the connection.
class provider {
public:
    virtual ~provider() = default;
    virtual std::string_view api() const = 0;
    virtual task<result<completion>> complete(const completion_request& request,
                                              completion_observer& observer) = 0;
};

// Builds the provider for `settings`. `client` outlives it.
std::unique_ptr<provider> make_provider(const std::string& name,
                                        const config::provider_settings& settings,
                                        net::http_client& client);

// A model by name: "provider/model".
struct model_ref {
    std::string provider_name;
    std::string model;
    std::string str() const { return provider_name + "/" + model; }
};
result<model_ref> parse_model_ref(std::string_view text);

}  // namespace openclaw::agents
