// health, status, agents.list, models.list, channels.status, send (protocol.md §8).

#include "ingress/methods.hpp"
#include "ingress/session_json.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/monitoring/process.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace openclaw::ingress {

namespace {

constexpr std::size_t recent_sessions = 5;
constexpr std::size_t counted_sessions = 1'000;  // of one agent among several

enum class detail : std::uint8_t { brief, whole };

json recent_of(const gateway_context& g, std::span<const store::session_row> rows, detail how_much) {
    const auto now_ms = g.d.time.unix_ms();
    json recent = json::array();
    for (const auto& s : rows.first(std::min(rows.size(), recent_sessions))) {
        recent.push_back(how_much == detail::brief ? session_brief(s) : session_json(s, g.d.router));
        recent.back()["age"] = now_ms - s.updated_ms;
    }
    return recent;
}

// What may be seen of an agent's sessions, of all of them when `agent` is empty: others'
// conversations need a scope, the place on disk admin. The store keeps the number of all sessions; one
// agent's are counted as far as that is cheap, and beyond there is no number.
task<result<json>> session_summary(const gateway_context& g, health_view view, std::string agent,
                                   detail how_much) {
    if (view == health_view::outside) co_return json::object();
    const bool all = agent.empty() || g.d.router.agents()->all().size() == 1;
    store::session_query query;
    query.limit = all ? recent_sessions : counted_sessions + 1;
    query.agent = std::move(agent);
    auto rows = co_await g.d.store.list_sessions(std::move(query));
    if (!rows) co_return rows.error();
    auto stats = co_await g.d.store.stats();
    if (!stats) co_return stats.error();
    json summary{{"path", view == health_view::place_on_disk ? g.d.identity.state_dir : ""},
                 {"recent", recent_of(g, *rows, how_much)}};
    if (all) summary["count"] = stats->sessions;
    else if (rows->size() <= counted_sessions) summary["count"] = rows->size();
    co_return summary;
}

// Made now, and kept.
task<result<std::shared_ptr<const json>>> make_health(gateway_context& g, health_view view) {
    const auto begun = g.d.time.steady();
    auto sessions = co_await session_summary(g, view, "", detail::brief);
    if (!sessions) co_return sessions.error();
    const auto agents = g.d.router.agents();
    json list = json::array();
    for (const auto& a : agents->all()) {
        auto own = co_await session_summary(g, view, a.id, detail::brief);
        if (!own) co_return own.error();
        list.push_back({{"agentId", a.id},
                        {"isDefault", a.id == agents->default_agent().id},
                        {"heartbeat", {{"enabled", false}, {"every", "off"}, {"everyMs", nullptr}}},
                        {"sessions", std::move(*own)}});
    }
    const auto channels = g.d.operations.channels_status();
    const auto took = std::chrono::duration_cast<milliseconds>(g.d.time.steady() - begun);
    json made{{"ok", true},
              {"ts", g.d.time.unix_ms()},
              {"durationMs", took.count()},
              {"status", metrics::name_of(g.d.health.overall())},
              {"channels", channels.value("channels", json::object())},
              {"channelOrder", channels.value("channelOrder", json::array())},
              {"channelLabels", channels.value("channelLabels", json::object())},
              {"heartbeatSeconds", 0},
              {"defaultAgentId", agents->default_agent().id},
              {"agents", std::move(list)},
              {"sessions", std::move(*sessions)}};
    co_return g.health.keep(view, g.d.time.steady(), std::move(made));
}

task<result<std::shared_ptr<const json>>> get_health(gateway_context& g, health_view view, bool anew) {
    auto known = g.health.recent(view, g.d.time.steady());
    if (known && !anew) co_return known;
    co_return co_await make_health(g, view);
}

health_view view_of(const principal& who) {
    if (!who.allows(scope::read)) return health_view::outside;
    return who.allows(scope::admin) ? health_view::place_on_disk : health_view::sessions;
}

}  // namespace

task<result<json>> call_health(method_call c) {
    auto& g = c.gateway;
    auto probe = optional_bool(c, "probe", false);
    if (!probe) co_return probe.error();
    auto health = co_await get_health(g, view_of(c.who), *probe);
    if (!health) co_return health.error();
    if (*probe) g.health.tell();
    co_return **health;
}

// Those who may read hear of the sessions too; the place on disk is in no event.
task<event_hub::told> tell_health(gateway_context& gateway) {
    static constexpr std::pair<topic, health_view> views[] = {
        {topic::health, health_view::sessions}, {topic::health_outside, health_view::outside}};
    auto& hub = *gateway.d.hub;
    event_hub::told out;
    if (hub.size() == 0) co_return out;
    gateway.health.count_event();
    for (const auto& [sort, view] : views) {
        if (!hub.is_heard(sort)) continue;
        auto health = co_await get_health(gateway, view, false);
        if (!health) {
            log::warn("ingress", "there is no health to tell", {{"error", health.error().to_string()}});
            continue;
        }
        const auto told = hub.tell_state(sort, "health", **health, state_version(gateway));
        out = {out.hearers + told.hearers, std::max(out.bytes, told.bytes)};
    }
    co_return out;
}

json state_version(const gateway_context& gateway) {
    return {{"presence", gateway.presence.version()}, {"health", gateway.health.version()}};
}

