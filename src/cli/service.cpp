#include "cli/service.hpp"

#include "cli/pid_file.hpp"

#include <charconv>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace openclaw::cli {

namespace fs = std::filesystem;

namespace {

// Longer than the unit's own limits for a stop and a start.
constexpr std::chrono::seconds control_limit{120};
constexpr std::chrono::seconds question_limit{5};
constexpr std::size_t shown_lines = 5;

std::string read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

bool has_file(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored);
}

std::vector<fs::path> folders_of(const context& x, service_scope scope) {
    auto own = unit_folder(x, scope);
    if (scope == service_scope::user) return {std::move(own)};
    return {std::move(own), "/usr/lib/systemd/system", "/lib/systemd/system"};
}

// Somebody said which gateway is meant.
bool names_place(const context& x) {
    if (!x.flags.config.empty() || !x.flags.state_dir.empty()) return true;
    for (const char* name : {"OPENCLAW_HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH"}) {
        if (!x.io.env(name).value_or("").empty()) return true;
    }
    return false;
}

std::vector<std::string> manager_words(const char* program, service_scope scope) {
    std::vector<std::string> words{program};
    if (scope == service_scope::user) words.emplace_back("--user");
    return words;
}

std::string said_by(const program_result& r) {
    std::string text;
    for (const auto& line : last_lines(r.err.empty() ? r.out : r.err, 2)) {
        text += (text.empty() ? "" : " ") + line;
    }
    return text.empty() ? "it ended with " + std::to_string(r.code) : text;
}

// The journal's last lines of the service, as far as the user may read them.
std::string journal_of(service_scope scope) {
    auto words = manager_words("journalctl", scope);
    for (const char* w : {"-u", service_name, "-n", "5", "--no-pager", "-o", "cat", "-q"}) {
        words.emplace_back(w);
    }
    const auto said = run_program(words, question_limit);
    std::string text;
    if (!said || said->code != 0) return text;
    for (const auto& line : last_lines(said->out, shown_lines)) text += (text.empty() ? "" : " | ") + line;
    return text;
}

}  // namespace

std::string_view name_of(service_scope scope) { return scope == service_scope::user ? "user" : "system"; }

service_scope scope_of(const scope_flags& flags) {
    if (flags.system != flags.user) return flags.system ? service_scope::system : service_scope::user;
    return geteuid() == 0 ? service_scope::system : service_scope::user;
}

fs::path unit_folder(const context& x, service_scope scope) {
    if (scope == service_scope::system) return "/etc/systemd/system";
    const auto config = x.io.env("XDG_CONFIG_HOME").value_or("");
    if (config.starts_with('/')) return fs::path(config) / "systemd/user";
    return fs::path(x.io.env("HOME").value_or("/")) / ".config/systemd/user";
}

std::optional<installed_service> installed(const context& x, service_scope scope) {
    for (const auto& folder : folders_of(x, scope)) {
        const auto unit = folder / service_name;
        if (!has_file(unit)) continue;
        installed_service s;
        s.scope = scope;
        s.unit = unit;
        s.command = exec_start(read_text(unit));
        s.config = word_after(s.command, "--config");
        s.state_dir = word_after(s.command, "--state-dir");
        s.has_socket = has_file(folder / socket_name);
        if (!s.state_dir.empty()) return s;
    }
    return std::nullopt;
}

std::optional<installed_service> find_service(const context& x, const scope_flags& flags) {
    const auto first = scope_of(flags);
    std::vector<service_scope> scopes{first};
    if (flags.user == flags.system) {
        scopes.push_back(first == service_scope::user ? service_scope::system : service_scope::user);
    }
    for (const auto scope : scopes) {
        auto s = installed(x, scope);
        if (s && (!names_place(x) || s->state_dir == x.where().state_dir)) return s;
    }
    return std::nullopt;
}

