#include "openclaw/config/foreseen.hpp"

#include "config/json5_value.hpp"
#include "config/path.hpp"

#include "openclaw/core/encoding.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace openclaw::config {

namespace {

constexpr std::array<std::string_view, 6> known_providers{"anthropic", "openai",   "google",
                                                          "ollama",    "lmstudio", "local"};

// An address, or one of the names that --bind knows.
bool is_loopback(const std::string& host) {
    if (host == "loopback" || host == "localhost") return true;
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    in6_addr v6{};
    return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

issue warning(std::string path, std::string message, std::string hint) {
    return {severity::warning, printable(path), 0, 0, std::move(message), std::move(hint)};
}

// "http://user:password@host": such an address is never called (net/url.hpp).
bool has_user_info(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto authority = url.substr(scheme + 3);
    return authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string_view::npos;
}

void add_auth_warnings(const auth_settings& auth, std::vector<issue>& out) {
    const bool by_secret = auth.type == auth_type::token || auth.type == auth_type::password;
    if (by_secret && auth.token.empty()) {
        out.push_back(
            warning("gateway.auth.token", "no token is configured: only the local command line gets in",
                    "Make one: openclaw config set gateway.auth.token \"$(openssl rand -hex 32)\""));
    }
    if (auth.type == auth_type::oauth) {
        out.push_back(warning("gateway.auth.type",
                              "\"oauth\" opens no way in yet: only the local command line gets in",
                              "For a token: openclaw config set gateway.auth.type token"));
    }
}

void add_model_warnings(const settings& s, const model_choice& models, const std::string& path,
                        std::vector<issue>& out) {
    const auto judge = [&](const std::string& ref, std::string at) {
        const auto missing = ref.empty() ? std::nullopt : missing_model(s, ref);
        if (missing) out.push_back(warning(std::move(at), missing->message, missing->hint));
    };
    judge(models.primary, path + ".model");
    for (std::size_t i = 0; i < models.fallbacks.size(); ++i) {
        judge(models.fallbacks[i], join_path(path + ".model.fallbacks", i));
    }
}

// Gives a finding the place of its value, or of what is around it.
void place(issue& i, const load_outcome& loaded) {
    const auto steps = parse_path(i.path);
    const json5_value* at = loaded.tree.get();
    for (std::size_t n = 0; steps && at != nullptr && n < steps->size(); ++n) {
        const auto* key = std::get_if<std::string>(&(*steps)[n]);
        const json5_value* next = nullptr;
        if (key != nullptr) {
            next = at->find(*key);
        } else if (const auto index = std::get<std::size_t>((*steps)[n]); index < at->items.size()) {
            next = &at->items[index];
        }
        if (next == nullptr) break;
        at = next;
    }
    if (at == nullptr) return;
    const auto where = position_of(loaded.raw, at->begin);
    i.line = where.line;
    i.column = where.column;
}

}  // namespace

std::optional<issue> start_refusal(const settings& s, bool allow_unauthenticated) {
    const auto& network = s.gateway.network;
    if (network.https.enabled) {
        return issue{severity::error, "gateway.network.https.enabled", 0, 0,
                     "gateway.network.https is not in effect in this version, and plain HTTP is not what the "
                     "file asks for",
                     "Set gateway.network.https.enabled to false and put nginx or Caddy in front."};
    }
    const bool open = s.gateway.auth.type == auth_type::disabled && !is_loopback(network.host);
    if (!open || allow_unauthenticated) return std::nullopt;
    return issue{severity::error, "gateway.auth.type", 0, 0,
                 "gateway.auth.type is \"disabled\" and " + network.host + " can be reached from outside",
                 "Set gateway.auth.type to \"token\", listen on 127.0.0.1, or say --allow-unauthenticated."};
}

std::vector<issue> start_warnings(const settings& s) {
    std::vector<issue> out;
    add_auth_warnings(s.gateway.auth, out);
    for (const auto& [name, provider] : s.providers) {
        if (!has_user_info(provider.base_url)) continue;
        out.push_back(warning(join_path("models.providers", name) + ".baseUrl",
                              "has a user or a password in it: no call of this provider can be made",
                              "Put the key into apiKey, or what else the service asks for into headers."));
    }
    add_model_warnings(s, s.agents.defaults.model, "agents.defaults", out);
    for (std::size_t i = 0; i < s.agents.list.size(); ++i) {
        const auto& own = s.agents.list[i].model;
        const auto& of_all = s.agents.defaults.model;
        if (own.primary == of_all.primary && own.fallbacks == of_all.fallbacks) continue;
        add_model_warnings(s, own, join_path("agents.list", i), out);
    }
    return out;
}

std::vector<issue> foreseen(const load_outcome& loaded) {
    if (!loaded.ok()) return {};
    auto out = start_warnings(loaded.settings);
    if (auto refused = start_refusal(loaded.settings, false)) {
        refused->severity = severity::warning;   // flags of the start may have it otherwise
        refused->message = "the gateway does not start like this: " + refused->message;
        out.insert(out.begin(), std::move(*refused));
    }
    for (auto& i : out) place(i, loaded);
    return out;
}

bool is_known_provider(std::string_view name) {
    return std::ranges::find(known_providers, name) != known_providers.end();
}

std::optional<error> missing_model(const settings& s, std::string_view ref) {
    const auto slash = ref.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string provider(ref.substr(0, slash)), model(ref.substr(slash + 1));
    const auto own = s.providers.find(provider);
    if (own == s.providers.end()) {
        if (is_known_provider(provider)) return std::nullopt;
        return error(errc::invalid_input, "there is no provider " + printable(provider, 64),
                     "Add models.providers." + printable(provider, 64) + " to the configuration.");
    }
    const auto& listed = own->second.models;
    const auto at = std::ranges::find(listed, model, &model_settings::id);
    if (listed.empty() || at != listed.end()) return std::nullopt;
    return error(errc::invalid_input, provider + " lists no model " + printable(model, 128),
                 "Add it to models.providers." + provider + ".models.");
}

}  // namespace openclaw::config
