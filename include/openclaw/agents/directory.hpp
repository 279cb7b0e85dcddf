#pragma once

#include "openclaw/agents/provider.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::agents {

// A model that a turn may use, with what is known of it.
struct candidate {
    agents::provider* provider = nullptr;
    model_ref ref;
    config::model_settings model;
};

// An agent, ready to run.
struct agent {
    std::string id;
    bool is_default = false;
    std::string system_prompt;
    std::vector<candidate> candidates;   // the primary model first, then the fallbacks
    error no_model;                      // what a turn ends with when there is no candidate
    std::uint32_t max_steps = 25;
    std::chrono::milliseconds turn_timeout{600'000};
    std::uint32_t max_concurrent = 0;    // turns at once; 0: no bound
};

// All agents and providers of one configuration. Immutable but for the preferred keys; a reload makes
// a new one.
class directory {
public:
    // Agents by configuration. With no list there is one agent, "main". With no model configured
    // the first of product.md §5's order is taken: ANTHROPIC_API_KEY, OPENAI_API_KEY,
    // GEMINI_API_KEY (not spoken yet: skipped with a notice), an Ollama or OpenAI-compatible server
    // on its usual loopback port (`probe` asks whether a port answers), local/echo.
    static std::unique_ptr<directory> build(
        const config::settings& settings, net::http_client& client,
        const std::function<std::optional<std::string>(const std::string&)>& environment,
        const std::function<bool(std::uint16_t port)>& probe);

    // nullptr: no such agent.
    const agent* find(std::string_view id) const;
    const agent& default_agent() const;
    const std::vector<agent>& all() const { return agents_; }

    // A configured model by "provider/model"; a provider that lists no models takes any id.
    std::optional<candidate> find_model(const model_ref& ref) const;
    // The model that a client or a session names: "provider/model", or the id alone of one of
    // models(). Why it cannot be used is in the error.
    result<candidate> model_named(std::string_view name) const;
    std::vector<model_ref> models() const;
    // The settings behind a provider, for requests that pass through as they are.
    const config::provider_settings* provider_settings(std::string_view name) const;
    // Which of a configured provider's keys such a request tries first: the one that worked last.
    std::atomic<std::size_t>& preferred_key(const std::string& provider) const;
    // Whether a real model is behind the default agent, not local/echo.
    bool configured() const;
    // What was chosen and why, one line each, for the start log.
    const std::vector<std::string>& notes() const { return notes_; }

private:
    directory() = default;
    void add_provider(const std::string& name, const config::provider_settings& settings,
                      net::http_client& client);
    void add_agent(const config::agent_settings& own, const config::model_choice& models);
    // Why a model cannot be used is in the error.
    result<candidate> resolve(const model_ref& ref) const;

    std::map<std::string, config::provider_settings, std::less<>> settings_;
    std::map<std::string, std::unique_ptr<provider>, std::less<>> providers_;
    mutable std::map<std::string, std::atomic<std::size_t>> preferred_keys_;
    std::vector<agent> agents_;
    std::vector<std::string> notes_;
};

}  // namespace openclaw::agents