task<result<json>> call_status(method_call c) {
    auto& g = c.gateway;
    const auto view = view_of(c.who);
    auto sessions = co_await session_summary(g, view, "", detail::whole);
    if (!sessions) co_return sessions.error();
    const auto agents = g.d.router.agents();
    const auto queue = g.d.router.stats();
    const auto figures = monitoring::read_process_figures();
    const auto uptime = std::chrono::duration_cast<milliseconds>(g.d.time.steady() - g.started);
    json list = json::array(), by_agent = json::array(), beats = json::array();
    for (const auto& a : agents->all()) {
        auto own = co_await session_summary(g, view, a.id, detail::brief);
        if (!own) co_return own.error();
        (*own)["agentId"] = a.id;
        by_agent.push_back(std::move(*own));
        beats.push_back({{"agentId", a.id}, {"enabled", false}, {"every", "off"}, {"everyMs", nullptr}});
        list.push_back({{"id", a.id},
                        {"agentId", a.id},
                        {"isDefault", a.id == agents->default_agent().id},
                        {"model", a.candidates.empty() ? "" : a.candidates.front().ref.str()}});
    }
    json summary = json::array();
    const auto channels = g.d.operations.channels_status();
    const json by_name = channels.value("channels", json::object());
    for (const auto& [name, entry] : by_name.items()) {
        summary.push_back(name + ": " + string_or(entry, "state", "unknown"));
    }
    const auto in_effect = g.in_effect.get();
    const auto& notes = in_effect->notes;
    const auto& first = agents->default_agent();
    (*sessions)["defaults"] = {
        {"model", first.candidates.empty() ? "" : first.candidates.front().ref.str()},
        {"contextTokens",
         first.candidates.empty() ? 0 : first.candidates.front().model.context_window}};
    (*sessions)["paths"] = json::array({store_path(c)});
    (*sessions)["byAgent"] = std::move(by_agent);
    co_return json{
        {"runtimeVersion", g.d.identity.version},
        {"status", metrics::name_of(g.d.health.overall())},
        {"pid", getpid()},
        {"uptimeMs", uptime.count()},
        {"address", g.host + ":" + std::to_string(g.port.load())},
        {"heartbeat", {{"defaultAgentId", first.id}, {"agents", std::move(beats)}}},
        {"channelSummary", std::move(summary)},
        {"queuedSystemEvents", json::array()},
        {"sessions", std::move(*sessions)},
        {"agents", std::move(list)},
        {"queue",
         {{"lanes", queue.lanes}, {"running", queue.running}, {"waiting", queue.waiting}}},
        {"connections",
         {{"http", g.http_connections.load()}, {"websocket", g.websockets.load()}}},
        {"memory", {{"rssBytes", figures.resident_bytes}, {"limitBytes", figures.memory_limit_bytes}}},
        {"modelConfigured", agents->configured()},
        {"notInEffect", notes.not_in_effect},
        {"configIssues", notes.issues},
        {"restartNeeded", notes.needs_restart}};
}

task<result<json>> call_agents_list(method_call c) {
    const auto agents = c.gateway.d.router.agents();
    json list = json::array();
    for (const auto& a : agents->all()) {
        json row{{"id", a.id}, {"kind", "agent"}};
        if (!a.candidates.empty()) row["model"] = {{"primary", a.candidates.front().ref.str()}};
        list.push_back(std::move(row));
    }
    co_return json{{"defaultId", agents->default_agent().id},
                   {"mainKey", "main"},
                   {"scope", "per-sender"},
                   {"agents", std::move(list)}};
}

// All views are the same here: what the configuration and the environment bring.
task<result<json>> call_models_list(method_call c) {
    auto view = optional_text(c, "view", 64);
    if (!view) co_return view.error();
    constexpr std::array<std::string_view, 5> views{"", "default", "configured", "provider-config", "all"};
    if (std::ranges::find(views, *view) == views.end()) {
        co_return bad_params(c, "at /view: must be default, configured, provider-config or all");
    }
    const auto agents = c.gateway.d.router.agents();
    const auto& first = agents->default_agent();
    const auto chosen = first.candidates.empty() ? "" : first.candidates.front().ref.str();
    json list = json::array();
    for (const auto& ref : agents->models()) {
        json row{{"id", ref.model}, {"name", ref.model}, {"provider", ref.provider_name}};
        if (const auto known = agents->find_model(ref)) {
            row["contextWindow"] = known->model.context_window;
            row["input"] = known->model.input;
            row["available"] = known->provider != nullptr;
        }
        if (ref.str() == chosen) row["tags"] = json::array({"default"});
        list.push_back(std::move(row));
    }
    co_return json{{"models", std::move(list)}};
}

task<result<json>> call_channels_status(method_call c) {
    auto out = c.gateway.d.operations.channels_status();
    out["ts"] = c.gateway.d.time.unix_ms();
    co_return out;
}

task<result<json>> call_send(method_call c) {
    if (auto all = refuse_fields(c, {"mediaUrl", "mediaUrls", "threadId", "replyToId", "silent",
                                     "gifPlayback", "asVoice", "buffer", "filename"});
        !all) {
        co_return all.error();
    }
    auto to = required_text(c, "to", 256);
    if (!to) co_return to.error();
    auto text = required_text(c, "message", 1 << 20);
    if (!text) co_return text.error();
    auto key = required_text(c, "idempotencyKey", 256);
    if (!key) co_return key.error();
    auto channel = optional_text(c, "channel", 64);
    if (!channel) co_return channel.error();
    auto account = optional_text(c, "accountId", 64);
    if (!account) co_return account.error();
    if (channel->empty()) {
        co_return error(errc::invalid_input, "Error: Channel is required",
                        "Name one with `channel`; channels.status lists them.");
    }
    // Named arguments only: g++ 12 destroys temporaries of a conditional inside co_await twice.
    co_return co_await c.gateway.d.operations.send(*channel, *account, *to, *text, *key, c.who);
}

}  // namespace openclaw::ingress
