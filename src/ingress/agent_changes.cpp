#include "ingress/agent_changes.hpp"

#include "openclaw/config/editor.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/net/http.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_id = 64;
// The agent that is there without a list, and words of session keys and of clients.
constexpr std::array<std::string_view, 5> reserved{"main", "default", "global", "unknown", "system"};

bool stays(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string place_of(std::size_t i) {
    return "agents.list[" + std::to_string(i) + "]";
}

result<std::size_t> index_of(const config::settings& settings, std::string_view id) {
    const auto agents = agents_in(settings);
    const auto at = std::ranges::find(agents, id, &config::agent_settings::id);
    if (at != agents.end()) return static_cast<std::size_t>(at - agents.begin());
    return error(errc::not_found,
                 "there is no agent \"" + printable(id, 64) + "\" in the configuration file");
}

// The text with each agent in the list, also the one that is there without a list.
result<std::string> listed(const config::load_outcome& now) {
    if (!now.settings.agents.list.empty()) return now.raw;
    return config::set_in_text(now.raw, place_of(0), {{"id", "main"}});
}

// The text without this setting, also when it has none.
result<std::string> without(const std::string& text, const std::string& path) {
    auto out = config::unset_in_text(text, path);
    const bool had_none = !out && out.error().code == errc::not_found;
    return had_none ? text : out;
}

}  // namespace

result<std::string> agent_id_of(std::string_view name) {
    std::string id;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (stays(c)) id += c;
        else if (!id.ends_with('-')) id += '-';
    }
    if (id.starts_with('-')) id.erase(0, 1);
    if (id.ends_with('-')) id.pop_back();
    const auto named = "the name \"" + printable(name, 80) + "\"";
    if (id.empty()) {
        return error(errc::invalid_input, named + " has nothing that an id could be made of",
                     "Use letters of ASCII, digits, `_` and `-`.");
    }
    if (id.size() > max_id) {
        return error(errc::invalid_input, named + " makes an id of more than 64 characters");
    }
    if (std::ranges::find(reserved, id) != reserved.end()) {
        return error(errc::invalid_input, "\"" + id + "\" is reserved", "Choose another name.");
    }
    return id;
}

std::vector<config::agent_settings> agents_in(const config::settings& settings) {
    if (!settings.agents.list.empty()) return settings.agents.list;
    auto only = settings.agents.defaults;
    only.id = "main";
    return {std::move(only)};
}

result<config::agent_settings> find_agent(const config::settings& settings, std::string_view id) {
    const auto at = index_of(settings, id);
    if (!at) return at.error();
    return agents_in(settings)[*at];
}

result<std::string> with_new_agent(const config::load_outcome& now, const std::string& id,
                                   const agent_change& settings) {
    const auto agents = agents_in(now.settings);
    const auto same = std::ranges::find_if(agents, [&](const auto& a) {
        return net::equals_ignoring_case(a.id, id);
    });
    if (same != agents.end()) {
        return error(errc::conflict, "there is an agent \"" + same->id + "\" already");
    }
    const auto text = listed(now);
    if (!text) return text.error();
    json made{{"id", id}};
    if (settings.workspace) made["workspace"] = *settings.workspace;
    if (settings.model) made["model"] = *settings.model;
    return config::set_in_text(*text, place_of(agents.size()), made);
}

result<std::string> with_changed_agent(const config::load_outcome& now, const std::string& id,
                                       const agent_change& change) {
    const auto at = index_of(now.settings, id);
    if (!at) return at.error();
    if (!change.workspace && !change.model) return now.raw;
    auto text = listed(now);
    if (text && change.workspace) {
        const auto workspace = place_of(*at) + ".workspace";
        text = change.workspace->empty() ? without(*text, workspace)
                                         : config::set_in_text(*text, workspace, *change.workspace);
    }
    if (!text || !change.model) return text;
    auto model = place_of(*at) + ".model";
    if (change.model->empty()) return without(*text, model);
    const auto before = config::get_value(now, model, false);
    if (before && before->is_object()) model += ".primary";
    return config::set_in_text(*text, model, *change.model);
}

result<without_agent> with_agent_removed(const config::load_outcome& now, const std::string& id) {
    const auto at = index_of(now.settings, id);
    if (!at) return at.error();
    const auto agents = agents_in(now.settings);
    const auto chosen = std::ranges::find(agents, true, &config::agent_settings::is_default);
    const auto first = chosen == agents.end() ? agents.begin() : chosen;
    if (first->id == id) {
        return error(errc::conflict, "\"" + id + "\" is the default agent and cannot be deleted",
                     "Make another one the default first: agents.list[].default.");
    }
    without_agent out;
    auto text = config::unset_in_text(now.raw, place_of(*at));
    const auto& bindings = now.settings.bindings;
    // From the last on: those before it keep their places.
    for (auto i = bindings.size(); text && i-- > 0;) {
        if (bindings[i].agent != id) continue;
        text = config::unset_in_text(*text, "bindings[" + std::to_string(i) + "]");
        ++out.removed_bindings;
    }
    if (!text) return text.error();
    out.text = std::move(*text);
    return out;
}

}  // namespace openclaw::ingress
