#include "config/aliases.hpp"

#include "config/path.hpp"

#include <algorithm>
#include <functional>

namespace openclaw::config {

namespace {

// Rewrites a value for its new place; false: this row is not meant.
using conversion = bool (*)(json5_value&);

struct alias {
    std::string_view from; // with "*" and "[]" as in the table
    std::string_view to;   // the same wildcards in the same order; empty: no effect here
    conversion convert = nullptr;
};

bool rename_word(json5_value& v, std::string_view from, std::string_view to) {
    if (v.kind == json5_kind::text && v.text == from) v.text = to;
    return true;
}

bool append_unit(json5_value& v, std::string_view unit) {
    const auto* whole =
        v.kind == json5_kind::number ? std::get_if<std::int64_t>(&v.number) : nullptr;
    if (whole == nullptr) return true;
    v.text = std::to_string(*whole) + std::string(unit);
    v.kind = json5_kind::text;
    return true;
}

bool to_auth_type(json5_value& v) {
    return rename_word(v, "none", "disabled");
}

bool to_level(json5_value& v) {
    return rename_word(v, "trace", "debug") && rename_word(v, "silent", "fatal");
}

bool is_custom(json5_value& v) {
    return v.kind == json5_kind::text && v.text == "custom";
}

bool is_no_object(json5_value& v) {
    return v.kind != json5_kind::object;
}

bool is_not_empty(json5_value& v) {
    return v.kind != json5_kind::object || !v.members.empty();
}

bool to_queue_mode(json5_value& v) {
    for (const auto* older : {"queue", "steer-backlog", "steer+backlog"}) rename_word(v, older, "steer");
    return true;
}

constexpr alias aliases[] = {
    {"gateway.port", "gateway.network.port"},
    {"gateway.customBindHost", "gateway.network.host"},
    {"gateway.bind", "", is_custom},
    {"gateway.bind", "gateway.network.host",
     [](json5_value& v) { return rename_word(v, "auto", "loopback"); }},
    {"gateway.trustedProxies", "gateway.network.trustedProxies"},
    {"gateway.tls.enabled", "gateway.network.https.enabled"},
    {"gateway.tls.certPath", "gateway.network.https.cert"},
    {"gateway.tls.keyPath", "gateway.network.https.key"},
    {"gateway.auth.mode", "gateway.auth.type", to_auth_type},
    {"gateway.auth.password", "gateway.auth.token"},
    {"session.idleMinutes", "gateway.sessions.timeout",
     [](json5_value& v) { return append_unit(v, "m"); }},
    {"session.timeout", "gateway.sessions.timeout"},
    {"session.maxConcurrent", "gateway.sessions.maxConcurrent"},
    {"session.historyRetention", "gateway.sessions.historyRetention"},
    {"messages.queue.mode", "gateway.sessions.queue.mode", to_queue_mode},
    {"messages.queue.debounceMs", "gateway.sessions.queue.debounce"},
    {"messages.queue.cap", "gateway.sessions.queue.cap"},
    {"logging.level", "gateway.logging.level", to_level},
    {"logging.file", "gateway.logging.file.path", is_no_object},
    {"agents.defaults.maxConcurrent", "gateway.sessions.maxConcurrent"},
    {"agents.defaults.timeoutSeconds", "agents.defaults.limits.turnTimeout",
     [](json5_value& v) { return append_unit(v, "s"); }},
    {"bindings[].agentId", "bindings[].agent"},
    {"bindings[].match.accountId", "bindings[].match.account"},
    {"channels.*.botToken", "channels.*.token"},
    // What follows has no counterpart here.
    {"hooks.enabled", "", is_no_object},
    {"hooks.token", "", is_no_object},
    {"hooks.path", "", is_no_object},
    {"hooks.mappings", "", is_no_object},
    {"hooks.presets", "", is_no_object},
    {"hooks.maxBodyBytes", "", is_no_object},
    {"hooks.transformsDir", "", is_no_object},
    {"hooks.defaultSessionKey", "", is_no_object},
    {"hooks.allowRequestSessionKey", "", is_no_object},
    {"session.*", ""},
    {"logging.*", ""},
    {"gateway.mode", ""},
    {"gateway.controlUi", ""},
    {"gateway.remote", ""},
    {"gateway.reload", ""},
    {"gateway.http", ""},
    {"gateway.nodes", ""},
    {"gateway.tls.*", ""},
    {"gateway.auth.allowTailscale", ""},
    {"gateway.tailscale.mode", ""},
    {"gateway.tailscale.resetOnExit", ""},
    {"models.mode", ""},
    {"models.providers.*.models[].name", ""},
    {"models.providers.*.models[].reasoning", ""},
    {"models.providers.*.auth", ""},
    {"agents.defaults.models", ""},
    {"agents.defaults.heartbeat", ""},
    {"agents.defaults.compaction", ""},
    {"agents.defaults.contextTokens", ""},
    {"agents.defaults.contextPruning", ""},
    {"agents.defaults.sandbox", ""},
    {"agents.defaults.subagents", ""},
    {"agents.defaults.thinkingDefault", ""},
    {"agents.list[].name", ""},
    {"agents.list[].agentDir", ""},
    {"agents.list[].identity", ""},
    {"agents.list[].heartbeat", ""},
    {"agents.list[].subagents", ""},
    {"cron.enabled", ""},
    {"cron.store", ""},
    {"cron.maxConcurrentRuns", ""},
    {"meta", ""},
    {"wizard", ""},
    {"env", ""},
    {"diagnostics", ""},
    {"update", ""},
    {"browser", ""},
    {"ui", ""},
    {"auth", ""},
    {"nodeHost", ""},
    {"broadcast", ""},
    {"audio", ""},
    {"messages.queue.*", ""},
    {"messages.*", "", is_not_empty},
    {"messages", "", is_no_object},
    {"commands", ""},
    {"approvals", ""},
    {"web", ""},
    {"discovery", ""},
    {"canvasHost", ""},
    {"talk", ""},
    {"memory", ""},
    {"skills", ""},
    {"plugins", ""},
};

// The first step of a pattern; `rest` becomes what follows it.
std::string_view first_step(std::string_view pattern, std::string_view& rest) {
    const auto end =
        pattern.starts_with("[]") ? 2 : std::min(pattern.find_first_of(".["), pattern.size());
    rest = pattern.substr(end);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    return pattern.substr(0, end);
}

class mover {
public:
    mover(json5_value& root, findings& issues)
        : root_(root)
        , issues_(issues) {}

