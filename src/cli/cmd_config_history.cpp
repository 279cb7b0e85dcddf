// config history, diff, rollback, apply and confirm: the way back from a change.

#include "cli/commands.hpp"
#include "cli/config_file.hpp"
#include "cli/output.hpp"
#include "openclaw/config/editor.hpp"
#include "openclaw/config/history.hpp"
#include "openclaw/config/reload.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/units.hpp"

#include <CLI/App.hpp>

#include <fstream>
#include <iterator>
#include <limits>
#include <ostream>

namespace openclaw::cli {

namespace {

constexpr std::size_t few_paths = 3;
constexpr milliseconds longest_trial{24 * 3'600'000};

constexpr int the_one_before = std::numeric_limits<int>::min();

struct version_options {
    int version = the_one_before;
};
struct apply_options {
    std::string file, within;
};

std::string short_list(const std::vector<std::string>& paths) {
    std::string text;
    for (std::size_t i = 0; i < std::min(paths.size(), few_paths); ++i) {
        text += (i == 0 ? "" : ", ") + paths[i];
    }
    if (paths.size() <= few_paths) return text;
    return text + " and " + std::to_string(paths.size() - few_paths) + " more";
}

int history(context& x) {
    const auto versions = config::read_versions(x.where().state_dir);
    if (!versions) return report(x, versions.error());
    const auto now = config_text(x.where());
    const auto trial = config::read_trial(x.where().state_dir);
    const bool waits = trial && *trial;
    json rows = json::array();
    table t({"VERSION", "WHEN", "WHO", "CHANGED"});
    for (const auto& v : *versions) {
        const bool current = now && *now == v.text;
        rows.push_back({{"version", v.number}, {"timeMs", v.time_ms}, {"who", v.who}, {"changed", v.changed},
                        {"hash", v.hash}, {"current", current}});
        t.add({std::to_string(v.number) + (current ? " *" : ""),
               age(v.time_ms, system_time().unix_ms()), v.who, short_list(v.changed)});
    }
    if (x.flags.json) {
        json out{{"versions", std::move(rows)}};
        if (waits) out["trialUntilMs"] = (*trial)->until_ms;
        print_json(x, out);
        return done;
    }
    if (t.empty()) x.io.out << "No version is kept yet; the gateway keeps each that it takes up.\n";
    else t.print(x.io.out, x.colour());
    if (waits) x.io.out << "A change is on trial; `openclaw config confirm` keeps it.\n";
    return done;
}

// The version that is asked for; without a number the newest that is not what the file has.
result<config::kept_version> wanted_version(context& x, int number) {
    if (number != the_one_before) return config::find_version(x.where().state_dir, number);
    const auto now = config_text(x.where());
    if (!now) return now.error();
    auto versions = config::read_versions(x.where().state_dir);
    if (!versions) return versions.error();
    for (auto& v : *versions) {
        if (v.text != *now) return std::move(v);
    }
    return error(errc::not_found, "no earlier version of the configuration is kept",
                 "`openclaw config history` shows those that are.");
}

std::string shown(const config::load_outcome& of, const std::string& path) {
    const auto value = config::get_value(of, path, false);
    if (!value || value->is_null()) return "-";
    return value->is_string() ? value->get<std::string>() : dump(*value);
}

int show_diff(context& x, const version_options& o) {
    const auto old = wanted_version(x, o.version);
    if (!old) return report(x, old.error());
    const auto text = config_text(x.where());
    if (!text) return report(x, text.error());
    const auto env = config::process_environment(x.where().home / ".env");
    const auto before = config::load_text(old->text, env);
    const auto after = config::load_text(*text, env);
    json rows = json::array();
    table t({"SETTING", "VERSION " + std::to_string(old->number), "NOW", "TAKES EFFECT"});
    for (const auto& c : config::diff(before, after)) {
        const auto a = shown(before, c.path), b = shown(after, c.path);
        const auto when = c.reload == config::reload_class::restart ? "with a restart" : "at once";
        rows.push_back(
            {{"path", c.path}, {"before", a}, {"after", b}, {"reload", config::name_of(c.reload)}});
        t.add({c.path, a, b, when});
    }
    if (x.flags.json) print_json(x, {{"version", old->number}, {"changes", std::move(rows)}});
    else if (t.empty()) x.io.out << "No setting differs from version " << old->number << ".\n";
    else t.print(x.io.out, x.colour());
    return done;
}

// Errors of a text that is about to be written.
result<void> check_text(const std::string& text, const std::string& name, const config::locations& where) {
    const auto loaded = config::load_text(text, config::process_environment(where.home / ".env"));
    std::string problems;
    for (const auto& i : loaded.issues) {
        if (i.severity == config::severity::error) problems += "\n" + config::to_string(i, name);
    }
    if (problems.empty()) return {};
    return error(errc::config, "it does not pass:" + problems, "Nothing was changed.");
}

// Writes a whole text, with both versions kept.
result<void> put_text(context& x, const std::string& old, const std::string& text, const std::string& who) {
    const auto where = x.where();
    keep_text(where, old, "found by the command line");
    if (auto written = config::write_file(where.config_file, text); !written) return written;
    keep_text(where, text, who);
    return {};
}

int say(context& x, const std::string& what, const std::string& when) {
    const json said{{"changed", what}, {"file", x.where().config_file.string()}, {"note", when}};
    if (x.flags.json) print_json(x, said);
    else x.io.out << one_line(what) << ". " << one_line(when) << '\n';
    return done;
}

int rollback(context& x, const version_options& o) {
    const auto old = wanted_version(x, o.version);
    if (!old) return report(x, old.error());
    const auto now = config_text(x.where());
    if (!now) return report(x, now.error());
    const auto name = "version " + std::to_string(old->number);
    if (auto fit = check_text(old->text, name, x.where()); !fit) return report(x, fit.error());
    if (auto put = put_text(x, *now, old->text, "rolled back to " + name); !put) {
        return report(x, put.error());
    }
    (void)config::end_trial(x.where().state_dir);   // there is nothing to come back from any more
    return say(x, "The configuration is again that of " + name, when_applied(x, {}));
}

result<std::string> text_of(context& x, const std::string& file) {
    if (file == "-") return std::string(std::istreambuf_iterator<char>(x.io.in), {});
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.good() || in.eof()) return text;
    return error(errc::io, "cannot read " + file);
}

result<milliseconds> trial_time(const std::string& text) {
    if (text.empty()) return milliseconds(0);
    auto time = parse_duration(text);
    if (time && *time >= milliseconds(1'000) && *time <= longest_trial) return time;
    return error(errc::invalid_input, "--confirm-within takes a time from 1s to 24h, such as 60s");
}

int apply_file(context& x, const apply_options& o) {
    const auto where = x.where();
    const auto within = trial_time(o.within);
    if (!within) return report(x, within.error());
    const auto text = text_of(x, o.file);
    if (!text) return report(x, text.error());
    if (auto fit = check_text(*text, o.file, where); !fit) return report(x, fit.error());
    const auto now = config_text(where);
    if (!now) return report(x, now.error());
    if (*now == *text) return say(x, "Nothing changed", "The file has that text already.");
    const bool on_trial = within->count() > 0;
    if (on_trial) {
        // What nobody has confirmed is no way back.
        const auto earlier = config::read_trial(where.state_dir);
        const bool unconfirmed = earlier && *earlier && (*earlier)->hash == to_hex(sha256(*now));
        const config::trial t{system_time().unix_ms() + within->count(), to_hex(sha256(*text)),
                              unconfirmed ? (*earlier)->before : *now};
        if (auto begun = config::begin_trial(where.state_dir, t); !begun) return report(x, begun.error());
    }
    if (auto put = put_text(x, *now, *text, "openclaw config apply " + o.file); !put) {
        return report(x, put.error());
    }
    if (!on_trial) (void)config::end_trial(where.state_dir);
    auto when = when_applied(x, {});
    if (on_trial) {
        when += " Confirm within " + format_duration(*within) +
                ": openclaw config confirm. Without that the gateway puts back what was there" +
                (is_running(x) ? "." : ", at the latest when it starts.");
    }
    return say(x, "Applied " + o.file, when);
}

int confirm(context& x) {
    if (auto ended = config::end_trial(x.where().state_dir); !ended) return report(x, ended.error());
    return say(x, "Confirmed", "The change stays.");
}

}  // namespace

void add_config_history_commands(command_tree& tree, CLI::App& group) {
    tree.add(group, "history", "The versions that the file had; * is the one it has.",
             "openclaw config history", history);
    const auto seen = std::make_shared<version_options>();
    tree.add(group, "diff", "What differs from an earlier version, setting by setting.",
             "openclaw config diff 3", [seen](context& x) { return show_diff(x, *seen); })
        .add_option("VERSION", seen->version, "of `config history`; the one before when left out");
    const auto back = std::make_shared<version_options>();
    tree.add(group, "rollback", "Put an earlier version back; it is checked first.",
             "openclaw config rollback 3", [back](context& x) { return rollback(x, *back); })
        .add_option("VERSION", back->version, "of `config history`; the one before when left out");
    const auto put = std::make_shared<apply_options>();
    auto& apply = tree.add(group, "apply", "Put a whole file in the place of the configuration.",
                           "openclaw config apply new.json5 --confirm-within 60s",
                           [put](context& x) { return apply_file(x, *put); });
    apply.add_option("FILE", put->file, "the new text; - reads standard input")->required();
    apply.add_option("--confirm-within", put->within, "put back unless `config confirm` comes in time")
        ->type_name("TIME");
    tree.add(group, "confirm", "Keep a change that was applied with --confirm-within.",
             "openclaw config confirm", confirm);
}

}  // namespace openclaw::cli
