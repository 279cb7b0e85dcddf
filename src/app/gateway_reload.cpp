#include "app/gateway.hpp"

#include "app/startup.hpp"
#include "openclaw/core/log.hpp"

// How a gateway goes over to another configuration while it runs.
namespace openclaw::app {

void gateway::build_reloader() {
    reloader::dependencies d{io_, time_, health_, options_.where, {}, {}, {}, {}, {}};
    d.environment = [this] {
        return options_.read_environment ? options_.read_environment() : options_.environment;
    };
    d.check = [this](const config::settings& s) {
        return check_exposure(s, options_.allow_unauthenticated);
    };
    d.make_agents = [this, environment = d.environment](const config::settings& s) {
        return std::shared_ptr<const agents::directory>(
            agents::directory::build(s, *client_, environment(), options_.probe_port));
    };
    d.apply = [this](next_configuration next) { return apply(std::move(next)); };
    d.note = [this](ingress::config_notes notes) { server_->note(std::move(notes)); };
    reloader_ = std::make_unique<reloader>(std::move(d), options_.config.outcome.settings,
                                           options_.config.outcome);
}

// On the reloader's strand. Who runs a turn keeps what it began with; channels keep their connections.
task<> gateway::apply(next_configuration next) {
    const auto& s = *next.settings;
    const auto touches = [&next](part p) { return next.touched.contains(p); };
    if (touches(part::logging)) {
        const auto problem = log::configure(log_options(s, options_.where, options_.verbose));
        if (!problem.empty()) log::warn("app", problem);
    }
    if (next.agents) agents_ = next.agents;
    if (touches(part::agents) || touches(part::routing)) {
        router_->configure(s.gateway.sessions, s.bindings, agents_);
    }
    server_->configure(s, std::move(next.notes));
    if (!touches(part::jobs)) co_return;
    auto jobs = s.cron.value("jobs", json::array());
    const auto taken = co_await scheduler_->configure(std::move(jobs));
    if (!taken) {
        log::error("cron", "the jobs of the configuration are not all taken up; the next start does the rest",
                   {{"error", taken.error().to_string()}});
    }
}

}  // namespace openclaw::app
