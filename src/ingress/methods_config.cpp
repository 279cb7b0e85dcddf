// config.get, set, apply, patch, schema and schema.lookup (protocol.md §8).

#include "ingress/config_answers.hpp"
#include "openclaw/config/editor.hpp"
#include "openclaw/config/form.hpp"
#include "openclaw/core/log.hpp"

#include <ctime>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_raw = 4 << 20;    // bytes of a configuration
constexpr std::size_t max_path = 512;
constexpr std::size_t max_note = 4096;

json issue_json(const config::issue& i) {
    json out{{"path", i.path}, {"message", i.hint.empty() ? i.message : i.message + ". " + i.hint}};
    if (i.line > 0) {
        out["line"] = i.line;
        out["column"] = i.column;
    }
    return out;
}

json issues_of(const std::vector<config::issue>& all, config::severity wanted) {
    json list = json::array();
    for (const auto& i : all) {
        if (i.severity == wanted) list.push_back(issue_json(i));
    }
    return list;
}

// The text itself is not for those who may not read the file, and never with a secret in it.
json document_json(const method_call& c, const config::document& d) {
    const bool shows_text = d.exists && !d.hides && d.valid && c.who.allows(scope::admin);
    return {{"path", c.gateway.config_file.file().string()},
            {"exists", d.exists},
            {"raw", shows_text ? json(d.raw) : json(nullptr)},
            {"parsed", d.parsed},
            {"resolved", d.parsed},
            {"config", d.complete},
            {"valid", d.valid},
            {"hash", d.hash},
            {"issues", issues_of(d.issues, config::severity::error)},
            {"warnings", issues_of(d.issues, config::severity::warning)},
            {"legacyIssues", issues_of(d.issues, config::severity::notice)}};
}

std::string listed(const std::vector<std::string>& paths) {
    std::string text;
    for (const auto& path : paths) text += (text.empty() ? "" : ", ") + path;
    return text;
}

std::string change_message(const config::edited& e, const config::reload_report& r) {
    if (e.changes.empty()) return "nothing changed";
    if (!r.problems.empty()) return "written, and not in effect: " + r.problems.front();
    if (!r.in_effect) return "written; the next start takes it up";
    if (!r.plan.restart.empty()) return "written; restart needed for " + listed(r.plan.restart);
    return r.plan.live.empty() ? "written" : "written, and in effect";
}

// What was written, and what of it is in effect.
json edited_json(const method_call& c, const config::edited& e, const config::reload_report& r) {
    const bool waits = !e.changes.empty() && !r.in_effect;   // for a file that passes, or for a start
    json changed = json::array();
    for (const auto& s : e.changes) {
        changed.push_back({{"path", s.path}, {"reloadClass", config::name_of(s.reload)}});
    }
    return {{"ok", true},
            {"path", c.gateway.config_file.file().string()},
            {"hash", e.after.hash},
            {"config", e.after.complete},
            {"warnings", issues_of(e.after.issues, config::severity::warning)},
            {"changed", std::move(changed)},
            {"applied", r.plan.live},
            {"notInEffect", r.plan.idle},
            {"restartNeeded", r.pending},
            {"problems", r.problems},
            {"restartRequired", waits || !r.plan.restart.empty()},
            {"message", change_message(e, r)}};
}

task<result<json>> change_config(method_call c, config::edit_kind what) {
    if (auto all = refuse_fields(c, {"replacePaths"}); !all) co_return all.error();
    auto raw = required_text(c, "raw", max_raw);
    if (!raw) co_return raw.error();
    auto hash = optional_text(c, "baseHash", 128);
    if (!hash) co_return hash.error();
    auto note = optional_text(c, "note", max_note);
    if (!note) co_return note.error();
    // For what follows a restart, which does not come by itself here.
    auto session = optional_text(c, "sessionKey", max_key);
    if (!session) co_return session.error();
    auto delay = optional_int(c, "restartDelayMs", 0, INT32_MAX, 0);
    if (!delay) co_return delay.error();
    config::edit e{what, std::move(*raw), std::move(*hash)};
    auto written = config_teller(c, *note);
    auto done = co_await c.gateway.config_file.change(c.who, std::move(e), std::move(written));
    if (!done) co_return done.error();
    if (!done->refused.empty()) co_return refused_config(c, done->refused);
    const auto report = co_await take_up_config(c, *done);
    co_return edited_json(c, *done, report);
}

