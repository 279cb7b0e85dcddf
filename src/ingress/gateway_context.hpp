#pragma once

#include "openclaw/auth/devices.hpp"
#include "openclaw/auth/gateway_identity.hpp"
#include "openclaw/ingress/server.hpp"
#include "ingress/config_desk.hpp"
#include "ingress/connected_nodes.hpp"
#include "ingress/event_hub.hpp"
#include "ingress/health_answers.hpp"
#include "ingress/login_guard.hpp"
#include "ingress/presence.hpp"
#include "ingress/settings_in_effect.hpp"

#include <atomic>

namespace openclaw::ingress {

// What the routes and methods work with. Built by the server; outlives every connection.
struct gateway_context {
    server::dependencies d;
    settings_in_effect in_effect;
    login_guard logins{d.time, d.metrics};
    auth::device_registry devices{d.store, d.random, d.time};
    connected_nodes nodes{d.random, d.time, d.metrics};
    auth::identity_keeper identity{d.store, d.time};
    config_desk config_file{d.identity.config_path, d.identity.environment, beside};
    presence_board presence = {};
    health_answers health = {};
    std::string boot_id = {};
    std::int64_t started_ms = 0;
    steady_time started{};
    std::string host = {};                // bound address
    std::atomic<std::uint16_t> port = 0;
    std::atomic<bool> ready = false;
    std::atomic<bool> draining = false;
    std::atomic<std::size_t> http_connections = 0;
    std::atomic<std::size_t> websockets = 0;
    side_threads beside = {};             // the last: what it works on is in the others
};

}  // namespace openclaw::ingress
