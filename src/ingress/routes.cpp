#include "ingress/routes.hpp"

#include "ingress/errors.hpp"
#include "ingress/rest.hpp"
#include "openclaw/monitoring/process.hpp"

#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_model_body = 20 << 20; // of the model APIs; protocol.md §7
constexpr std::size_t max_hook_body = 262'144;   // protocol.md §7
constexpr std::size_t max_invoke_body = 2 << 20; // protocol.md §7

net::http_response no_store(net::http_response r) {
    r.headers.add("Cache-Control", "no-store");
    return r;
}

std::int64_t uptime_ms(const gateway_context& gateway) {
    const auto up = gateway.d.time.steady() - gateway.started;
    return std::chrono::duration_cast<milliseconds>(up).count();
}

net::http_response quick_health(gateway_context&, health_report& health, const std::string&) {
    const auto report = health.current();
    return no_store(json_response(report->status, report->body));
}

net::http_response quick_live(gateway_context&, health_report&, const std::string&) {
    return no_store(json_response(200, R"({"ok":true,"status":"live"})"));
}

net::http_response quick_ready(gateway_context& gateway, health_report&, const std::string&) {
    const bool ready = gateway.ready && !gateway.draining;
    json failing = json::array();
    if (!gateway.ready) failing.push_back("starting");
    if (gateway.draining) failing.push_back("draining");
    auto r = json_response(ready ? 200 : 503, dump({{"ready", ready},
                                                    {"failing", std::move(failing)},
                                                    {"uptimeMs", uptime_ms(gateway)}}));
    if (!ready) r.headers.add("Retry-After", "1");
    return no_store(std::move(r));
}

net::http_response quick_startup(gateway_context& gateway, health_report&, const std::string&) {
    if (!gateway.ready) {
        auto r = json_response(503, R"({"status":"starting","pendingReason":"starting"})");
        r.headers.add("Retry-After", "1");
        return no_store(std::move(r));
    }
    return no_store(json_response(200, dump({{"ok", true},
                                             {"status", "started"},
                                             {"uptimeMs", uptime_ms(gateway)},
                                             {"version", gateway.d.identity.version}})));
}

net::http_response quick_metrics(gateway_context& gateway, health_report&, const std::string&) {
    auto& metrics = gateway.d.metrics;
    const auto f = monitoring::read_process_figures();
    const auto set = [&](const char* name, const char* help, double value) {
        metrics.make_gauge(name, help).set(value);
    };
    set("process_resident_memory_bytes", "Resident memory.", static_cast<double>(f.resident_bytes));
    set("process_virtual_memory_bytes", "Virtual memory.", static_cast<double>(f.virtual_bytes));
    set("process_open_fds", "Open file descriptors.", static_cast<double>(f.open_fds));
    set("process_max_fds", "Limit of open file descriptors.", static_cast<double>(f.max_fds));
    set("process_threads", "Threads.", static_cast<double>(f.threads));
    set("process_start_time_seconds", "Unix time of the start of the process.",
        static_cast<double>(gateway.started_ms) / 1000);
    const auto cpu = metrics.make_counter("process_cpu_seconds_total",
                                          "Processor time, user and system.");
    cpu.add(std::max(0.0, f.cpu_seconds - cpu.value()));
    set("openclaw_http_connections", "Open HTTP connections.",
        static_cast<double>(gateway.http_connections.load()));
    set("openclaw_websocket_connections", "Open WebSockets.",
        static_cast<double>(gateway.websockets.load()));
    net::http_response r;
    r.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    r.body = metrics.render();
    return r;
}

constexpr std::array table{
    route{"GET", "/health", access::open, 0, quick_health, nullptr},
    route{"GET", "/healthz", access::open, 0, quick_live, nullptr},
    route{"GET", "/readyz", access::open, 0, quick_ready, nullptr},
    route{"GET", "/ready", access::open, 0, quick_ready, nullptr},
    route{"GET", "/startupz", access::open, 0, quick_startup, nullptr},
    route{"GET", "/startup", access::open, 0, quick_startup, nullptr},
    route{"GET", "/health/detail", access::read, 0, nullptr, route_health_detail},  // ?detail=1
    route{"GET", "/metrics", access::scrape, 0, quick_metrics, nullptr},
    route{"GET", "/v1/models", access::read, 0, nullptr, route_models},
    route{"GET", "/v1/models/*", access::read, 0, nullptr, route_models},
    route{"POST", "/v1/chat/completions", access::write, max_model_body, nullptr,
          route_chat_completions},
    route{"POST", "/v1/embeddings", access::write, max_model_body, nullptr, route_embeddings},
    route{"POST", "/v1/messages", access::write, max_model_body, nullptr, route_messages},
    route{"POST", "/v1/messages/count_tokens", access::read, max_model_body, nullptr,
          route_count_tokens},
    route{"POST", "/v1/responses", access::write, max_model_body, nullptr, route_responses},
    route{"GET", "/api/sessions/*/events", access::read, 0, nullptr, route_session_events},
    route{"GET", "/sessions/*/history", access::read, 0, nullptr, route_session_history},
    route{"POST", "/hooks/*", access::own, max_hook_body, nullptr, route_hook, check_hook_head},
    route{"POST", "/tools/invoke", access::write, max_invoke_body, nullptr, route_tools_invoke},
    route{"GET", "/api/openapi.json", access::read, 0, nullptr, route_openapi},
};

bool matches(std::string_view pattern, std::string_view path, std::string_view& rest) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    const auto head = pattern.substr(0, star), tail = pattern.substr(star + 1);
    if (path.size() <= head.size() + tail.size()) return false;
    if (!path.starts_with(head) || !path.ends_with(tail)) return false;
    rest = path.substr(head.size(), path.size() - head.size() - tail.size());
    // In the middle of a path it is one segment.
    return tail.empty() || rest.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const route> all_routes() {
    return table;
}

error_shape shape_of(const net::http_request& head) {
    const auto path = head.path();
    const auto below = [&](std::string_view root) {
        return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
    };
    const bool theirs = below("/v1/messages") ||
                        (below("/v1/models") && head.headers.has("anthropic-version"));
    return theirs ? error_shape::anthropic : error_shape::common;
}

route_match match_route(std::string_view method, std::string_view path,
                        std::string_view metrics_path) {
    route_match m;
    if (path == metrics_path) {
        path = "/metrics";
    } else if (path == "/metrics") {
        return m;
    }
    for (const auto& r : table) {
        std::string_view rest;
        if (!matches(r.path, path, rest)) continue;
        if (r.method == method || (r.method == "GET" && method == "HEAD")) {
            m.found = &r;
            m.rest = rest;
            return m;
        }
        if (!m.allow.empty()) m.allow += ", ";
        m.allow += r.method == "GET" ? "GET, HEAD" : r.method;
    }
    if (m.allow.empty()) {
        auto rest = match_rest(method, path);
        if (rest.found != nullptr) m.found = &rest.found->at;
        m.allow = std::move(rest.allow);
    }
    return m;
}

task<http_answer> route_health_detail(http_call call) {
    const auto report = co_await call.health.detailed();
    co_return no_store(json_response(report["status"] == "unhealthy" ? 503 : 200, dump(report)));
}

}  // namespace openclaw::ingress