std::string iso_time(std::int64_t unix_ms) {
    const std::time_t seconds = unix_ms / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

error refused_config(const method_call& c, const std::vector<config::issue>& issues) {
    json list = json::array();
    std::string text = "invalid config: ";
    for (const auto& i : issues) {
        if (i.severity != config::severity::error) continue;
        if (list.size() < 3) {
            text += (list.empty() ? "" : "; ") + (i.path.empty() ? "" : i.path + ": ") + i.message;
        }
        list.push_back(issue_json(i));
    }
    c.refusal["details"]["issues"] = std::move(list);
    return error(errc::invalid_input, text);
}

config_desk::listener config_teller(const method_call& c, const std::string& note) {
    return [&g = c.gateway, note, who = c.who.subject()](const config::edited& e) {
        const auto path = g.config_file.file().string();
        log::info("config", "a client changed the configuration",
                  {{"file", path}, {"who", who}, {"settings", e.changes.size()}, {"note", note}});
        g.d.hub->config_changed({{"path", path}, {"hash", e.after.hash}, {"ts", g.d.time.unix_ms()}});
    };
}

// Nothing is taken up where nothing changed.
task<config::reload_report> take_up_config(method_call& c, const config::edited& e) {
    config::reload_report report;
    if (e.changes.empty()) co_return report;
    if (!c.gateway.d.operations.reload) {
        for (const auto& change : e.changes) report.plan.restart.push_back(change.path);
        co_return report;
    }
    auto who = c.who.subject() + ": " + c.method;
    co_return co_await c.gateway.d.operations.reload(std::move(who));
}

task<result<json>> call_config_get(method_call c) {
    auto d = co_await c.gateway.config_file.read();
    if (!d) co_return d.error();
    co_return document_json(c, *d);
}

// What can be live is at once; nobody is restarted by a client, so that the rest is named and waits.
task<result<json>> call_config_set(method_call c) {
    return change_config(std::move(c), config::edit_kind::replace);
}

task<result<json>> call_config_patch(method_call c) {
    return change_config(std::move(c), config::edit_kind::merge);
}

task<result<json>> call_config_schema(method_call c) {
    static const json schema = config::json_schema();
    static const json hints = config::ui_hints();
    co_return json{{"schema", schema},
                   {"uiHints", hints},
                   {"version", c.gateway.d.identity.version},
                   {"generatedAt", iso_time(c.gateway.started_ms)}};
}

task<result<json>> call_config_schema_lookup(method_call c) {
    if (find(c.params, "path") == nullptr) {
        co_return bad_params(c, "must have required property 'path'");
    }
    auto path = optional_text(c, "path", max_path);
    if (!path) co_return path.error();
    if (*path == ".") path->clear();
    const auto found = config::find_setting(*path);
    if (!found) co_return found.error();
    json children = json::array();
    for (const auto& child : found->children) {
        children.push_back({{"key", child.key},
                            {"path", child.path},
                            {"type", child.type},
                            {"required", child.required},
                            {"hasChildren", child.has_children}});
    }
    const bool restart = config::reload_class_of(*path) == config::reload_class::restart;
    json out{{"path", *path},
             {"schema", found->schema},
             {"reloadKind", !found->in_effect ? "none" : restart ? "restart" : "hot"},
             {"children", std::move(children)}};
    if (!found->hint.is_null()) {
        out["hint"] = found->hint;
        out["hintPath"] = found->pattern;
    }
    co_return out;
}

}  // namespace openclaw::ingress