    void apply(const alias& a) {
        alias_ = &a;
        walk(root_, a.from, {});
        // Moved only now: the walk holds references into the tree.
        for (auto& [taken, target] : std::exchange(taken_, {}))
            put(std::move(taken), target);
    }

private:
    struct moved {
        json5_member member;
        std::string from;
    };

    void walk(json5_value& value, std::string_view pattern, std::vector<path_step> path) {
        std::string_view rest;
        const auto step = first_step(pattern, rest);
        if (step == "[]") {
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                auto below = path;
                below.emplace_back(i);
                walk(value.items[i], rest, std::move(below));
            }
            return;
        }
        for (std::size_t i = 0; i < value.members.size();) {
            auto& m = value.members[i];
            auto below = path;
            below.emplace_back(m.key);
            const bool matches = step == "*" || m.key == step;
            if (matches && rest.empty() && take(m, below)) {
                value.members.erase(value.members.begin() + static_cast<std::ptrdiff_t>(i));
                continue;
            }
            if (matches && !rest.empty()) walk(m.value, rest, std::move(below));
            ++i;
        }
    }

    static std::string text_of(const std::vector<path_step>& path) {
        std::string text;
        for (const auto& step : path) {
            text = std::visit([&](const auto& s) { return join_path(text, s); }, step);
        }
        return text;
    }

    bool take(json5_member& m, const std::vector<path_step>& path) {
        if (alias_->convert != nullptr && !alias_->convert(m.value)) return false;
        if (alias_->to.empty()) {
            issues_.note(text_of(path), m.key_begin,
                         "a key of the original OpenClaw that is not in effect here");
            return true;
        }
        taken_.emplace_back(moved{std::move(m), text_of(path)}, target_of(path));
        return true;
    }

    // The target with the wildcards that `path` went through.
    std::vector<path_step> target_of(const std::vector<path_step>& path) const {
        std::vector<path_step> target;
        std::string_view from = alias_->from;
        std::string_view to = alias_->to;
        std::vector<path_step> wild;
        for (std::size_t i = 0; !from.empty(); ++i) {
            const auto step = first_step(from, from);
            if (step == "*" || step == "[]") wild.push_back(path[i]);
        }
        std::size_t next = 0;
        while (!to.empty()) {
            const auto step = first_step(to, to);
            if (step == "*" || step == "[]")
                target.push_back(wild[next++]);
            else
                target.emplace_back(std::string(step));
        }
        return target;
    }

    void put(moved taken, const std::vector<path_step>& target) {
        const auto name = text_of(target);
        json5_value* at = &root_;
        for (std::size_t i = 0; i + 1 < target.size(); ++i) {
            at = enter(*at, target[i], taken.member);
            if (at == nullptr) return; // the table will say that this is no object
        }
        const auto& key = std::get<std::string>(target.back());
        if (at->kind != json5_kind::object) return;
        if (at->find(key) != nullptr) {
            issues_.warn(taken.from, taken.member.key_begin,
                         "ignored: " + name + ", which means the same, is set too");
            return;
        }
        issues_.note(taken.from, taken.member.key_begin,
                     "a key of the original OpenClaw, read as " + name,
                     "It works as it is; rename it in the file when you like.");
        taken.member.key = key;
        at->members.push_back(std::move(taken.member));
    }

    static json5_value* enter(json5_value& value, const path_step& step, const json5_member& from) {
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            return *index < value.items.size() ? &value.items[*index] : nullptr;
        }
        if (value.kind != json5_kind::object) return nullptr;
        const auto& key = std::get<std::string>(step);
        if (auto* found = value.find(key)) return found;
        json5_member made{key, from.key_begin, from.key_end, {}};
        made.value.kind = json5_kind::object;
        made.value.begin = from.value.begin;
        made.value.end = from.value.end;
        return &value.members.emplace_back(std::move(made)).value;
    }

    json5_value& root_;
    findings& issues_;
    const alias* alias_ = nullptr;
    std::vector<std::pair<moved, std::vector<path_step>>> taken_;
};

// Blocks of the original that moving has emptied.
void drop_empty(json5_value& object, std::string_view key) {
    std::erase_if(object.members, [&](const json5_member& m) {
        return m.key == key && m.value.kind == json5_kind::object && m.value.members.empty();
    });
}

} // namespace

void apply_aliases(json5_value& root, findings& issues) {
    mover m(root, issues);
    for (const auto& a : aliases)
        m.apply(a);
    if (auto* messages = root.find("messages")) drop_empty(*messages, "queue");
    drop_empty(root, "messages");
    drop_empty(root, "session");
    drop_empty(root, "logging");
    if (auto* gateway = root.find("gateway")) drop_empty(*gateway, "tls");
    // Editors use it to find the schema.
    std::erase_if(root.members, [](const json5_member& member) { return member.key == "$schema"; });
}

} // namespace openclaw::config
