#include "cli/commands.hpp"
#include "cli/endpoint.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "cli/service.hpp"
#include "openclaw/config/editor.hpp"

#include <CLI/App.hpp>

#include <array>
#include <fstream>
#include <ostream>
#include <unistd.h>

// install-daemon and uninstall-daemon.
namespace openclaw::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds stop_limit{40};

struct install_flags {
    scope_flags scope;
    bool socket = false, print = false, launchd = false, no_start = false;
};

void add_scope(CLI::App& command, scope_flags& f) {
    auto* user = command.add_flag("--user", f.user, "of this user (the default but for root)");
    command.add_flag("--system", f.system, "of the machine, with a user of its own; needs root")
        ->excludes(user);
}

result<service_paths> paths_for(const context& x, service_scope scope) {
    service_paths p;
    const auto program = own_program();
    if (!program) return program.error();
    p.program = *program;
    if (scope == service_scope::system) {
        const bool elsewhere = !x.flags.config.empty() || !x.flags.state_dir.empty();
        if (!elsewhere) return p;
        return error(errc::invalid_input,
                     std::string("the system service has its configuration in ") + system_config +
                         " and its state in " + system_state,
                     "Leave --config and --state-dir out, or change both with `systemctl edit openclaw`.");
    }
    const auto where = x.where();
    p.config = where.config_file.string();
    p.state_dir = where.state_dir.string();
    if (!x.io.env("OPENCLAW_HOME").value_or("").empty()) p.home = where.home.string();
    return p;
}

// The port that the configuration names, as a .socket unit wants it.
result<std::string> socket_address(const fs::path& file, const fs::path& home) {
    const auto loaded = config::load_file(file, config::process_environment(home / ".env"));
    if (!loaded && loaded.error().code != errc::not_found) return loaded.error();
    if (loaded && !loaded->ok()) {
        return error(errc::config, file.string() + " does not pass", "Run `openclaw config validate`.");
    }
    const auto network = loaded ? loaded->settings.gateway.network : config::network_settings{};
    auto host = network.host;
    if (host == "loopback" || host == "localhost") host = "127.0.0.1";
    if (host == "lan") host = "0.0.0.0";
    if (host == "tailnet") {
        return error(errc::config, "a socket of systemd cannot follow the address of the tailnet",
                     "Leave --socket out, or name an address in gateway.network.host.");
    }
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return host + ":" + std::to_string(network.port);
}

// Two services on one machine take the port from each other.
result<void> check_alone(const context& x, service_scope scope) {
    const bool is_user = scope == service_scope::user;
    const auto there = installed(x, is_user ? service_scope::system : service_scope::user);
    if (!there) return {};
    return error(errc::conflict,
                 "there is a " + std::string(name_of(there->scope)) + " service already: " +
                     there->unit.string(),
                 "Remove it first: openclaw gateway uninstall-daemon --" +
                     std::string(name_of(there->scope)));
}

// The sandbox of the system service does not see these.
result<void> check_system(const std::string& program) {
    if (geteuid() != 0) {
        return error(errc::forbidden, "a service of the machine is made by root",
                     "Say `sudo " + program + " gateway install-daemon --system`, or make one of your own "
                     "with --user.");
    }
    for (const char* hidden : {"/home/", "/root/", "/tmp/", "/var/tmp/", "/run/user/"}) {
        if (!program.starts_with(hidden)) continue;
        return error(errc::config, "the system service cannot run " + program + ": it does not see " + hidden,
                     "Put it where programs are, and install from there: install -m 755 " + program +
                         " /usr/local/bin/openclaw");
    }
    return {};
}

result<void> put_file(const fs::path& file, const std::string& text) {
    std::error_code failure;
    fs::create_directories(file.parent_path(), failure);
    if (failure) return from_errno(failure.value(), "cannot make " + file.parent_path().string());
    const auto fresh = file.string() + ".new";
    std::ofstream out(fresh, std::ios::trunc);
    out << text;
    out.close();
    if (!out) return from_errno(errno, "cannot write " + fresh);
    fs::permissions(fresh, fs::perms(0644), failure);
    fs::rename(fresh, file, failure);
    if (failure) return from_errno(failure.value(), "cannot write " + file.string());
    return {};
}

