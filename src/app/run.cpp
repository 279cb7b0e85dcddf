// `openclaw gateway run`: from the files on disk to a running process, and to its end.

#include "openclaw/app/app.hpp"

#include "app/gateway.hpp"
#include "app/last_exit.hpp"
#include "app/pid_file.hpp"
#include "app/restart.hpp"
#include "app/start_pages.hpp"
#include "app/startup.hpp"
#include "app/supervision.hpp"
#include "openclaw/config/foreseen.hpp"
#include "openclaw/config/history.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/version.hpp"
#include "openclaw/net/local_port.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <thread>

namespace openclaw::app {

namespace {

constexpr int exit_config = 78;              // sysexits.h EX_CONFIG: starting again will not help
constexpr int restart_signal = SIGUSR2;
constexpr int reload_signal = SIGHUP;        // also of a terminal that goes away
constexpr int idle_signal = SIGUSR1;         // means nothing, and by default it would end the process
constexpr milliseconds grace{30'000};        // for turns in progress
constexpr std::size_t max_io_threads = 8;

// One thread per core, of which the store's writer is one: on two cores a second thread for the
// sockets costs more in wake-ups than it brings (docs/benchmarks.md).
std::size_t io_threads() {
    const std::size_t cores = std::thread::hardware_concurrency();
    return std::clamp<std::size_t>(cores, 2, max_io_threads + 1) - 1;
}

int refuse(const error& e) {
    log::flush();
    std::fprintf(stderr, "openclaw: %s\n", e.message.c_str());
    if (!e.hint.empty()) std::fprintf(stderr, "%s\n", e.hint.c_str());
    return e.code == errc::internal ? 1 : exit_config;
}

int refuse(const error& e, const config::locations& where) {
    const int code = refuse(e);
    note_refused_start(where.state_dir, code, e);
    return code;
}

// A store that lost its disk under a promise: nothing may be acknowledged any more.
void die(const error& e, const config::locations& where) {
    log::fatal("app", "the store cannot keep its promise; ending at once",
               {{"error", e.to_string()}});
    log::flush();
    note_forced_exit(where.state_dir, "the store cannot keep its promise: " + e.message);
    std::_Exit(1);
}

void rethrow(const std::exception_ptr& failure) {
    if (failure) std::terminate();
}

// Nothing that ends the gateway: said in the log, for whoever sent it looks there. True: it was that.
bool goes_on_after(int signal, gateway& g) {
    if (signal == reload_signal) g.wake_reloader("SIGHUP");
    if (signal == idle_signal) log::warn("app", "SIGUSR1 means nothing here; ignored");
    return signal == reload_signal || signal == idle_signal;
}

// The signals which until a gateway listens to them, and while one makes place for the next, do nothing.
void ignore_signals() {
    for (const int signal : {restart_signal, reload_signal, idle_signal}) std::signal(signal, SIG_IGN);
}

// What the process says of itself to others while it runs.
struct life {
    const config::locations& where;
    supervision& manager;
    pid_file& file;
    std::string end_reason = "SIGTERM";
};

// Waits for the end; true: a restart was asked for, and the program is there to be started.
task<bool> wait_for_end(asio::signal_set& signals, gateway& g, const start_command& again, life& l) {
    while (true) {
        boost::system::error_code failure;
        const int signal = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, failure));
        if (goes_on_after(signal, g)) continue;
        if (signal != restart_signal) {
            l.end_reason = signal == SIGINT ? "SIGINT" : "SIGTERM";
            log::info("app", "stopping", {{"signal", l.end_reason}});
            l.manager.stopping();
            co_return false;
        }
        const auto possible = co_await again.try_out();
        if (possible) break;
        log::error("app", "no restart, the gateway goes on: " + possible.error().message);
        l.file.note_refusal(possible.error().message, system_time().unix_ms());
    }
    log::info("app", "restarting in place");
    l.manager.restarting();
    co_return true;
}

// A restart that is told to end becomes a stop; who tells a stop again means at once.
task<> watch_later_signals(asio::signal_set& signals, gateway& g, life& l, bool& restart) {
    bool ends = !restart;
    while (true) {
        boost::system::error_code cancelled;
        const int signal = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (cancelled) co_return;
        if (signal == restart_signal || goes_on_after(signal, g)) continue;   // asking twice is asking once
        if (ends) {
            log::warn("app", "stopped by force");
            log::flush();
            note_forced_exit(l.where.state_dir, "stopped by force");
            std::_Exit(1);
        }
        ends = true;
        restart = false;
        l.manager.stopping();
        log::info("app", "stopping instead of restarting");
    }
}

// The first signal stops with grace, the second at once.
task<> wait_for_signals(asio::io_context& io, asio::signal_set& signals, gateway& g,
                        const start_command& again, life& l, bool& restart) {
    restart = co_await wait_for_end(signals, g, again, l);
    asio::co_spawn(io, watch_later_signals(signals, g, l, restart), rethrow);
    co_await g.stop(grace, restart ? ingress::server::sockets::keep : ingress::server::sockets::close);
    signals.cancel();
    io.stop();
}

void announce(const gateway& g, const gateway::options& o, const std::string& host) {
    for (const auto& note : g.agents().notes()) log::info("agents", note);
    const auto& settings = o.config.outcome.settings;
    for (const auto& line : config::not_in_effect(settings, o.config.outcome.raw)) {
        log::warn("config", "not in effect: " + line);
    }
    for (const auto& i : config::start_warnings(settings)) log::warn("config", config::to_string(i, ""));
    log::info("app", "ready",
              {{"address", "http://" + host + ":" + std::to_string(g.port())},
               {"version", version()},
               {"config", o.where.config_file.string()},
               {"state", o.where.state_dir.string()}});
}

// Until it is to end. What it leaves for a restart, if that is why.
struct ending {
    int code = 0;
    std::optional<ingress::listening_sockets> restart_with = {};
};
ending serve(asio::io_context& io, asio::signal_set& signals, gateway::options options, std::size_t threads,
             const start_command& again) {
    const auto shown = options;
    supervision manager(io);
    manager.start();
    auto opened = gateway::open(io, std::move(options));
    if (!opened) return {refuse(opened.error(), shown.where)};
    auto& g = **opened;
    note_sudden_end(shown.where.state_dir);
    const auto& network = shown.config.outcome.settings.gateway.network;
    const auto address = network.host + ":" + std::to_string(g.port());
    auto pid = pid_file::write(shown.where.state_dir, system_time().unix_ms(), address);
    if (!pid) return {refuse(pid.error(), shown.where)};

    g.start();
    bool restart = false;
    life l{shown.where, manager, *pid};
    asio::co_spawn(io, wait_for_signals(io, signals, g, again, l, restart), rethrow);
    announce(g, shown, network.host);
    manager.ready("http://" + address);
    release_start_pages();

    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < threads; ++i) workers.emplace_back([&io] { io.run(); });
    io.run();
    workers.clear();
    log::info("app", "stopped");
    log::flush();
    if (restart) return {0, g.kept_sockets()};
    note_exit(shown.where.state_dir, 0, "stopped by " + l.end_reason);
    return {};
}

