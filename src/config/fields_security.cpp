#include "config/field.hpp"
#include "config/rules.hpp"

// gateway.security, gateway.tailscale
namespace openclaw::config {

namespace {

using enum field_kind;
using enum reload_class;

constexpr std::string_view firewalls[] = {"iptables", "nftables"};
constexpr std::string_view firewall_actions[] = {"allow", "deny"};
constexpr std::string_view transports[] = {"tcp", "udp"};
constexpr std::string_view responses[] = {"rate-limit", "block", "captcha"};
constexpr std::string_view funnel_auth[] = {"password", "none"};

constexpr field security_fields[] = {
    {.path = "networkIsolation.enabled", .kind = boolean,
     .doc = "Check where connections come from and go to.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.network_isolation.enabled; }},
    {.path = "networkIsolation.allowedInbound", .kind = text_list,
     .doc = "Ranges that may connect; loopback always may. Empty: all.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.network_isolation.allowed_inbound; },
     .rule = check_cidr},
    {.path = "networkIsolation.blockedOutbound", .kind = text_list,
     .doc = "Ranges that models, messages and tools cannot reach; the most specific range wins.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.network_isolation.blocked_outbound; },
     .rule = check_cidr},
    {.path = "networkIsolation.allowedOutbound", .kind = text_list,
     .doc = "Ranges that they can reach though private or blocked.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.network_isolation.allowed_outbound; },
     .rule = check_cidr},
    {.path = "firewall.enabled", .kind = boolean,
     .doc = "Put the rules into a chain of their own at start and take them out at stop.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.firewall.enabled; }, .reload = restart},
    {.path = "firewall.type", .kind = choice, .doc = "Which firewall.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.firewall.type; },
     .choices = firewalls, .reload = restart},
    {.path = "firewall.rules", .kind = list, .doc = "The rules, in order.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.firewall.rules; }, .reload = restart},
    {.path = "firewall.rules[].action", .kind = choice, .doc = "What happens to a packet that matches.",
     .choices = firewall_actions, .reload = restart, .required = true},
    {.path = "firewall.rules[].source", .kind = text, .doc = "Range that it comes from; empty: any.",
     .rule = check_cidr, .reload = restart},
    {.path = "firewall.rules[].port", .kind = integer, .doc = "Port that it goes to.",
     .min = 1, .max = 65535, .reload = restart},
    {.path = "firewall.rules[].protocol", .kind = choice, .doc = "Transport.",
     .choices = transports, .reload = restart},
};

constexpr field ddos_fields[] = {
    {.path = "enabled", .kind = boolean, .doc = "Limit and ban single addresses.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.enabled; }},
    {.path = "connections.maxPerIp", .kind = integer, .doc = "Connections of one address.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.connections.max_per_ip; },
     .min = 1, .max = 1'000'000},
    {.path = "connections.maxTotal", .kind = integer, .doc = "Connections of all.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.connections.max_total; },
     .min = 1, .max = 1'000'000},
    {.path = "rateLimit.window", .kind = duration, .doc = "Length of the window.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.rate_limit.window; }, .min = 1},
    {.path = "rateLimit.maxPerIp", .kind = integer, .doc = "Requests of one address in a window.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.rate_limit.max_per_ip; },
     .min = 1, .max = 1e9},
    {.path = "rateLimit.banDuration", .kind = duration,
     .doc = "How long an address that goes over is banned; bans survive a restart.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.rate_limit.ban_duration; },
     .min = 1},
    {.path = "anomalyDetection.enabled", .kind = boolean, .doc = "Score the behaviour of addresses.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.anomaly.enabled; }},
    {.path = "anomalyDetection.threshold", .kind = number, .doc = "Score from which the response comes.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.anomaly.threshold; }, .max = 1},
    {.path = "anomalyDetection.response", .kind = choice, .doc = "What happens to such an address.",
     .at = [](owner o) -> slot { return &root(o).gateway.security.ddos.anomaly.response; },
     .choices = responses},
};

constexpr field tailscale_fields[] = {
    {.path = "enabled", .kind = boolean, .doc = "Serve on the tailnet.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.enabled; }, .reload = module},
    {.path = "hostname", .kind = text, .doc = "Name on the tailnet.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.hostname; },
     .min = 1, .rule = check_id, .reload = module},
    {.path = "acl.subnetRoutes", .kind = boolean, .doc = "Advertise subnet routes.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.acl.subnet_routes; }, .reload = module},
    {.path = "acl.exitNode", .kind = boolean, .doc = "Offer an exit node.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.acl.exit_node; }, .reload = module},
    {.path = "funnel.enabled", .kind = boolean, .doc = "Serve on the public internet.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.funnel.enabled; }, .reload = module},
    {.path = "funnel.https", .kind = boolean, .doc = "HTTPS only.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.funnel.https; }, .reload = module},
    {.path = "funnel.auth", .kind = choice, .doc = "What the public must show.",
     .at = [](owner o) -> slot { return &root(o).gateway.tailscale.funnel.auth; },
     .choices = funnel_auth, .reload = module},
};

constexpr section sections[] = {
    {"gateway.security", security_fields},
    {"gateway.security.ddos", ddos_fields},
    {"gateway.tailscale", tailscale_fields},
};

}  // namespace

std::span<const section> security_sections() {
    return sections;
}

}  // namespace openclaw::config
