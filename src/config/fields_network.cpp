#include "config/field.hpp"
#include "config/rules.hpp"

// gateway.network
namespace openclaw::config {

namespace {

using enum field_kind;
using enum reload_class;

constexpr std::string_view tls_versions[] = {"1.2", "1.3"};
constexpr std::string_view client_auth_words[] = {"optional", "required"};
// Forward secrecy and authenticated encryption only: what a scanner has nothing to say about.
constexpr std::string_view cipher_names[] = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-CHACHA20-POLY1305",
};

constexpr field network_fields[] = {
    {.path = "host", .kind = text,
     .doc = "Address to listen on: an IP address, `loopback`, `lan` or `tailnet`.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.host; },
     .min = 1, .rule = check_bind_host, .reload = restart, .in_effect = true},
    {.path = "port", .kind = integer, .doc = "TCP port; 0 takes any free one.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.port; },
     .max = 65535, .reload = restart, .in_effect = true},
    {.path = "trustedProxies", .kind = text_list,
     .doc = "Ranges of proxies whose X-Forwarded-For, X-Real-IP or Forwarded header names the client.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.trusted_proxies; },
     .rule = check_cidr, .in_effect = true},
    {.path = "allowedHosts", .kind = text_list,
     .doc = "Host header values that are accepted beyond the bound address and loopback names.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.allowed_hosts; },
     .rule = check_allowed_host, .in_effect = true},
};

constexpr field https_fields[] = {
    {.path = "enabled", .kind = boolean, .doc = "Serve TLS on the port.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.enabled; }, .reload = restart},
    {.path = "cert", .kind = text,
     .doc = "File with the certificate chain (PEM), or an object that names all three files.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.cert_file; }},
    {.path = "cert.certFile", .kind = text, .doc = "File with the certificate chain (PEM).",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.cert_file; }},
    {.path = "cert.keyFile", .kind = text, .doc = "File with the private key (PEM).",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.key_file; }},
    {.path = "cert.caFile", .kind = text,
     .doc = "File with the authorities of client certificates (PEM); turns client certificates on.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.ca_file; }},
    {.path = "key", .kind = text, .doc = "File with the private key (PEM).",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.key_file; }},
    {.path = "clientAuth", .kind = choice,
     .doc = "Whether a client without a certificate is let in; with a `caFile` only.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.client_auth; },
     .choices = client_auth_words},
    {.path = "letsEncrypt.enabled", .kind = boolean, .doc = "Obtain and renew the certificate by ACME.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.lets_encrypt.enabled; },
     .reload = restart},
    {.path = "letsEncrypt.domain", .kind = text, .doc = "Name that the certificate is for.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.lets_encrypt.domain; }},
    {.path = "letsEncrypt.email", .kind = text, .doc = "Contact that the authority writes to.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.lets_encrypt.email; }},
    {.path = "letsEncrypt.directory", .kind = text,
     .doc = "ACME directory; empty is Let's Encrypt's own.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.lets_encrypt.directory; },
     .rule = check_url},
    {.path = "minVersion", .kind = choice, .doc = "Oldest TLS version that is spoken.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.min_version; },
     .choices = tls_versions},
    {.path = "cipherSuites", .kind = text_list,
     .doc = "TLS 1.3 suites and TLS 1.2 ciphers by name; empty is a safe choice.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.https.cipher_suites; },
     .choices = cipher_names},
};

constexpr field connection_fields[] = {
    {.path = "maxWebSocketConnections", .kind = integer,
     .doc = "Open WebSockets; the next upgrade gets 503 with Retry-After.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.connections.max_websocket_connections; },
     .min = 1, .max = 1'000'000, .in_effect = true},
    {.path = "webSocketTimeout", .kind = duration,
     .doc = "A WebSocket with no frame and no pong in this time is closed.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.connections.websocket_timeout; },
     .min = 1, .in_effect = true},
    {.path = "maxHttpConnections", .kind = integer,
     .doc = "Open HTTP connections, WebSockets not counted.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.connections.max_http_connections; },
     .min = 1, .max = 1'000'000, .in_effect = true},
    {.path = "requestTimeout", .kind = duration,
     .doc = "Time to read one request; a streaming answer is not cut by it.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.connections.request_timeout; },
     .min = 1, .in_effect = true},
};

constexpr field rate_limit_fields[] = {
    {.path = "enabled", .kind = boolean,
     .doc = "Limit requests per caller (its token if known, else its address).",
     .at = [](owner o) -> slot { return &root(o).gateway.network.rate_limit.enabled; }},
    {.path = "windowMs", .kind = duration, .doc = "Length of the sliding window.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.rate_limit.window; }, .min = 1},
    {.path = "maxRequests", .kind = integer, .doc = "Requests in one window.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.rate_limit.max_requests; },
     .min = 1, .max = 1e9},
    {.path = "statusCode", .kind = integer, .doc = "HTTP status of a refusal.",
     .at = [](owner o) -> slot { return &root(o).gateway.network.rate_limit.status_code; },
     .min = 400, .max = 599},
};

constexpr section sections[] = {
    {"gateway.network", network_fields},
    {"gateway.network.https", https_fields},
    {"gateway.network.connections", connection_fields},
    {"gateway.network.rateLimit", rate_limit_fields},
};

}  // namespace

std::span<const section> network_sections() {
    return sections;
}

}  // namespace openclaw::config