result<void> make_system_user() {
    if (auto put = put_file("/etc/sysusers.d/openclaw.conf", systemd_sysusers()); !put) return put;
    const auto said = run_program({"systemd-sysusers", "/etc/sysusers.d/openclaw.conf"},
                                  std::chrono::seconds(20));
    if (said && said->code == 0) return {};
    return error(errc::unavailable,
                 "the user openclaw could not be made: " + (said ? said->err : said.error().message),
                 "Make it by hand: useradd --system --home-dir /var/lib/openclaw openclaw");
}

// A gateway that runs by itself makes place for the service.
result<pid_t> make_place(context& x, const installed_service& s) {
    const auto found = find_gateway(s.state_dir);
    if (!found) return found.error();
    if (!*found || ask_service(s).is_up()) return pid_t{0};
    if (!x.flags.json) {
        x.io.out << "Stopping the gateway that runs (pid " << (*found)->pid << ")…\n" << std::flush;
    }
    if (auto gone = stop_gateway(s.state_dir, **found, stop_limit); !gone) return gone.error();
    return (*found)->pid;
}

result<void> enable(context& x, const installed_service& s, bool start) {
    if (auto read = systemctl(s.scope, {"daemon-reload"}); !read) return read;
    std::vector<std::string> words{"enable"};
    if (s.has_socket) words.emplace_back(socket_name);
    words.emplace_back(service_name);
    if (auto on = systemctl(s.scope, words); !on) return on;
    if (!start) return {};
    if (auto place = make_place(x, s); !place) return place.error();
    const bool up = ask_service(s).is_up();
    return control_service(s, up ? "restart" : "start");
}

// A user's services end with the last session of the user, unless somebody says otherwise.
std::string linger_note(const context& x, service_scope scope) {
    const auto name = x.io.env("USER").value_or("");
    std::error_code ignored;
    if (scope == service_scope::system || name.empty()) return {};
    if (fs::exists("/var/lib/systemd/linger/" + name, ignored)) return {};
    return "It ends when you log out; to keep it running: loginctl enable-linger " + name;
}

result<installed_service> write_units(const context& x, service_scope scope, const install_flags& f,
                                      const service_paths& p) {
    const auto folder = unit_folder(x, scope);
    if (scope == service_scope::system) {
        if (auto made = make_system_user(); !made) return made.error();
    }
    std::error_code ignored;
    if (f.socket) {
        const auto at = socket_address(p.config, x.where().home);
        if (!at) return at.error();
        if (auto put = put_file(folder / socket_name, systemd_socket(*at)); !put) return put.error();
    } else if (fs::exists(folder / socket_name, ignored)) {
        (void)systemctl(scope, {"disable", "--now", socket_name});
        fs::remove(folder / socket_name, ignored);
    }
    const auto text = systemd_service(scope, p);
    if (auto put = put_file(folder / service_name, text); !put) return put.error();
    installed_service s;
    s.scope = scope;
    s.unit = folder / service_name;
    s.has_socket = f.socket;
    s.config = p.config;
    s.state_dir = p.state_dir;
    s.command = exec_start(text);
    return s;
}

int print_files(context& x, service_scope scope, const install_flags& f, const service_paths& p) {
    if (f.launchd) {
        x.io.out << launchd_plist(p);
        return done;
    }
    x.io.out << systemd_service(scope, p);
    if (!f.socket) return done;
    const auto at = socket_address(p.config, x.where().home);
    if (!at) return report(x, at.error());
    x.io.out << '\n' << systemd_socket(*at);
    return done;
}

