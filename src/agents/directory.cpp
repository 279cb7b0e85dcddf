#include "openclaw/agents/directory.hpp"

#include "agents/model_choice.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

constexpr std::string_view default_prompt =
    "You are openclaw, a helpful assistant. Answer in the language of the user, to the point.";

std::vector<std::string> models_named_in(const config::settings& settings) {
    std::vector<std::string> names;
    const auto take = [&](const config::model_choice& choice) {
        if (!choice.primary.empty()) names.push_back(choice.primary);
        names.insert(names.end(), choice.fallbacks.begin(), choice.fallbacks.end());
    };
    take(settings.agents.defaults.model);
    for (const auto& a : settings.agents.list) take(a.model);
    return names;
}

bool some_agent_names_none(const config::settings& settings) {
    if (!settings.agents.defaults.model.primary.empty()) return false;
    const auto& list = settings.agents.list;
    return list.empty() ||
           std::ranges::any_of(list, [](const auto& a) { return a.model.primary.empty(); });
}

}  // namespace

std::unique_ptr<directory> directory::build(const config::settings& settings,
                                            net::http_client& client, const environment& env,
                                            const port_probe& probe) {
    std::unique_ptr<directory> made(new directory);
    for (const auto& [name, own] : settings.providers) {
        made->add_provider(name, complete(name, own, env), client);
    }
    auto defaults = settings.agents.defaults.model;
    auto named = models_named_in(settings);
    if (some_agent_names_none(settings)) {
        defaults.primary = choose_model(settings.providers, env, probe, made->notes_).str();
        named.push_back(defaults.primary);
    }
    // A known provider is there when somebody names it, or when its key is.
    for (const auto& known : known_providers()) {
        const std::string name(known.name);
        const bool wanted = std::ranges::any_of(
            named, [&](const auto& ref) { return ref.starts_with(name + "/"); });
        auto own = settings_of(known, env);
        if (made->settings_.contains(name)) continue;
        if (wanted || !own.api_keys.empty() || known.api == config::provider_api::echo) {
            made->add_provider(name, own, client);
        }
    }
    for (const auto& a : settings.agents.list) {
        made->add_agent(a, a.model.primary.empty() ? defaults : a.model);
    }
    if (made->agents_.empty()) {
        auto only = settings.agents.defaults;
        if (only.id.empty()) only.id = "main";
        made->add_agent(only, defaults);
    }
    return made;
}

void directory::add_provider(const std::string& name, const config::provider_settings& settings,
                             net::http_client& client) {
    providers_[name] = make_provider(name, settings, client);
    settings_[name] = settings;
    preferred_keys_[name] = 0;
}

void directory::add_agent(const config::agent_settings& own, const config::model_choice& models) {
    agent made;
    made.id = own.id;
    made.is_default = own.is_default;
    made.system_prompt = own.system_prompt.empty() ? std::string(default_prompt) : own.system_prompt;
    made.max_steps = own.limits.max_steps;
    made.turn_timeout = own.limits.turn_timeout;
    made.max_concurrent = own.limits.max_concurrent;
    std::vector<std::string> wanted{models.primary};
    wanted.insert(wanted.end(), models.fallbacks.begin(), models.fallbacks.end());
    for (const auto& text : wanted) {
        const auto ref = parse_model_ref(text);
        auto found = ref ? resolve(*ref) : result<candidate>(ref.error());
        if (found) {
            made.candidates.push_back(std::move(*found));
            continue;
        }
        notes_.push_back("agent " + made.id + ": " + text + " cannot be used: " +
                         found.error().to_string());
        if (made.no_model.message.empty()) made.no_model = found.error();
    }
    agents_.push_back(std::move(made));
}

result<candidate> directory::resolve(const model_ref& ref) const {
    const auto known = providers_.find(ref.provider_name);
    if (known == providers_.end()) {
        return error(errc::not_found, "there is no provider " + ref.provider_name,
                     "Add models.providers." + ref.provider_name + " to the configuration.");
    }
    const auto& settings = settings_.at(ref.provider_name);
    if (auto problem = unusable(ref.provider_name, settings)) return std::move(*problem);
    candidate found{known->second.get(), ref, {}};
    if (settings.models.empty()) {
        found.model = assumed_model(ref.model, ref.provider_name, settings.api);
        return found;
    }
    const auto at = std::ranges::find(settings.models, ref.model, &config::model_settings::id);
    if (at == settings.models.end()) {
        return error(errc::not_found, ref.provider_name + " lists no model " + ref.model,
                     "Add it to models.providers." + ref.provider_name + ".models.");
    }
    found.model = *at;
    return found;
}

const agent* directory::find(std::string_view id) const {
    const auto at = std::ranges::find(agents_, id, &agent::id);
    return at == agents_.end() ? nullptr : &*at;
}

const agent& directory::default_agent() const {
    const auto at = std::ranges::find(agents_, true, &agent::is_default);
    return at == agents_.end() ? agents_.front() : *at;
}

std::optional<candidate> directory::find_model(const model_ref& ref) const {
    auto found = resolve(ref);
    if (!found) return std::nullopt;
    return std::move(*found);
}

// A provider's own name goes before a model's id that looks like it: what is said to one provider is
// never sent to another.
result<candidate> directory::model_named(std::string_view name) const {
    auto ref = parse_model_ref(name);
    if (ref && settings_.contains(ref->provider_name)) return resolve(*ref);
    std::vector<model_ref> found;
    for (auto& known : models()) {
        if (known.model == name) found.push_back(std::move(known));
    }
    if (found.size() == 1) return resolve(found.front());
    if (found.size() > 1) {
        return error(errc::invalid_input, "several providers have a model " + std::string(name),
                     "Name one: " + found[0].str() + " or " + found[1].str() + ".");
    }
    return ref ? resolve(*ref) : result<candidate>(ref.error());
}

std::vector<model_ref> directory::models() const {
    std::vector<model_ref> all;
    const auto add = [&](const model_ref& ref) {
        const bool listed =
            std::ranges::any_of(all, [&](const auto& r) { return r.str() == ref.str(); });
        if (!listed) all.push_back(ref);
    };
    for (const auto& a : agents_) {
        for (const auto& c : a.candidates) add(c.ref);
    }
    for (const auto& [name, settings] : settings_) {
        for (const auto& m : settings.models) add({name, m.id});
    }
    add({"local", "echo"});
    return all;
}

const config::provider_settings* directory::provider_settings(std::string_view name) const {
    const auto at = settings_.find(name);
    return at == settings_.end() ? nullptr : &at->second;
}

std::atomic<std::size_t>& directory::preferred_key(const std::string& provider) const {
    return preferred_keys_.at(provider);
}

bool directory::configured() const {
    const auto& candidates = default_agent().candidates;
    return !candidates.empty() && candidates.front().provider->api() != "echo";
}

}  // namespace openclaw::agents
