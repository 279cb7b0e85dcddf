#pragma once

#include "openclaw/agents/directory.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::agents {

using environment = std::function<std::optional<std::string>(const std::string&)>;
using port_probe = std::function<bool(std::uint16_t port)>;

// A provider that needs no configuration but perhaps a key in the environment.
struct known_provider {
    std::string_view name;
    config::provider_api api;
    std::string_view key_variable;   // empty: needs no key
    std::string_view base_url;       // empty: the usual one of the API
    std::uint16_t local_port;        // 0: not on this machine
    config::model_settings model;    // what to talk to when nobody says
};

const std::vector<known_provider>& known_providers();
const known_provider* find_known(std::string_view name);

// The settings of a known provider, with its key if the environment has one.
config::provider_settings settings_of(const known_provider& known, const environment& env);
// Configured settings with what they leave open filled in from the known provider of that name.
config::provider_settings complete(const std::string& name, config::provider_settings settings,
                                   const environment& env);
// Nothing, or why no request can be made with these settings.
std::optional<error> unusable(const std::string& name, const config::provider_settings& settings);

// What is assumed of a model that no configuration describes.
config::model_settings assumed_model(const std::string& id, std::string_view provider,
                                     config::provider_api api);

// The model for agents that name none: the first that a configured provider lists, then
// product.md §5's order. Says in `notes` what it took and why.
model_ref choose_model(const std::map<std::string, config::provider_settings>& configured,
                       const environment& env, const port_probe& probe,
                       std::vector<std::string>& notes);

}  // namespace openclaw::agents