result<void> systemctl(service_scope scope, const std::vector<std::string>& words) {
    auto all = manager_words("systemctl", scope);
    all.insert(all.end(), words.begin(), words.end());
    const auto said = run_program(all, control_limit);
    if (!said) return said.error();
    if (said->code == 0) return {};
    std::string shown;
    for (const auto& word : all) shown += (shown.empty() ? "" : " ") + word;
    const bool root = scope == service_scope::user || geteuid() == 0;
    return error(errc::unavailable, "`" + shown + "` failed: " + said_by(*said),
                 root ? "" : "The service is the machine's: say it as root, with sudo.");
}

service_state ask_service(const installed_service& s) {
    auto words = manager_words("systemctl", s.scope);
    for (const char* w : {"show", service_name, "--no-pager",
                          "--property=ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID"}) {
        words.emplace_back(w);
    }
    service_state now;
    const auto said = run_program(words, question_limit);
    if (!said || said->code != 0) {
        now.problem = said ? said_by(*said) : said.error().message;
        return now;
    }
    std::istringstream lines(said->out);
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const auto name = line.substr(0, equals);
        auto value = line.substr(equals + 1);
        const auto number = [&](int& into) {
            std::from_chars(value.data(), value.data() + value.size(), into);
        };
        if (name == "NRestarts") number(now.restarts);
        else if (name == "MainPID") number(now.main_pid);
        else if (name == "ActiveState") now.active = std::move(value);
        else if (name == "SubState") now.sub = std::move(value);
        else if (name == "UnitFileState") now.enabled = std::move(value);
        else if (name == "Result") now.result = std::move(value);
    }
    return now;
}

json to_json(const installed_service& s, const service_state& now) {
    json out{{"manager", "systemd"}, {"scope", name_of(s.scope)}, {"unit", s.unit.string()},
             {"socket", s.has_socket}, {"active", now.active}};
    if (!now.problem.empty()) {
        out["problem"] = now.problem;
        return out;
    }
    out.update({{"sub", now.sub}, {"enabled", now.enabled}, {"result", now.result},
                {"restarts", now.restarts}, {"mainPid", now.main_pid}});
    return out;
}

std::optional<installed_service> service_in_charge(const context& x) {
    auto found = find_service(x);
    if (!found || found->scope != service_scope::system || scope_of({}) != service_scope::user) return found;
    const auto mine = find_gateway(x.where().state_dir);
    if (mine && *mine) found.reset();
    return found;
}

result<void> control_service(const installed_service& s, const std::string& verb) {
    std::vector<std::string> words{verb};
    // A port that stays open would start it again; one that is restarted would refuse clients.
    if (s.has_socket && verb != "restart") words.emplace_back(socket_name);
    words.emplace_back(service_name);
    auto did = systemctl(s.scope, words);
    if (did || verb == "stop") return did;
    auto e = did.error();
    const auto journal = journal_of(s.scope);
    if (!journal.empty()) e.hint = "Its last words: " + journal;
    else if (e.hint.empty()) {
        e.hint = std::string("`journalctl ") + (s.scope == service_scope::user ? "--user " : "") +
                 "-u openclaw` has its words.";
    }
    return e;
}

namespace {

// Of a process, without what its service manager tells to it alone; empty: it cannot be read.
std::vector<std::string> environment_of(std::int64_t pid) {
    std::vector<std::string> all;
    std::ifstream in("/proc/" + std::to_string(pid) + "/environ");
    for (std::string one; std::getline(in, one, '\0');) {
        const bool own = one.starts_with("NOTIFY_SOCKET=") || one.starts_with("LISTEN_") ||
                         one.starts_with("WATCHDOG_");
        if (!own && !one.empty()) all.push_back(one);
    }
    return all;
}

}  // namespace

result<void> check_service_start(const installed_service& s) {
    auto words = s.command;
    words.emplace_back("--check");
    // What it runs with, for the unit's keys are not in the caller's environment.
    const auto environment = environment_of(ask_service(s).main_pid);
    if (environment.empty()) return {};
    const auto said = run_program(words, std::chrono::seconds(10), environment);
    if (!said) return said.error();
    if (said->code == 0) return {};
    return error(errc::config, "it could not start again, so it was left as it is: " + said_by(*said),
                 "Correct that first; `openclaw config validate` checks the file.");
}

}  // namespace openclaw::cli
