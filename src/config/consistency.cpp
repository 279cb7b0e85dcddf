#include "config/consistency.hpp"

#include "config/path.hpp"
#include "config/suggest.hpp"

#include <algorithm>
#include <set>

namespace openclaw::config {

namespace {

constexpr std::size_t shortest_good_token = 16;

class checker {
public:
    checker(const settings& s, const json5_value& root, findings& issues)
        : s_(s)
        , root_(root)
        , issues_(issues) {}

    void run() {
        check_https();
        check_auth();
        check_export();
        check_agents();
        check_references();
        check_hooks();
        check_servers();
    }

private:
    // The value at a path, null when the file does not set it.
    const json5_value* at(std::string_view path) const {
        const json5_value* value = &root_;
        const auto steps = parse_path(path);
        if (!steps) return nullptr;
        for (const auto& step : *steps) {
            if (const auto* key = std::get_if<std::string>(&step))
                value = value->find(*key);
            else
                value = element(*value, std::get<std::size_t>(step));
            if (value == nullptr) return nullptr;
        }
        return value;
    }

    static const json5_value* element(const json5_value& list, std::size_t index) {
        return index < list.items.size() ? &list.items[index] : nullptr;
    }

    void fail(const std::string& path, std::string message, std::string hint = {}) {
        const auto* value = at(path);
        issues_.error(path, value == nullptr ? root_.begin : value->begin, std::move(message),
                      std::move(hint));
    }

    // Set in the file though perhaps not usable: then its own error was reported.
    bool has(std::string_view path) const {
        const auto* value = at(path);
        if (value == nullptr) return false;
        return value->unresolved || value->kind != json5_kind::text || !value->text.empty();
    }

    void check_https() {
        const auto& https = s_.gateway.network.https;
        const std::string path = "gateway.network.https";
        if (https.lets_encrypt.enabled && !has(path + ".letsEncrypt.domain")) {
            fail(path + ".letsEncrypt", "enabled without a domain",
                 "Set " + path + ".letsEncrypt.domain.");
        }
        if (!https.enabled || https.lets_encrypt.enabled) return;
        if (!has(path + ".cert")) {
            fail(path, "enabled without a certificate",
                 "Set " + path + ".cert, or letsEncrypt.enabled.");
        }
        if (!has(path + ".key") && !has(path + ".cert.keyFile")) {
            fail(path, "enabled without a private key", "Set " + path + ".key.");
        }
    }

    void check_auth() {
        const auto& auth = s_.gateway.auth;
        const auto* token = at("gateway.auth.token");
        if (token != nullptr && !auth.token.empty() && token->text.size() < shortest_good_token) {
            issues_.warn("gateway.auth.token", token->begin,
                         "shorter than 16 characters: easy to guess",
                         "`openssl rand -hex 32` makes a good one.");
        }
        if (auth.issued.refreshable && auth.issued.refresh_expiry < auth.issued.expiry &&
            has("gateway.auth.token.expiry")) {
            fail("gateway.auth.token", "refreshExpiry is shorter than expiry");
        }
        if (auth.type != auth_type::oauth) return;
        for (const std::string key : {"clientId", "clientSecret", "redirectUri"}) {
            if (!has("gateway.auth.oauth." + key)) {
                fail("gateway.auth", "type oauth needs oauth." + key,
                     "Set gateway.auth.oauth." + key + ".");
            }
        }
        if (auth.oauth.provider == "oidc" && !has("gateway.auth.oauth.issuer")) {
            fail("gateway.auth.oauth", "provider oidc needs an issuer",
                 "Set gateway.auth.oauth.issuer.");
        }
    }

    void check_export() {
        const auto& exporter = s_.gateway.monitoring.metrics.exporter;
        const std::string path = "gateway.monitoring.metrics.export";
        if (exporter.enabled && !has(path + ".endpoint")) {
            fail(path, "enabled without an endpoint", "Set " + path + ".endpoint.");
        }
    }

    void check_agents() {
        const auto& agents = s_.agents;
        if (agents.defaults.model.primary.empty() && !agents.defaults.model.fallbacks.empty() &&
            !has("agents.defaults.model.primary")) {
            fail("agents.defaults.model", "fallbacks without a primary model",
                 "Set agents.defaults.model.primary.");
        }
        std::set<std::string> ids;
        const agent_settings* first_default = nullptr;
        for (std::size_t i = 0; i < agents.list.size(); ++i) {
            const auto& agent = agents.list[i];
            const auto path = "agents.list[" + std::to_string(i) + "]";
            if (!agent.id.empty() && !ids.insert(agent.id).second) {
                fail(path + ".id", "a second agent is called " + agent.id,
                     "Each agent needs an id of its own.");
            }
            if (agent.is_default && first_default != nullptr) {
                fail(path + ".default", "a second default agent; the first is " + first_default->id,
                     "Only one agent can be the default.");
            }
            if (agent.is_default && first_default == nullptr) first_default = &agent;
            if (agent.model.primary.empty() && has(path + ".model.fallbacks") &&
                !has(path + ".model.primary")) {
                fail(path + ".model", "fallbacks without a primary model",
                     "Set " + path + ".model.primary.");
            }
        }
    }

    bool knows_agent(const std::string& id) const {
        if (id.empty()) return true;
        if (s_.agents.list.empty()) return id == "main";
        return std::any_of(s_.agents.list.begin(), s_.agents.list.end(),
                           [&](const agent_settings& a) { return a.id == id; });
    }

    void check_agent_name(const std::string& path, const std::string& id) {
        if (knows_agent(id)) return;
        std::vector<std::string_view> names;
        for (const auto& a : s_.agents.list)
            names.push_back(a.id);
        if (names.empty()) names.push_back("main");
        const auto near = nearest(id, names);
        std::string known;
        for (const auto name : names)
            known += (known.empty() ? "" : ", ") + std::string(name);
        fail(path, "there is no agent called " + id,
             near.empty() ? "Known agents: " + known + "."
                          : "Did you mean \"" + std::string(near) + "\"?");
    }

    void check_references() {
        for (std::size_t i = 0; i < s_.bindings.size(); ++i) {
            check_agent_name("bindings[" + std::to_string(i) + "].agent", s_.bindings[i].agent);
        }
    }

    void check_hooks() {
        std::map<std::string, std::string> paths;
        for (const auto& [name, hook] : s_.hooks) {
            const auto path = join_path("hooks", name);
            check_agent_name(path + ".agent", hook.agent);
            const auto [other, fresh] = paths.emplace(hook.path.empty() ? name : hook.path, name);
            if (!fresh) {
                fail(path, "has the same path as hooks." + other->second, "Give it another path.");
            }
        }
    }

    void check_servers() {
        const auto* servers = at("mcp.servers");
        if (servers == nullptr) return;
        for (const auto& m : servers->members) {
            if (m.value.kind != json5_kind::object) continue;
            const bool command = m.value.find("command") != nullptr;
            const bool url = m.value.find("url") != nullptr;
            if (command != url) continue;
            issues_.error(join_path("mcp.servers", m.key), m.key_begin,
                          command ? "has both a command and a url" : "needs a command or a url");
        }
    }

    const settings& s_;
    const json5_value& root_;
    findings& issues_;
};

} // namespace

void check_consistency(const settings& s, const json5_value& root, findings& issues) {
    checker(s, root, issues).run();
}

} // namespace openclaw::config
