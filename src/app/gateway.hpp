#pragma once

#include "openclaw/agents/directory.hpp"
#include "openclaw/agents/turn_runner.hpp"
#include "openclaw/channels/manager.hpp"
#include "openclaw/config/loader.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/ingress/server.hpp"
#include "openclaw/metrics/health.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/net/http_client.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/routing/scheduler.hpp"
#include "openclaw/store/store.hpp"
#include "openclaw/tools/tool.hpp"
#include "app/reloader.hpp"

#include <memory>
#include <string>

namespace openclaw::app {

// The whole gateway: built in the order of its members, started and stopped by hand. One instance
// per process (or per test). start() on any thread; the caller runs `io`.
class gateway {
public:
    struct options {
        config::locations where;
        config::startup_config config;
        config::environment environment;
        std::function<bool(std::uint16_t)> probe_port;   // for a local model server
        std::function<void(const error&)> on_fatal;      // the store cannot keep its promise
        ingress::listening_sockets sockets = {};         // that it was started with
        // What the command line said, which holds over each reload.
        bool verbose = false;
        bool allow_unauthenticated = false;
        // The environment anew, for a reload; empty: `environment` again.
        std::function<config::environment()> read_environment = {};
        std::optional<std::int64_t> trial_until_ms = {};   // of a change that was on trial at the start
    };

    // Opens the store, chooses the models, takes the port. Errors: in_use, io, disk_full, config.
    static result<std::unique_ptr<gateway>> open(asio::io_context& io, options o);
    ~gateway();

    void start();
    // The stages of the end, each logged: not ready, listeners closed, jobs and channels stopped, HTTP
    // answered, turns drained, clients told, store flushed. Returns when nothing of the gateway runs.
    task<> stop(milliseconds grace, ingress::server::sockets then);
    // The listening sockets of a stop that kept them.
    ingress::listening_sockets kept_sockets() const { return server_->kept_sockets(); }

    // Has the file read again, as a changed file does by itself; `who` goes into the log.
    void wake_reloader(std::string who) { reloader_->wake(std::move(who)); }
    // The same for whoever waits for what comes of it.
    task<config::reload_report> reload(std::string who) { return reloader_->reload(std::move(who)); }

    std::uint16_t port() const { return server_->port(); }
    const agents::directory& agents() const { return *agents_; }

private:
    gateway(asio::io_context& io, options o);
    result<void> build();
    void build_scheduler();
    void build_server();
    void build_reloader();
    ingress::config_notes first_notes() const;
    task<> apply(next_configuration next);
    ingress::operations make_operations();

    asio::io_context& io_;
    options options_;
    system_time time_;
    system_random random_;
    metrics::registry metrics_;
    metrics::health_board health_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<net::http_client> client_;
    tools::registry tools_;
    std::shared_ptr<const agents::directory> agents_;
    std::unique_ptr<agents::turn_runner> runner_;
    std::shared_ptr<ingress::event_hub> hub_;
    std::unique_ptr<routing::router> router_;
    std::unique_ptr<channels::manager> channels_;
    std::unique_ptr<routing::scheduler> scheduler_;
    std::unique_ptr<ingress::server> server_;
    std::unique_ptr<reloader> reloader_;
};

}  // namespace openclaw::app
