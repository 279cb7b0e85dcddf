#include "cli/background.hpp"
#include "cli/commands.hpp"
#include "cli/config_file.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "cli/service.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <fstream>
#include <ostream>
#include <sstream>

// start, stop, restart, status: of the service where one is installed, else of a process.
namespace openclaw::cli {

namespace {

// Longer than the gateway's own grace period for running turns.
constexpr std::chrono::seconds stop_limit{40};
constexpr std::chrono::seconds start_limit{60};

// What a command is about: the service, if one is installed for it, and the state folder.
struct subject {
    std::optional<installed_service> service;
    std::filesystem::path state_dir;
};

// By its state folder on this machine, which says nothing of a gateway elsewhere.
result<subject> find_subject(const context& x) {
    subject s;
    s.service = service_in_charge(x);
    s.state_dir = x.where().state_dir;
    if (!x.flags.url.empty()) {
        return error(errc::invalid_input,
                     "--url has no meaning here: this is for the gateway of " + s.state_dir.string());
    }
    if (s.service) s.state_dir = s.service->state_dir;
    return s;
}

result<pid_record> find_running(const subject& s) {
    auto found = find_gateway(s.state_dir);
    if (!found) return found.error();
    if (*found) return std::move(**found);
    return error(errc::not_found, "no gateway is running on " + s.state_dir.string(),
                 "With another state folder, give --state-dir.");
}

// The service manager is asked when it has the gateway; else it is a process that somebody started beside it.
bool belongs_to_service(const subject& s) { return s.service && ask_service(*s.service).is_up(); }

void say_waiting(context& x, const std::string& what) {
    if (x.io.out_is_terminal && !x.flags.json) x.io.out << what << '\n' << std::flush;
}

void say_waiting_for(context& x, pid_t pid) {
    say_waiting(x, "Waiting for the gateway (pid " + std::to_string(pid) + ") to finish its work…");
}

// After the service manager did what was asked: who serves now.
int tell_service_runs(context& x, const subject& s, const char* key, const char* verb) {
    const auto found = find_gateway(s.state_dir);
    const auto g = found && *found ? **found : pid_record{};
    if (x.flags.json) {
        print_json(x, {{key, true}, {"service", name_of(s.service->scope)}, {"pid", g.pid},
                       {"address", g.address}, {"version", g.version}});
        return done;
    }
    x.io.out << verb << " the " << name_of(s.service->scope) << " service";
    // The state folder of the machine's service is not everybody's to read.
    if (g.pid > 0) x.io.out << " (pid " << g.pid << ", " << one_line(g.address) << ")";
    x.io.out << ".\n";
    return done;
}

// <state>/last-exit.json; null: none is known. A pid file without its process is one that noted nothing.
json last_exit(const std::filesystem::path& state_dir, bool running) {
    std::error_code ignored;
    if (!running && std::filesystem::exists(state_dir / "gateway.pid", ignored)) {
        return {{"code", -1}, {"reason", "killed or crashed"}};
    }
    std::stringstream text;
    text << std::ifstream(state_dir / "last-exit.json").rdbuf();
    const auto read = parse_json(text.str());
    return read && read->is_object() ? *read : json();
}

int start_process(context& x, const subject& s) {
    const auto program = own_program();
    if (!program) return report(x, program.error());
    const auto where = x.where();
    const auto started =
        start_in_background({*program, "--config", where.config_file.string(), "--state-dir",
                             where.state_dir.string(), "gateway", "run"},
                            start_limit);
    if (!started) return report(x, started.error());
    if (!started->problem.empty()) {
        const int code = report(x, error(errc::unavailable, started->problem, started->hint));
        for (const auto& line : started->last_lines) x.io.err << "  | " << one_line(line) << '\n';
        return code;
    }
    const auto g = find_running(s);
    if (!g) return report(x, g.error());
    if (x.flags.json) {
        print_json(x, {{"started", true}, {"pid", g->pid}, {"address", g->address}, {"version", g->version}});
    } else {
        x.io.out << "Started the gateway in the background (pid " << g->pid << ", " << one_line(g->address)
                 << ").\n";
    }
    return done;
}

int start(context& x) {
    const auto s = find_subject(x);
    if (!s) return report(x, s.error());
    const auto found = find_gateway(s->state_dir);
    if (found && *found) {
        const auto& g = **found;
        if (x.flags.json) {
            print_json(x, {{"started", false}, {"pid", g.pid}, {"address", g.address},
                           {"version", g.version}});
        } else {
            x.io.out << "The gateway runs already (pid " << g.pid << ", " << one_line(g.address) << ").\n";
        }
        return done;
    }
    if (!s->service) return start_process(x, *s);
    const auto begin_ms = system_time().unix_ms();
    if (auto did = control_service(*s->service, "start"); !did) {
        auto e = did.error();
        const auto last = last_exit(s->state_dir, true);
        // What the gateway itself noted says more than its service manager.
        const bool own = last.is_object() && find_int(last, "atMs").value_or(0) >= begin_ms;
        if (own) e.hint = string_or(last, "reason");
        return report(x, e);
    }
    return tell_service_runs(x, *s, "started", "Started");
}

int stop(context& x) {
    const auto s = find_subject(x);
    if (!s) return report(x, s.error());
    if (belongs_to_service(*s)) {
        say_waiting(x, "Waiting for the gateway to finish its work…");
        if (auto did = control_service(*s->service, "stop"); !did) return report(x, did.error());
        const auto scope = name_of(s->service->scope);
        if (x.flags.json) print_json(x, {{"stopped", true}, {"service", scope}});
        else x.io.out << "Stopped the " << scope << " service; the next boot or login starts it again.\n";
        return done;
    }
    const auto g = find_running(*s);
    if (!g) return report(x, g.error());
    say_waiting_for(x, g->pid);
    const auto stopped = stop_gateway(s->state_dir, *g, stop_limit);
    if (!stopped) return report(x, stopped.error());
    if (x.flags.json) print_json(x, {{"stopped", true}, {"pid", g->pid}});
    else x.io.out << "Stopped the gateway (pid " << g->pid << ").\n";
    return done;
}

int restart(context& x) {
    const auto s = find_subject(x);
    if (!s) return report(x, s.error());
    if (belongs_to_service(*s)) {
        if (auto fit = check_service_start(*s->service); !fit) return report(x, fit.error());
        say_waiting(x, "Waiting for the gateway to finish its work…");
        if (auto did = control_service(*s->service, "restart"); !did) return report(x, did.error());
        return tell_service_runs(x, *s, "restarted", "Restarted");
    }
    const auto g = find_running(*s);
    if (!g) return report(x, g.error());
    say_waiting_for(x, g->pid);
    const auto now = restart_gateway(s->state_dir, *g, stop_limit);
    if (!now) return report(x, now.error());
    if (x.flags.json) {
        print_json(x, {{"restarted", true}, {"pid", now->pid}, {"version", now->version}});
    } else {
        x.io.out << "Restarted the gateway (pid " << now->pid << ", version " << one_line(now->version)
                 << ").\n";
    }
    return done;
}

std::string service_line(const installed_service& s, const service_state& now) {
    auto text = std::string(name_of(s.scope)) + " service: ";
    if (!now.problem.empty()) return text + "not known, " + now.problem;
    text += now.active + " (" + now.sub + "), " + (now.enabled.empty() ? "not enabled" : now.enabled);
    if (!now.result.empty() && now.result != "success") text += ", last result " + now.result;
    if (now.restarts > 0) text += ", " + std::to_string(now.restarts) + " restarts by systemd";
    if (s.has_socket) text += ", with socket";
    return text;
}

void print_rest(context& x, const subject& s, const std::optional<service_state>& service, const json& last,
                std::int64_t now_ms) {
    if (service) x.io.out << "service  " << one_line(service_line(*s.service, *service)) << '\n';
    else x.io.out << "service  none\n";
    if (last.is_null()) return;
    x.io.out << "last exit  " << one_line(string_or(last, "reason", "unknown"));
    const auto code = find_int(last, "code").value_or(-1);
    if (code >= 0) x.io.out << " (" << code << ")";
    if (const auto at = find_int(last, "atMs")) x.io.out << ", " << age(*at, now_ms);
    x.io.out << '\n';
}

int show_status(context& x) {
    const auto s = find_subject(x);
    if (!s) return report(x, s.error());
    const auto found = find_gateway(s->state_dir);
    if (!found) return report(x, found.error());
    const auto now_ms = system_time().unix_ms();
    std::optional<service_state> service;
    if (s->service) service = ask_service(*s->service);
    const auto last = last_exit(s->state_dir, found->has_value());
    json out{{"running", found->has_value()}, {"stateDir", s->state_dir.string()}, {"lastExit", last},
             {"service", service ? to_json(*s->service, *service) : json()}};
    if (!*found) {
        // Its state folder may not be ours to read.
        const bool up = service && service->active == "active" && service->main_pid > 0;
        if (up) out.update({{"running", true}, {"pid", service->main_pid}});
        if (x.flags.json) {
            print_json(x, out);
            return up ? done : unreachable;
        }
        if (up) x.io.out << "status   " << painted("running", paint::green, x.colour()) << '\n'
                         << "pid      " << service->main_pid << '\n';
        else x.io.out << "no gateway is running on " << one_line(s->state_dir.string()) << '\n';
        print_rest(x, *s, service, last, now_ms);
        return up ? done : unreachable;
    }
    const auto& g = **found;
    const auto up_ms = std::max<std::int64_t>(0, now_ms - g.started_ms);
    if (x.flags.json) {
        out.update({{"pid", g.pid}, {"address", g.address}, {"version", g.version},
                    {"startedMs", g.started_ms}, {"uptimeMs", up_ms}});
        print_json(x, out);
        return done;
    }
    x.io.out << "status   " << painted("running", paint::green, x.colour()) << '\n'
             << "pid      " << g.pid << '\n'
             << "uptime   " << format_uptime(std::chrono::seconds(up_ms / 1000)) << '\n'
             << "address  " << one_line(g.address) << '\n'
             << "version  " << one_line(g.version) << '\n'
             << "state    " << one_line(s->state_dir.string()) << '\n';
    print_rest(x, *s, service, last, now_ms);
    print_config_news(x);
    return done;
}

}  // namespace

void add_gateway_control_commands(command_tree& tree, CLI::App& gateway) {
    tree.add(gateway, "start", "Start the service, or a process in the background; waits until it is ready.",
             "openclaw gateway start", start);
    tree.add(gateway, "stop", "Stop it, and wait until it is gone.", "openclaw gateway stop", stop);
    tree.add(gateway, "restart",
             "The service by its manager; a process in place, with nobody refused meanwhile.",
             "openclaw gateway restart", restart);
    tree.add(gateway, "status", "Whether it runs, where, since when; its service, its last exit.",
             "openclaw gateway status --json", show_status);
}

}  // namespace openclaw::cli
