#include "cli/endpoint.hpp"

#include "openclaw/config/loader.hpp"

#include <filesystem>
#include <set>

namespace openclaw::cli {

namespace {

result<config::settings> load_settings(const config::locations& where) {
    auto loaded = config::load_file(where.config_file,
                                    config::process_environment(where.home / ".env"));
    if (!loaded) {
        if (loaded.error().code == errc::not_found) return config::settings{};
        return loaded.error();
    }
    if (!loaded->ok()) {
        return error(errc::config, where.config_file.string() + " does not pass",
                     "Run `openclaw config validate`.");
    }
    return std::move(loaded->settings);
}

// An address to listen on is not always one to connect to.
std::string connectable(const std::string& host) {
    static const std::set<std::string> any{"", "0.0.0.0", "::", "*", "loopback", "lan", "tailnet"};
    return any.contains(host) ? "127.0.0.1" : host;
}

secret token_of(const context& x, const config::settings* settings) {
    if (!x.flags.token.empty()) return secret(x.flags.token);
    if (auto token = x.io.env("OPENCLAW_GATEWAY_TOKEN"); token && !token->empty()) {
        return secret(std::move(*token));
    }
    return settings == nullptr ? secret() : settings->gateway.auth.token;
}

}  // namespace

result<endpoint> endpoint_of(const std::string& text) {
    auto url = net::parse_url(text);
    if (!url) {
        return error(errc::invalid_input, "\"" + text + "\" is no address of a gateway",
                     "Write it as ws://host:18789, wss://host, http://… or https://….");
    }
    endpoint e;
    e.http = *url;
    e.ws = std::move(*url);
    if (!e.http.is_unix()) {
        const bool tls = e.http.is_tls();
        e.http.scheme = tls ? "https" : "http";
        e.ws.scheme = tls ? "wss" : "ws";
    }
    e.shown = text;
    e.local = e.http.is_unix() || e.http.host == "127.0.0.1" || e.http.host == "localhost" ||
              e.http.host == "::1";
    return e;
}

result<endpoint> find_endpoint(const context& x) {
    const auto where = x.where();
    auto wished = x.flags.url;
    if (wished.empty()) wished = x.io.env("OPENCLAW_GATEWAY_URL").value_or("");
    if (!wished.empty()) {
        auto e = endpoint_of(wished);
        if (!e) return e;
        e->token = token_of(x, nullptr);
        if (!e->token.empty() || e->http.is_unix() || !e->local) return e;
        // The file's token is for the file's gateway and for nobody else. A file that does not pass
        // only means that there is no token to take from it.
        const auto settings = load_settings(where);
        if (settings && settings->gateway.network.port == e->http.port) {
            e->token = token_of(x, &*settings);
        }
        return e;
    }
    std::error_code ignored;
    if (std::filesystem::exists(where.socket(), ignored)) {
        if (!x.flags.token.empty()) {
            return error(errc::invalid_input,
                         "--token has no effect without --url: the gateway on this machine is asked "
                         "through its socket, which needs none",
                         "Leave it out, or add --url to say which gateway it is for.");
        }
        return endpoint_of("unix:" + where.socket().string());
    }
    auto settings = load_settings(where);
    if (!settings) return settings.error();
    const auto& network = settings->gateway.network;
    auto host = connectable(network.host);
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    auto e = endpoint_of((network.https.enabled ? "https://" : "http://") + host + ":" +
                         std::to_string(network.port));
    if (e) e->token = token_of(x, &*settings);
    return e;
}

}  // namespace openclaw::cli
