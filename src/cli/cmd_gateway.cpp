#include "cli/commands.hpp"
#include "cli/gateway_client.hpp"
#include "cli/pid_file.hpp"
#include "openclaw/app/app.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <ostream>

namespace openclaw::cli {

namespace {

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
    add_gateway_control_commands(tree, group);
    add_service_commands(tree, group);
    add_gateway_token_command(tree, group);

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
