#include "cli/commands.hpp"
#include "cli/config_file.hpp"
#include "cli/output.hpp"
#include "cli/pid_file.hpp"
#include "openclaw/config/editor.hpp"
#include "openclaw/config/foreseen.hpp"
#include "openclaw/config/loader.hpp"
#include "openclaw/routing/scheduler.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <ostream>

namespace openclaw::cli {

namespace {

struct value_options {
    std::string path, value;
    bool reveal = false;
};

// A missing file means: all defaults.
result<config::load_outcome> load(const config::locations& where) {
    const auto env = config::process_environment(where.home / ".env");
    auto loaded = config::load_file(where.config_file, env);
    if (!loaded && loaded.error().code == errc::not_found) return config::load_text("{}\n", env);
    return loaded;
}

std::size_t errors_in(const config::load_outcome& loaded) {
    return static_cast<std::size_t>(
        std::count_if(loaded.issues.begin(), loaded.issues.end(),
                      [](const auto& i) { return i.severity == config::severity::error; }));
}

std::string_view name_of(config::severity s) {
    switch (s) {
    case config::severity::notice: return "notice";
    case config::severity::warning: return "warning";
    case config::severity::error: break;
    }
    return "error";
}

json issue_json(const config::issue& i) {
    return {{"severity", name_of(i.severity)}, {"path", i.path}, {"line", i.line},
            {"column", i.column}, {"message", i.message}, {"hint", i.hint}};
}

// What makes the value at `path` not to be trusted: a file that cannot be read as a whole, or an
// error in the value.
const config::issue* error_at(const config::load_outcome& loaded, const std::string& path) {
    for (const auto& i : loaded.issues) {
        if (i.severity != config::severity::error) continue;
        const bool inside = path.empty() || i.path == path || i.path.starts_with(path + ".") ||
                            i.path.starts_with(path + "[");
        if (i.path.empty() || inside) return &i;
    }
    return nullptr;
}

int get(context& x, const value_options& o) {
    const auto loaded = load(x.where());
    if (!loaded) return report(x, loaded.error());
    if (const auto* bad = error_at(*loaded, o.path)) {
        return report(x, error(errc::config, config::to_string(*bad, x.where().config_file.string()),
                               "`openclaw config validate` shows all that is wrong."));
    }
    const auto value = config::get_value(*loaded, o.path, o.reveal);
    if (!value) return report(x, value.error());
    if (value->is_string() && !x.flags.json) x.io.out << clean(value->get<std::string>()) << '\n';
    else print_json(x, *value);
    return done;
}

// Not where a gateway runs on a file that was taken away: one of this change alone would be what the next
// start is on, without its token and all else.
result<void> check_not_taken_away(const config::locations& where) {
    std::error_code unknown;
    if (std::filesystem::exists(where.config_file, unknown) || unknown) return {};
    const auto running = find_gateway(where.state_dir);
    if (!running || !*running) return {};
    return error(errc::conflict,
                 "there is no " + where.config_file.string() +
                     ", but a gateway runs that was started from a file",
                 "Put it back first. What the gateway runs on is " + where.last_good().string() + ".");
}

int apply(context& x, config::change c, const std::string& what) {
    const auto where = x.where();
    if (auto there = check_not_taken_away(where); !there) return report(x, there.error());
    const auto before = config_text(where);
    const auto env = config::process_environment(where.home / ".env");
    if (before && config::load_text(*before, env).ok()) {
        keep_text(where, *before, "found by the command line");
    }
    const auto path = c.path;
    const auto written = config::change_file(where.config_file, {&c, 1}, env);
    if (!written) return report(x, written.error());
    keep_text(where, written->raw, "openclaw config: " + what);
    const auto when = when_applied(x, path);
    if (x.flags.json) {
        print_json(x, {{"changed", what}, {"file", where.config_file.string()}, {"note", when}});
    } else {
        x.io.out << one_line(what) << " in " << one_line(where.config_file.string()) << ". " << when
                 << '\n';
    }
    return done;
}

int set(context& x, const value_options& o) {
    auto value = config::parse_value(o.path, o.value);
    if (!value) return report(x, value.error());
    return apply(x, {o.path, std::move(*value)}, "Set " + o.path);
}

int unset(context& x, const value_options& o) {
    return apply(x, {o.path, std::nullopt}, "Removed " + o.path);
}

// Jobs of the file that a start leaves out.
void add_job_warnings(config::load_outcome& loaded) {
    const auto jobs = loaded.settings.cron.value("jobs", json::array());
    for (auto& problem : routing::scheduler::problems_of(jobs)) {
        loaded.issues.push_back({config::severity::warning, "", 0, 0,
                                 "a job would not run: " + std::move(problem),
                                 "docs/cron.md shows what a job looks like."});
    }
}

int validate(context& x) {
    const auto where = x.where();
    const auto file = where.config_file.string();
    auto loaded = config::load_file(where.config_file, config::process_environment(where.home / ".env"));
    if (!loaded) return report(x, loaded.error());
    for (auto& i : config::foreseen(*loaded)) loaded->issues.push_back(std::move(i));
    if (loaded->ok()) add_job_warnings(*loaded);
    const auto idle = loaded->ok() ? config::not_in_effect(loaded->settings, loaded->raw)
                                   : std::vector<std::string>();
    if (x.flags.json) {
        json issues = json::array();
        for (const auto& i : loaded->issues) issues.push_back(issue_json(i));
        print_json(x, {{"valid", loaded->ok()}, {"file", file}, {"issues", std::move(issues)},
                       {"notInEffect", idle}});
        return loaded->ok() ? done : failed;
    }
    for (const auto& i : loaded->issues) {
        const auto p = i.severity == config::severity::error ? paint::red : paint::yellow;
        x.io.out << painted(name_of(i.severity), p, x.colour()) << "  "
                 << one_line(config::to_string(i, file)) << '\n';
    }
    for (const auto& line : idle) x.io.out << "not in effect  " << one_line(line) << '\n';
    const auto n = errors_in(*loaded);
    if (n == 0) x.io.out << one_line(file) << " is valid.\n";
    else x.io.err << "error: " << one_line(file) << " has " << n << (n == 1 ? " error\n" : " errors\n");
    return n == 0 ? done : failed;
}

int show_file(context& x) {
    const auto file = x.where().config_file.string();
    if (x.flags.json) print_json(x, {{"file", file}});
    else x.io.out << one_line(file) << '\n';
    return done;
}

}  // namespace

void add_config_commands(command_tree& tree) {
    auto& group = tree.add(tree.root(), "config", "Read and change the configuration file.",
                           "openclaw config get gateway.network.port");
    const auto o = std::make_shared<value_options>();
    auto& get_command = tree.add(group, "get", "Show a value; secrets are masked.",
                                 "openclaw config get gateway.network.port",
                                 [o](context& x) { return get(x, *o); });
    get_command.add_option("PATH", o->path, "such as gateway.network; all when left out");
    get_command.add_flag("--reveal", o->reveal, "show secrets too");

    auto& set_command = tree.add(group, "set", "Change a value; checked first, comments stay.",
                                 "openclaw config set gateway.network.port 18790",
                                 [o](context& x) { return set(x, *o); });
    set_command.add_option("PATH", o->path, "such as gateway.network.port")->required();
    tree.allow_empty(*set_command.add_option("VALUE", o->value, "a number, true, 5m, a text, or JSON5")
                          ->required());

    auto& unset_command = tree.add(group, "unset", "Remove a value, so that its default holds.",
                                   "openclaw config unset gateway.network.port",
                                   [o](context& x) { return unset(x, *o); });
    unset_command.add_option("PATH", o->path, "such as gateway.network.port")->required();

    tree.add(group, "validate", "Check the whole file; all problems at once.",
             "openclaw config validate", validate);
    tree.add(group, "schema", "The JSON schema of the file.", "openclaw config schema > schema.json",
             [](context& x) {
                 print_json(x, config::json_schema());
                 return static_cast<int>(done);
             });
    add_config_history_commands(tree, group);
    tree.add(group, "file", "Where the file is.", "openclaw config file", show_file);
}

}  // namespace openclaw::cli
