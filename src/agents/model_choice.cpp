#include "agents/model_choice.hpp"

#include "agents/dialect.hpp"

namespace openclaw::agents {

namespace {

using config::provider_api;

config::model_settings model(std::string id, std::uint32_t window, std::uint32_t max_tokens) {
    config::model_settings m;
    m.id = std::move(id);
    m.context_window = window;
    m.max_tokens = max_tokens;
    return m;
}

std::optional<std::string> key_of(const known_provider& known, const environment& env) {
    if (known.key_variable.empty()) return std::nullopt;
    auto key = env(std::string(known.key_variable));
    if (key && key->empty()) return std::nullopt;
    return key;
}

bool is_spoken(provider_api api) {
    return api != provider_api::openai_responses && api != provider_api::google_generative_ai;
}

// The model that a provider of the configuration offers first, if it can be used at all.
std::optional<model_ref> first_model(const std::string& name,
                                     const config::provider_settings& settings) {
    if (unusable(name, settings) || !is_spoken(settings.api) || settings.api == provider_api::echo) {
        return std::nullopt;
    }
    if (!settings.models.empty()) return model_ref{name, settings.models.front().id};
    const auto* known = find_known(name);
    if (known == nullptr) return std::nullopt;
    return model_ref{name, known->model.id};
}

}  // namespace

const std::vector<known_provider>& known_providers() {
    // In the order in which they are looked for.
    static const std::vector<known_provider> all{
        {"anthropic", provider_api::anthropic_messages, "ANTHROPIC_API_KEY", "", 0,
         model("claude-sonnet-4-20250514", 200'000, 8192)},
        {"openai", provider_api::openai_completions, "OPENAI_API_KEY", "", 0,
         model("gpt-4o-mini", 128'000, 8192)},
        {"google", provider_api::google_generative_ai, "GEMINI_API_KEY", "", 0,
         model("gemini-2.5-flash", 1'000'000, 8192)},
        // Ollama cuts silently what does not fit the window that it was started with.
        {"ollama", provider_api::ollama, "", "", 11434, model("llama3.2", 8192, 2048)},
        {"lmstudio", provider_api::openai_completions, "", "http://127.0.0.1:1234/v1", 1234,
         model("local-model", 8192, 2048)},
        {"local", provider_api::echo, "", "", 0, model("echo", 128'000, 4096)},
    };
    return all;
}

const known_provider* find_known(std::string_view name) {
    if (name == "gemini") name = "google";
    for (const auto& known : known_providers()) {
        if (known.name == name) return &known;
    }
    return nullptr;
}

config::provider_settings settings_of(const known_provider& known, const environment& env) {
    config::provider_settings settings;
    settings.api = known.api;
    settings.base_url = known.base_url;
    if (auto key = key_of(known, env)) settings.api_keys.emplace_back(std::move(*key));
    return settings;
}

config::provider_settings complete(const std::string& name, config::provider_settings settings,
                                   const environment& env) {
    const auto* known = find_known(name);
    // Under another address a familiar name may mean anything, so it stays as it is written.
    if (known == nullptr || !settings.base_url.empty()) return settings;
    if (settings.api == provider_api::openai_completions) settings.api = known->api;
    if (settings.api != known->api) return settings;
    settings.base_url = known->base_url;
    auto key = key_of(*known, env);
    if (settings.api_keys.empty() && key) settings.api_keys.emplace_back(std::move(*key));
    return settings;
}

std::optional<error> unusable(const std::string& name, const config::provider_settings& settings) {
    if (!settings.base_url.empty() || settings.api == provider_api::echo ||
        settings.api == provider_api::ollama) {
        return std::nullopt;
    }
    const auto* known = find_known(name);
    if (known == nullptr && settings.api == provider_api::openai_completions) {
        return error(errc::config, "the provider " + name + " has no address",
                     "openclaw config set models.providers." + name + ".baseUrl URL");
    }
    if (!settings.api_keys.empty() || brings_header(settings, "authorization") ||
        brings_header(settings, "x-api-key")) {
        return std::nullopt;
    }
    std::string hint = "openclaw config set models.providers." + name + ".apiKey KEY";
    if (known != nullptr && !known->key_variable.empty()) {
        hint = "Set " + std::string(known->key_variable) + " and restart, or: " + hint;
    }
    return error(errc::auth_provider, "there is no key for the provider " + name, std::move(hint));
}

config::model_settings assumed_model(const std::string& id, std::string_view provider,
                                     config::provider_api api) {
    const auto* known = find_known(provider);
    config::model_settings m;
    if (known != nullptr && known->api == api) m = known->model;
    m.id = id;
    return m;
}

model_ref choose_model(const std::map<std::string, config::provider_settings>& configured,
                       const environment& env, const port_probe& probe,
                       std::vector<std::string>& notes) {
    for (const auto& [name, settings] : configured) {
        const auto found = first_model(name, complete(name, settings, env));
        if (!found) continue;
        notes.push_back("no model is chosen: taking " + found->str() + " of models.providers");
        return *found;
    }
    for (const auto& known : known_providers()) {
        if (configured.contains(std::string(known.name))) continue;
        const model_ref ref{std::string(known.name), known.model.id};
        if (key_of(known, env)) {
            if (is_spoken(known.api)) {
                notes.push_back("no model is chosen: taking " + ref.str() + " because " +
                                std::string(known.key_variable) + " is set");
                return ref;
            }
            notes.push_back(std::string(known.key_variable) +
                            " is set, but its API is not spoken by this version: skipped");
        }
        if (known.local_port != 0 && probe(known.local_port)) {
            notes.push_back("no model is chosen: taking " + ref.str() + " because port " +
                            std::to_string(known.local_port) + " of this machine answers");
            return ref;
        }
    }
    notes.push_back("no model is configured: the built-in local/echo answers. Set ANTHROPIC_API_KEY "
                    "or OPENAI_API_KEY, or: openclaw config set agents.defaults.model "
                    "anthropic/claude-sonnet-4-20250514");
    return {"local", "echo"};
}

}  // namespace openclaw::agents