void report_trial(const result<config::trial_verdict>& trial) {
    if (!trial) {
        log::error("config", "the change on trial cannot be looked at",
                   {{"error", trial.error().to_string()}});
    } else if (trial->state == config::trial_state::rolled_back) {
        log::warn("config", "nobody confirmed the change in time; the file is again as it was before");
    }
}

// The text that it starts on is one of the history's. That it cannot be kept is no reason not to start.
void keep_start(const gateway::options& o) {
    if (o.config.degraded) return;
    const auto kept = config::keep_version(o.where.state_dir, {0, system_time().unix_ms(), "found at a start",
                                                               {}, {}, o.config.outcome.raw});
    if (!kept) log::warn("config", "the history is not kept: " + kept.error().to_string());
}

// As many descriptors as the system lets it have: each client takes one.
void raise_descriptor_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max) return;
    files.rlim_cur = files.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0) log::warn("app", "the limit of open files stays as it is");
}

}  // namespace

int run_gateway(const run_options& run) {
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    ignore_signals();
    umask(077);
    gateway::options options;
    const auto command = start_command::read();
    if (!command) return refuse(command.error());
    const auto sockets = take_given_sockets();
    if (!sockets) return refuse(sockets.error());
    options.sockets = *sockets;
    options.where = config::find_locations(run.config, run.state_dir);
    options.environment = config::process_environment(options.where.home / ".env");
    if (run.check) {
        const auto fit = check_start(run, options.where.config_file, options.environment);
        return fit ? 0 : refuse(fit.error());
    }
    options.read_environment = [dotenv = options.where.home / ".env"] {
        return config::process_environment(dotenv);
    };
    options.verbose = run.verbose;
    options.allow_unauthenticated = run.allow_unauthenticated;
    const auto trial = config::settle_trial(options.where, system_time().unix_ms());
    if (trial && trial->state == config::trial_state::waits) options.trial_until_ms = trial->until_ms;
    if (!trial) options.trial_until_ms = system_time().unix_ms();   // it is tried again
    auto loaded = config::load_for_start(options.where, options.environment);
    if (!loaded) return refuse(loaded.error(), options.where);
    options.config = std::move(*loaded);
    auto& settings = options.config.outcome.settings;
    if (auto applied = apply_flags(settings, run); !applied) {
        return refuse(applied.error(), options.where);
    }
    if (auto safe = check_exposure(settings, run.allow_unauthenticated); !safe) {
        return refuse(safe.error(), options.where);
    }
    const auto log_problem = log::configure(log_options(settings, options.where, run.verbose));
    if (!log_problem.empty()) log::warn("app", log_problem);
    report_config(options.config, options.where);
    report_trial(trial);
    keep_start(options);

    options.probe_port = net::is_local_port_open;
    options.on_fatal = [where = options.where](const error& e) { die(e, where); };
    const auto threads = io_threads();
    asio::io_context io(static_cast<int>(threads));
    asio::signal_set signals(io, SIGINT, SIGTERM);
    for (const int more : {restart_signal, reload_signal, idle_signal}) signals.add(more);
    const auto ended = serve(io, signals, std::move(options), threads, *command);
    if (!ended.restart_with) return ended.code;
    ignore_signals();   // the program that follows begins with that
    return refuse(command->run(*ended.restart_with));
}

}  // namespace openclaw::app
