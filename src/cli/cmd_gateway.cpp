#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "openclaw/app/app.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

// Longer than the gateway's own grace period for running turns.
constexpr std::chrono::seconds stop_limit{40};
constexpr std::chrono::seconds force_limit{10};  // before --force kills

struct run_flags {
    app::run_options options;
    std::optional<std::uint16_t> port;
    bool force = false;
};

struct call_options {
    std::string method, params = "{}", timeout = "30s";
};

int run_gateway(context& x, run_flags f) {
    f.options.config = x.flags.config;
    f.options.state_dir = x.flags.state_dir;
    f.options.port = f.port;
    if (f.force && !f.options.check) {
        const auto state_dir = x.where().state_dir;
        const auto found = find_gateway(state_dir);
        if (!found) return report(x, found.error());
        if (*found) {
            const auto ended = end_gateway(state_dir, **found, force_limit);
            if (!ended) return report(x, ended.error());
        }
    }
    x.io.out.flush();
    return app::run_gateway(f.options);
}

int show_status(context& x) {
    const auto state_dir = x.where().state_dir;
    const auto found = find_gateway(state_dir);
    if (!found) return report(x, found.error());
    if (!*found) {
        if (x.flags.json) print_json(x, {{"running", false}, {"stateDir", state_dir.string()}});
        else x.io.out << "no gateway is running on " << one_line(state_dir.string()) << '\n';
        return unreachable;
    }
    const auto& g = **found;
    const auto up = std::max<std::int64_t>(0, system_time().unix_ms() - g.started_ms);
    if (x.flags.json) {
        print_json(x, {{"running", true}, {"pid", g.pid}, {"address", g.address},
                       {"version", g.version}, {"startedMs", g.started_ms}, {"uptimeMs", up},
                       {"stateDir", state_dir.string()}});
        return done;
    }
    x.io.out << "status   " << painted("running", paint::green, x.colour()) << '\n'
             << "pid      " << g.pid << '\n'
             << "uptime   " << format_uptime(std::chrono::seconds(up / 1000)) << '\n'
             << "address  " << one_line(g.address) << '\n'
             << "version  " << one_line(g.version) << '\n'
             << "state    " << one_line(state_dir.string()) << '\n';
    return done;
}

// By its pid, which says nothing of a gateway elsewhere.
result<pid_record> find_running(const context& x) {
    const auto state_dir = x.where().state_dir;
    if (!x.flags.url.empty()) {
        return error(errc::invalid_input,
                     "--url has no meaning here: this is for the gateway of " + state_dir.string());
    }
    auto found = find_gateway(state_dir);
    if (!found) return found.error();
    if (*found) return std::move(**found);
    return error(errc::not_found, "no gateway is running on " + state_dir.string(),
                 "With another state folder, give --state-dir.");
}

int stop(context& x) {
    const auto state_dir = x.where().state_dir;
    const auto found = find_running(x);
    if (!found) return report(x, found.error());
    const auto& g = *found;
    if (x.io.out_is_terminal && !x.flags.json) {
        x.io.out << "Waiting for the gateway (pid " << g.pid << ") to finish its work…\n"
                 << std::flush;
    }
    const auto stopped = stop_gateway(state_dir, g, stop_limit);
    if (!stopped) return report(x, stopped.error());
    if (x.flags.json) print_json(x, {{"stopped", true}, {"pid", g.pid}});
    else x.io.out << "Stopped the gateway (pid " << g.pid << ").\n";
    return done;
}

int restart(context& x) {
    const auto state_dir = x.where().state_dir;
    const auto found = find_running(x);
    if (!found) return report(x, found.error());
    if (x.io.out_is_terminal && !x.flags.json) {
        x.io.out << "Waiting for the gateway (pid " << found->pid << ") to finish its work…\n" << std::flush;
    }
    const auto now = restart_gateway(state_dir, *found, stop_limit);
    if (!now) return report(x, now.error());
    if (x.flags.json) {
        print_json(x, {{"restarted", true}, {"pid", now->pid}, {"version", now->version}});
    } else {
        x.io.out << "Restarted the gateway (pid " << now->pid << ", version " << one_line(now->version)
                 << ").\n";
    }
    return done;
}

int call(context& x, const call_options& o) {
    const auto params = parse_json(o.params);
    if (!params) {
        return report(x, error(errc::invalid_input, "--params is " + params.error().message,
                               "Quote it for the shell: --params '{\"limit\": 5}'."));
    }
    const auto limit = parse_duration(o.timeout);
    if (!limit) return report(x, limit.error());
    const auto answer = call_gateway(x, o.method, *params, *limit);
    if (!answer) return report(x, answer.error());
    print_json(x, *answer);
    return done;
}

void add_run(command_tree& tree, CLI::App& group) {
    const auto f = std::make_shared<run_flags>();
    auto& command = tree.add(group, "run", "Run the gateway in the foreground.",
                             "openclaw gateway run --verbose --port 18789",
                             [f](context& x) { return run_gateway(x, *f); });
    command.add_option("--port", f->port, "the port to listen on; 0 takes a free one")
        ->type_name("N")->check(CLI::Range(0, 65'535));
    command.add_option("--bind", f->options.bind, "an address, or loopback, lan, tailnet")
        ->type_name("ADDR");
    command.add_flag("--verbose", f->options.verbose, "show debug messages");
    command.add_flag("--force", f->force, "first end the gateway that holds the state folder");
    command.add_flag("--check", f->options.check, "say whether it could start, and end");
    command.add_flag("--allow-unauthenticated", f->options.allow_unauthenticated,
                     "listen beyond loopback although auth is disabled");
}

}  // namespace

void add_gateway_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "gateway", "Run, look at, restart and stop the gateway.",
                           "openclaw gateway run --verbose");
    add_run(tree, group);
    tree.add(group, "status", "Whether the gateway of the state folder runs.",
             "openclaw gateway status", show_status);
    tree.add(group, "stop", "Stop it, and wait until it is gone.", "openclaw gateway stop", stop);
    tree.add(group, "restart",
             "Start it again in place, as it is on the disk now; nobody is refused meanwhile.",
             "openclaw gateway restart", restart);

    const auto o = std::make_shared<call_options>();
    auto& command = tree.add(group, "call", "Call any WebSocket method; prints the answer as JSON.",
                             "openclaw gateway call sessions.list --params '{\"limit\": 5}'",
                             [o](context& x) { return call(x, *o); });
    command.add_option("METHOD", o->method, "such as health or sessions.list")->required();
    command.add_option("--params", o->params, "the method's parameters")->type_name("JSON");
    command.add_option("--timeout", o->timeout, "how long to wait for the answer (30s)")
        ->type_name("TIME");
}

}  // namespace openclaw::cli