int install(context& x, const install_flags& f) {
    const auto scope = f.launchd ? service_scope::user : scope_of(f.scope);
    const auto p = paths_for(x, scope);
    if (!p) return report(x, p.error());
    if (f.print) return print_files(x, scope, f, *p);
    if (f.launchd) {
        return report(x, error(errc::unavailable, "launchd is not on this system",
                               "Add --print; the text is for ~/Library/LaunchAgents on a Mac."));
    }
    if (auto alone = check_alone(x, scope); !alone) return report(x, alone.error());
    if (scope == service_scope::system) {
        if (auto may = check_system(p->program); !may) return report(x, may.error());
    }
    const auto s = write_units(x, scope, f, *p);
    if (!s) return report(x, s.error());
    if (auto on = enable(x, *s, !f.no_start); !on) {
        auto e = on.error();
        if (e.hint.empty()) {
            e.hint = s->unit.string() + " is written; openclaw gateway uninstall-daemon removes it.";
        }
        return report(x, e);
    }
    const auto note = linger_note(x, scope);
    if (x.flags.json) {
        json out{{"installed", true}, {"scope", name_of(scope)}, {"unit", s->unit.string()},
                 {"started", !f.no_start}, {"socket", f.socket}};
        if (!note.empty()) out["note"] = note;
        print_json(x, out);
        return done;
    }
    x.io.out << "Installed the " << name_of(scope) << " service " << one_line(s->unit.string())
             << (f.no_start ? "; openclaw gateway start starts it.\n" : " and started it.\n");
    x.io.out << "Its configuration is " << one_line(p->config) << '\n';
    if (!note.empty()) x.io.out << one_line(note) << '\n';
    return done;
}

int uninstall(context& x, const scope_flags& f) {
    const auto scope = scope_of(f);
    auto s = installed(x, scope);
    if (!s && !f.user && !f.system) {
        s = installed(x, scope == service_scope::user ? service_scope::system : service_scope::user);
    }
    if (!s) {
        return report(x, error(errc::not_found, "no service is installed",
                               "openclaw gateway install-daemon installs one."));
    }
    if (s->scope == service_scope::system && geteuid() != 0) {
        return report(x, error(errc::forbidden, "the service is the machine's: " + s->unit.string(),
                               "Say it as root, with sudo."));
    }
    if (s->unit.parent_path() != unit_folder(x, s->scope)) {
        return report(x, error(errc::conflict, s->unit.string() + " belongs to a package",
                               "Say `systemctl disable --now openclaw`, or remove the package."));
    }
    std::vector<std::string> words{"disable", "--now"};
    if (s->has_socket) words.emplace_back(socket_name);
    words.emplace_back(service_name);
    const auto off = systemctl(s->scope, words);
    std::error_code failure;
    fs::remove(s->unit.parent_path() / socket_name, failure);
    if (!fs::remove(s->unit, failure)) {
        return report(x, from_errno(failure.value(), "cannot remove " + s->unit.string()));
    }
    const auto read = off ? systemctl(s->scope, {"daemon-reload"}) : off;
    if (off) (void)systemctl(s->scope, {"reset-failed", service_name});   // says so when there is nothing
    if (!read) x.io.err << "warning: " << one_line(read.error().message) << '\n';
    if (x.flags.json) {
        print_json(x, {{"removed", true}, {"scope", name_of(s->scope)}, {"unit", s->unit.string()}});
    } else {
        x.io.out << "Removed the " << name_of(s->scope) << " service; " << one_line(s->config.string())
                 << " and " << one_line(s->state_dir.string()) << " are as they were.\n";
    }
    return done;
}

}  // namespace

void add_service_commands(command_tree& tree, CLI::App& gateway) {
    const auto f = std::make_shared<install_flags>();
    auto& in = tree.add(gateway, "install-daemon", "Make it a service (systemd), and start it.",
                        "openclaw gateway install-daemon --user",
                        [f](context& x) { return install(x, *f); });
    add_scope(in, f->scope);
    in.add_flag("--socket", f->socket, "let systemd hold the port, also during a restart");
    in.add_flag("--no-start", f->no_start, "only install it");
    in.add_flag("--print", f->print, "show the files instead of writing them");
    in.add_flag("--launchd", f->launchd, "with --print: the plist for macOS");

    const auto u = std::make_shared<scope_flags>();
    auto& out = tree.add(gateway, "uninstall-daemon", "Stop the service and remove it; its state stays.",
                         "openclaw gateway uninstall-daemon --user",
                         [u](context& x) { return uninstall(x, *u); });
    add_scope(out, *u);
}

}  // namespace openclaw::cli
