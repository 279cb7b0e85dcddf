#include "ingress/session_json.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_title = 80;      // bytes
constexpr std::size_t max_preview = 200;   // bytes

std::string_view chat_of(const std::string& key) {
    return key.find(":group:") == std::string::npos ? "direct" : "group";
}

// Behind a session of one request nobody is known.
std::string_view kind_of(const store::session_row& s) {
    return s.background ? "unknown" : chat_of(s.key);
}

// The part of the key behind "agent:<agent>:".
std::string_view rest_of(const store::session_row& s) {
    const auto prefix = std::string_view("agent:").size() + s.agent.size() + 1;
    return s.key.size() > prefix ? std::string_view(s.key).substr(prefix) : s.key;
}

std::string_view class_of(std::string_view rest, std::string_view chat) {
    if (rest == "main") return "main";
    return rest.starts_with("dashboard:") ? "dashboard" : chat;
}

bool is_background(std::string_view rest) {
    return rest.starts_with("cron:") || rest.starts_with("hook:") || rest.starts_with("subagent:");
}

// How the session stands; empty: nothing is known of it.
std::string_view status_of(const store::session_row& s, const routing::router::active_runs& runs) {
    if (runs.running) return "running";
    if (!runs.ids.empty()) return "queued";
    switch (s.last_state) {
    case store::run_state::done: return "done";
    case store::run_state::failed:
    case store::run_state::dead: return "failed";
    case store::run_state::aborted: return "killed";
    default: return {};
    }
}

void add_model(json& row, const store::session_row& s, const agents::directory& agents) {
    row.update(session_defaults(agents, s.agent));
    agents::model_ref ref{s.provider, s.model};
    auto chosen = agents::parse_model_ref(s.wanted_model);
    if (chosen && agents.find_model(*chosen)) ref = std::move(*chosen);
    if (ref.model.empty()) return;
    row["model"] = ref.model;
    row["modelProvider"] = ref.provider_name;
    if (const auto known = agents.find_model(ref)) row["contextTokens"] = known->model.context_window;
}

}  // namespace

json session_defaults(const agents::directory& agents, const std::string& agent) {
    const auto* own = agents.find(agent);
    if (own == nullptr || own->candidates.empty()) return json::object();
    const auto& first = own->candidates.front();
    return {{"modelProvider", first.ref.provider_name},
            {"model", first.ref.model},
            {"contextTokens", first.model.context_window}};
}

json session_brief(const store::session_row& s) {
    return {{"key", s.key}, {"kind", kind_of(s)}, {"updatedAt", s.updated_ms}};
}

json session_json(const store::session_row& s, const routing::router& router) {
    const auto runs = router.runs_of(s.key);
    const auto rest = rest_of(s);
    const auto chat = chat_of(s.key);
    json row{{"key", s.key},
             {"kind", kind_of(s)},
             {"chatType", chat},
             {"classification", class_of(rest, chat)},
             {"agentId", s.agent},
             {"sessionId", std::to_string(s.id)},
             {"displayName", s.label.empty() ? std::string(rest) : s.label},
             {"isMain", rest == "main"},
             {"isBackground", s.background || is_background(rest)},
             {"updatedAt", s.updated_ms},
             {"lastInteractionAt", s.updated_ms},
             {"createdAt", s.created_ms},
             {"inputTokens", s.usage.input},
             {"outputTokens", s.usage.output},
             {"totalTokens", s.usage.total()},
             {"totalTokensFresh", true},
             {"messageCount", s.row_count()},
             {"archived", s.archived},
             {"pinned", s.pinned},
             {"unread", s.unread},
             {"hasActiveRun", !runs.ids.empty()},
             {"activeRunIds", runs.ids}};
    for (const auto& [name, text] : {std::pair("label", &s.label), std::pair("category", &s.category),
                                     std::pair("icon", &s.icon), std::pair("color", &s.color)}) {
        if (!text->empty()) row[name] = *text;
    }
    if (const auto status = status_of(s, runs); !status.empty()) row["status"] = status;
    add_model(row, s, *router.agents());
    return row;
}

task<result<json>> with_extras(json row, const store::session_row& s, row_extras extras,
                               store::store& from) {
    if (s.last_seq == 0) co_return row;
    if (extras.title) {
        auto first = co_await from.history(s.key, 1, 2);
        if (!first) co_return first.error();
        if (!first->empty()) {
            row["derivedTitle"] = utf8_prefix(first->front().text(), max_title);
        }
    }
    if (extras.last_message) {
        auto last = co_await from.history(s.key, 1, 0);
        if (!last) co_return last.error();
        if (!last->empty()) {
            row["lastMessagePreview"] = utf8_prefix(last->front().text(), max_preview);
        }
    }
    co_return row;
}

}  // namespace openclaw::ingress
