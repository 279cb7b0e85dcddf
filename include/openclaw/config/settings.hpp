#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/secret.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The configuration as plain data, one struct per section of product.md §5, with the built-in
// defaults. Modules take the section that they need; only app and cli call the loader.
namespace openclaw::config {

using std::chrono::milliseconds;

struct tls_settings {
    bool enabled = false;
    std::string cert_file;
    std::string key_file;
    std::string ca_file;                       // turns on client certificates
    std::string client_auth = "required";      // optional | required; with a ca_file only
    struct {
        bool enabled = false;
        std::string domain, email, directory;
    } lets_encrypt;
    std::string min_version = "1.2";
    std::vector<std::string> cipher_suites;
};

struct connection_settings {
    std::uint32_t max_websocket_connections = 1000;
    milliseconds websocket_timeout{300'000};
    std::uint32_t max_http_connections = 100;
    milliseconds request_timeout{30'000};
};

struct rate_limit_settings {
    bool enabled = true;
    milliseconds window{60'000};
    std::uint32_t max_requests = 100;
    std::uint16_t status_code = 429;
};

struct network_settings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 18789;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> allowed_hosts;    // Host values beyond the bound address
    tls_settings https;
    connection_settings connections;
    rate_limit_settings rate_limit;
};

enum class auth_type : std::uint8_t { token, oauth, disabled, password };

struct acl_rule {
    std::string path;
    std::vector<std::string> allow;
    std::vector<std::string> methods;
};

struct oauth_allow {
    std::string who;
    std::string role;
};

struct auth_settings {
    auth_type type = auth_type::token;
    secret token;                              // the fixed admin token; empty with issued tokens
    struct {
        std::uint32_t length = 32;
        milliseconds expiry{std::chrono::hours(24 * 7)};
        bool refreshable = true;
        milliseconds refresh_expiry{std::chrono::hours(24 * 30)};
    } issued;
    milliseconds token_expiry{std::chrono::hours(24 * 7)};
    struct {
        bool enabled = true;
        std::vector<std::string> origins{"*"};
    } cors;
    struct {
        std::string default_policy = "deny";
        std::vector<acl_rule> rules;
    } acl;
    struct {
        std::string provider = "google", issuer, client_id, redirect_uri;
        secret client_secret;
        std::vector<std::string> scopes{"openid", "profile", "email"};
        std::vector<oauth_allow> allow;
        struct {
            secret key;                        // jwt.secret
            milliseconds expiry{std::chrono::hours(1)};
        } jwt;
    } oauth;
};

struct session_settings {
    milliseconds timeout{30 * 60'000};
    std::uint32_t max_concurrent = 100;
    milliseconds history_retention{std::chrono::hours(24 * 7)};
    struct {
        std::string mode = "followup";         // one of queue_mode_names
        milliseconds debounce{500};
        std::uint32_t cap = 100;
        std::uint32_t per_sender = 0;          // 0: no bound of its own
        milliseconds lease{60'000};
    } queue;
};

struct logging_settings {
    log::level level = log::level::info;
    log::style format = log::style::json;
    struct {
        bool enabled = true;
        std::string path;                      // empty: <state>/logs/gateway.log
        std::uint64_t max_size = 100 << 20;
        std::uint32_t max_files = 5;
    } file;
    struct {
        bool enabled = true;
        std::vector<std::string> events{"authentication", "authorization", "data_access",
                                        "configuration_change", "admin_action"};
        struct {
            bool enabled = true;
            std::vector<std::string> fields{"password", "apiKey", "token", "creditCard"};
            std::uint32_t chars_to_mask = 4;
        } masking;
        struct {
            std::string format = "json", destination;
        } exporter;                            // audit.export
    } audit;
};

struct monitoring_settings {
    bool health_check = true;
    struct {
        bool enabled = true;
        std::string endpoint = "/metrics";
        struct {
            bool cpu = true, memory = true, disk = true, network = true;
        } system;
        struct {
            bool requests = true, latency = true, errors = true, channels = true, agents = true;
        } application;
        struct {
            bool enabled = false;
            std::string type = "prometheus", endpoint;
            milliseconds interval{15'000};
        } exporter;                            // metrics.export
    } metrics;
    json alerts = json::array();
};

struct security_settings {
    struct {
        bool enabled = false;
        std::vector<std::string> allowed_inbound, blocked_outbound, allowed_outbound;
    } network_isolation;
    struct {
        bool enabled = false;
        std::string type = "iptables";
        json rules = json::array();
    } firewall;
    struct {
        bool enabled = false;
        struct {
            std::uint32_t max_per_ip = 10, max_total = 1000;
        } connections;
        struct {
            milliseconds window{60'000};
            std::uint32_t max_per_ip = 60;
            milliseconds ban_duration{15 * 60'000};
        } rate_limit;
        struct {
            bool enabled = false;
            double threshold = 0.8;
            std::string response = "rate-limit";
        } anomaly;
    } ddos;
};

struct tailscale_settings {
    bool enabled = false;
    std::string hostname = "openclaw-gateway";
    struct {
        bool subnet_routes = false, exit_node = false;
    } acl;
    struct {
        bool enabled = false, https = true;
        std::string auth = "password";
    } funnel;
};

struct model_settings {
    std::string id;
    std::uint32_t context_window = 128'000;    // tokens
    std::uint32_t max_tokens = 4096;           // of one answer
    std::vector<std::string> input{"text"};
    json cost = json::object();
};

// Which wire protocol a provider speaks.
enum class provider_api : std::uint8_t {
    anthropic_messages, openai_completions, openai_responses, google_generative_ai, ollama, echo,
};

struct provider_settings {
    provider_api api = provider_api::openai_completions;
    std::string base_url;
    std::string api_version;                   // anthropic-version; empty: the current one
    std::vector<secret> api_keys;              // apiKey and apiKeys
    std::map<std::string, std::string> headers;
    std::vector<model_settings> models;
    milliseconds connect_timeout{10'000};
    milliseconds first_byte_timeout{120'000};
    milliseconds idle_timeout{120'000};
};

struct model_choice {
    std::string primary;                       // "provider/model"; empty: product.md §5's order
    std::vector<std::string> fallbacks;
};

struct agent_settings {
    std::string id;
    bool is_default = false;
    model_choice model;
    std::string system_prompt;
    std::string workspace;
    json tools = json::object();
    struct {
        std::uint32_t max_steps = 25;          // model calls in one turn
        milliseconds turn_timeout{10 * 60'000};
        std::uint32_t max_concurrent = 0;      // turns at once; 0: no bound of its own
    } limits;
};

struct binding_settings {
    struct {
        std::string channel, account, peer_kind, peer_id, group, thread;
    } match;
    std::string agent;
    std::string session;                       // template of the key's rest; empty: by peer
    std::string priority;                      // low | normal | high; empty: normal
};

struct hook_settings {
    std::string path;                          // below /hooks/; empty: the name
    secret key;                                // `secret`: HMAC key or token
    std::string verify = "token";              // token | standard-webhooks | github
    std::string text;                          // `template`: "{{a.b}}" of the JSON body
    std::string agent;
    std::string session;
};

struct gateway_settings {
    network_settings network;
    auth_settings auth;
    session_settings sessions;
    logging_settings logging;
    monitoring_settings monitoring;
    security_settings security;
    tailscale_settings tailscale;
};

struct settings {
    gateway_settings gateway;
    std::map<std::string, provider_settings> providers;   // models.providers
    struct {
        agent_settings defaults;
        std::vector<agent_settings> list;
    } agents;
    std::vector<binding_settings> bindings;
    json channels = json::object();            // each channel reads its own block
    json tools = json::object();
    json mcp = json::object();
    std::map<std::string, hook_settings> hooks;
    json cron = json::object();
    struct {
        std::string postgres_url;
    } store;
};

}  // namespace openclaw::config
