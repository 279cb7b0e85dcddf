#include "ingress/health_report.hpp"

#include "openclaw/core/units.hpp"
#include "openclaw/monitoring/process.hpp"

#include <cmath>

namespace openclaw::ingress {

json health_report::build() const {
    const auto& d = gateway_.d;
    const auto figures = monitoring::read_process_figures();
    // Turns at work, at most one counted for each agent.
    const auto agents = d.router.agents()->all().size();
    const auto active = std::min(d.router.stats().running, agents);
    const auto channels = d.operations.count_channels();
    const auto board = d.health.all();
    const auto state_of = [&](const char* name) {
        const auto found = board.find(name);
        return std::string(metrics::name_of(found == board.end() ? metrics::health::healthy
                                                                 : found->second.state));
    };
    const double share = figures.memory_limit_bytes == 0
                             ? 0
                             : 100.0 * static_cast<double>(figures.resident_bytes) /
                                   static_cast<double>(figures.memory_limit_bytes);
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(d.time.steady() -
                                                                         gateway_.started);
    const json components{
        {"gateway",
         {{"status", state_of("gateway")},
          {"uptime", format_uptime(uptime)},
          {"version", d.identity.version}}},
        {"channels",
         {{"status", state_of("channels")},
          {"connected", channels.connected},
          {"total", channels.total}}},
        {"agents",
         {{"status", state_of("agents")},
          {"active", active},
          {"idle", agents - active}}},
        {"memory",
         {{"status", share > 90 ? "degraded" : "healthy"},
          {"used", format_size(figures.resident_bytes)},
          {"limit", format_size(figures.memory_limit_bytes)},
          {"percentage", std::round(share * 10) / 10}}}};
    return {{"status", metrics::name_of(d.health.overall())},
            {"timestamp", to_rfc3339(d.time.wall())},
            {"components", components}};
}

std::shared_ptr<const health_report::snapshot> health_report::current() {
    const auto now_s = gateway_.d.time.unix_ms() / 1000;
    std::lock_guard lock(mutex_);
    if (now_s != made_at_s_) {
        auto fresh = std::make_shared<snapshot>();
        const auto report = build();
        fresh->status = report["status"] == "unhealthy" ? 503 : 200;
        fresh->body = dump(report);
        last_ = std::move(fresh);
        made_at_s_ = now_s;
    }
    return last_;
}

task<json> health_report::detailed() {
    auto report = build();
    auto& parts = report["components"];
    const auto& d = gateway_.d;
    for (const auto& [name, entry] : d.health.all()) {
        parts[name]["status"] = metrics::name_of(entry.state);
        if (!entry.reason.empty()) parts[name]["reason"] = entry.reason;
    }
    auto stats = co_await d.store.stats();
    if (stats) {
        parts["store"]["sessions"] = stats->sessions;
        parts["store"]["size"] = format_size(static_cast<std::uint64_t>(stats->file_bytes));
        parts["store"]["free"] = format_size(static_cast<std::uint64_t>(stats->free_bytes));
        parts["queue"]["waiting"] = stats->waiting;
        parts["queue"]["deliveries"] = stats->pending_deliveries;
        parts["queue"]["deadLetters"] = stats->dead_letters;
    } else {
        parts["store"]["status"] = "unhealthy";
        parts["store"]["reason"] = stats.error().to_string();
    }
    if (!parts["store"].contains("status")) parts["store"]["status"] = "healthy";
    if (!parts["queue"].contains("status")) parts["queue"]["status"] = "healthy";
    const auto agents = d.router.agents();
    json models = json::array();
    for (const auto& m : agents->models()) models.push_back(m.str());
    parts["providers"]["models"] = std::move(models);
    if (!parts["providers"].contains("status")) {
        parts["providers"]["status"] = agents->configured() ? "healthy" : "degraded";
        if (!agents->configured()) {
            parts["providers"]["reason"] = "no model is configured; local/echo answers";
        }
    }
    parts["gateway"]["websockets"] = gateway_.websockets.load();
    parts["gateway"]["httpConnections"] = gateway_.http_connections.load();
    const auto now = gateway_.in_effect.get();
    const auto tell = [&](const char* name, const std::vector<std::string>& lines) {
        if (!lines.empty()) parts["gateway"][name] = lines;
    };
    tell("notInEffect", now->notes.not_in_effect);
    tell("configIssues", now->notes.issues);
    tell("restartNeeded", now->notes.needs_restart);
    co_return report;
}

}  // namespace openclaw::ingress
