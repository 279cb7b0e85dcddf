#include "openclaw/agents/provider.hpp"

#include "agents/echo_provider.hpp"
#include "agents/http_provider.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::agents {

namespace {

using config::provider_api;

// Stands in for an API that the configuration knows and this version does not speak.
class silent_provider final : public provider {
public:
    silent_provider(std::string name, std::string_view api) : name_(std::move(name)), api_(api) {}

    std::string_view api() const override { return api_; }
    task<result<completion>> complete(const completion_request&, completion_observer&) override {
        co_return error(errc::rejected,
                        name_ + ": the API " + std::string(api_) + " is not spoken by this version",
                        "Use anthropic-messages, openai-completions or ollama for models.providers." +
                            name_ + ".api.");
    }

private:
    const std::string name_;
    const std::string_view api_;
};

}  // namespace

std::unique_ptr<provider> make_provider(const std::string& name,
                                        const config::provider_settings& settings,
                                        net::http_client& client) {
    switch (settings.api) {
    case provider_api::anthropic_messages:
        return std::make_unique<http_provider>(name, settings, make_anthropic_dialect, client);
    case provider_api::openai_completions:
    case provider_api::ollama:
        return std::make_unique<http_provider>(name, settings, make_openai_dialect, client);
    case provider_api::openai_responses:
        return std::make_unique<silent_provider>(name, "openai-responses");
    case provider_api::google_generative_ai:
        return std::make_unique<silent_provider>(name, "google-generative-ai");
    case provider_api::echo: break;
    }
    return std::make_unique<echo_provider>();
}

result<model_ref> parse_model_ref(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
        return error(errc::invalid_input, "\"" + printable(text, 128) + "\" names no model",
                     "Write provider/model, as in anthropic/claude-sonnet-4-20250514.");
    }
    return model_ref{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

}  // namespace openclaw::agents
