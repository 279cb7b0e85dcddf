#include "ingress/settings_in_effect.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

transport_limits limits_of(const config::connection_settings& s) {
    transport_limits limits;
    limits.body_time = s.request_timeout;
    limits.header_time = std::min(limits.header_time, s.request_timeout);
    limits.first_head = std::min(limits.first_head, s.request_timeout);
    limits.websocket_idle = s.websocket_timeout;
    return limits;
}

// A malformed range was refused with the configuration.
net::cidr_set set_of(const std::vector<std::string>& ranges) {
    auto set = net::cidr_set::parse(ranges);
    return set ? std::move(*set) : net::cidr_set();
}

}  // namespace

configuration::configuration(config::settings s, config_notes n, std::uint64_t epoch)
    : settings(std::move(s))
    , notes(std::move(n))
    , authenticator(settings.gateway.auth)
    , trusted_proxies(set_of(settings.gateway.network.trusted_proxies))
    , limits(limits_of(settings.gateway.network.connections))
    , secret_epoch(epoch) {}

}  // namespace openclaw::ingress
