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

std::string_view name_of(config::reload_class r) {
    switch (r) {
    case config::reload_class::live: return "live";
    case config::reload_class::module: return "module";
    case config::reload_class::restart: break;
    }
    return "restart";
}

// What was written, and when it is in effect: this version reads its file when it starts.
json edited_json(const method_call& c, const config::edited& e) {
    json changed = json::array();
    for (const auto& s : e.changes) {
        changed.push_back({{"path", s.path}, {"reloadClass", name_of(s.reload)}});
    }
    const bool any = !e.changes.empty();
    return {{"ok", true},
            {"path", c.gateway.config_file.file().string()},
            {"hash", e.after.hash},
            {"config", e.after.complete},
            {"warnings", issues_of(e.after.issues, config::severity::warning)},
            {"changed", std::move(changed)},
            {"restartRequired", any},
            {"message", any ? "written; in effect with the next start of the gateway"
                            : "nothing changed"}};
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
    co_return edited_json(c, *done);
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

task<result<json>> call_config_get(method_call c) {
    auto d = co_await c.gateway.config_file.read();
    if (!d) co_return d.error();
    co_return document_json(c, *d);
}

// There is no restart to ask for, so that both write and say when it is in effect.
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
    // Whatever class a setting is of: the file is read at the start alone.
    json out{{"path", *path},
             {"schema", found->schema},
             {"reloadKind", found->in_effect ? "restart" : "none"},
             {"children", std::move(children)}};
    if (!found->hint.is_null()) {
        out["hint"] = found->hint;
        out["hintPath"] = found->pattern;
    }
    co_return out;
}

}  // namespace openclaw::ingress
