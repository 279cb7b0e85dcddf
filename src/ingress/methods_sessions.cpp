// sessions.list, describe, resolve, preview and the subscriptions to sessions' events
// (protocol.md §8).

#include "ingress/methods.hpp"
#include "ingress/session_json.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::int64_t max_session_offset = 10'000;  // further on, search
constexpr std::size_t max_rows_with_extras = 50;     // of one page: each costs a read or two
constexpr std::size_t max_previews = 64;             // sessions of one call
constexpr std::int64_t max_active_minutes = 60 * 24 * 3650;

result<row_extras> wanted_extras(const method_call& c) {
    auto title = optional_bool(c, "includeDerivedTitles", false);
    if (!title) return title.error();
    auto last = optional_bool(c, "includeLastMessage", false);
    if (!last) return last.error();
    return row_extras{*title, *last};
}

// `archived`: true, false or "all"; without it those that are not.
result<std::optional<bool>> wanted_archived(const method_call& c) {
    const auto* value = find(c.params, "archived");
    if (value == nullptr || value->is_null()) return std::optional(false);
    if (value->is_boolean()) return std::optional(value->get<bool>());
    if (*value == "all") return std::optional<bool>();
    return bad_params(c, "at /archived: must be boolean or \"all\"");
}

// Everything but the page.
result<store::session_query> wanted_sessions(const method_call& c) {
    store::session_query query;
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) return agent.error();
    auto search = optional_text(c, "search", 256);
    if (!search) return search.error();
    auto label = optional_text(c, "label", max_label);
    if (!label) return label.error();
    auto minutes = optional_int(c, "activeMinutes", 1, max_active_minutes, 0);
    if (!minutes) return minutes.error();
    auto archived = wanted_archived(c);
    if (!archived) return archived.error();
    if (auto all = refuse_fields(c, {"spawnedBy", "ownerId", "creatorId"}); !all) return all.error();
    auto background = optional_bool(c, "includeUnknown", false);
    if (!background) return background.error();
    query.background = *background;
    query.agent = std::move(*agent);
    query.search = std::move(*search);
    query.label = std::move(*label);
    query.archived = *archived;
    if (*minutes > 0) query.updated_since_ms = c.gateway.d.time.unix_ms() - *minutes * 60'000;
    return query;
}

// Whether the store knows how many there are without counting them.
bool is_counted(const store::session_query& q) {
    return q.agent.empty() && q.search.empty() && q.label.empty() && q.updated_since_ms == 0 &&
           !q.background;
}

json preview_item(const chat_message& m, std::size_t max_chars) {
    return {{"role", name_of(m.role)}, {"text", utf8_prefix(m.text(), max_chars)}};
}

// The newest messages with text of one session; tools' own rows say nothing to a reader.
task<result<json>> preview_of(const method_call& c, std::string asked, std::size_t limit,
                              std::size_t max_chars) {
    json out{{"key", asked}, {"status", "missing"}, {"items", json::array()}};
    const auto key = c.gateway.d.router.resolve(asked, "");
    if (!key) co_return out;
    auto& store = c.gateway.d.store;
    auto row = co_await store.find_session(key->str());
    if (!row) co_return row.error();
    if (!*row) co_return out;
    auto rows = co_await store.history(key->str(), limit, 0);
    if (!rows) co_return rows.error();
    for (const auto& m : *rows) {
        if (!m.text().empty()) out["items"].push_back(preview_item(m, max_chars));
    }
    out["status"] = out["items"].empty() ? "empty" : "ok";
    co_return out;
}

// The session that `key`, `sessionId` or `label` names.
task<result<std::optional<store::session_row>>> find_named(const method_call& c,
                                                           const std::string& key,
                                                           const std::string& id,
                                                           const std::string& label,
                                                           const std::string& agent) {
    if (!key.empty()) {
        auto session = c.gateway.d.router.resolve(key, agent);
        if (!session) co_return session.error();
        co_return co_await c.gateway.d.store.find_session(session->str());
    }
    store::session_query query;
    query.limit = 1;
    query.agent = agent;
    query.label = label;
    if (!id.empty()) {
        if (id.find_first_not_of("0123456789") != std::string::npos || id.size() > 18) {
            co_return std::optional<store::session_row>();
        }
        query.id = std::stoll(id);
        if (query.id == 0) co_return std::optional<store::session_row>();
    }
    auto rows = co_await c.gateway.d.store.list_sessions(std::move(query));
    if (!rows) co_return rows.error();
    if (rows->empty()) co_return std::optional<store::session_row>();
    co_return std::move(rows->front());
}

// How many sessions there are that are archived, or are not, or both.
task<result<std::int64_t>> total_of(const method_call& c, std::optional<bool> archived) {
    auto stats = co_await c.gateway.d.store.stats();
    if (!stats) co_return stats.error();
    if (!archived) co_return stats->sessions;
    co_return *archived ? stats->archived_sessions : stats->sessions - stats->archived_sessions;
}

// The rows of a page, with what the client wants besides.
task<result<json>> rows_of(const method_call& c, std::span<const store::session_row> rows,
                           row_extras extras) {
    json list = json::array();
    for (const auto& s : rows) {
        auto row = session_json(s, c.gateway.d.router);
        if (list.size() < max_rows_with_extras && (extras.title || extras.last_message)) {
            auto with = co_await with_extras(std::move(row), s, extras, c.gateway.d.store);
            if (!with) co_return with.error();
            row = std::move(*with);
        }
        list.push_back(std::move(row));
    }
    co_return list;
}

}  // namespace

task<result<json>> call_sessions_list(method_call c) {
    auto limit = optional_int(c, "limit", 1, 1000, 50);
    if (!limit) co_return limit.error();
    auto offset = optional_int(c, "offset", 0, max_session_offset, 0);
    if (!offset) co_return offset.error();
    auto extras = wanted_extras(c);
    if (!extras) co_return extras.error();
    auto query = wanted_sessions(c);
    if (!query) co_return query.error();
    const auto agents = c.gateway.d.router.agents();
    const auto defaults_of = query->agent.empty() ? agents->default_agent().id : query->agent;
    const bool counted = is_counted(*query);
    const auto archived = query->archived;
    const auto end = *offset + *limit;
    query->limit = static_cast<std::size_t>(end) + 1;
    auto rows = co_await c.gateway.d.store.list_sessions(std::move(*query));
    if (!rows) co_return rows.error();
    const bool more = std::ssize(*rows) > end;
    if (more) rows->pop_back();
    const auto first = std::min<std::ptrdiff_t>(*offset, std::ssize(*rows));
    const auto page = std::span<const store::session_row>(*rows).subspan(
        static_cast<std::size_t>(first));
    auto list = co_await rows_of(c, page, *extras);
    if (!list) co_return list.error();
    json out{{"ts", c.gateway.d.time.unix_ms()},
             {"path", store_path(c)},
             {"count", list->size()},
             {"limitApplied", *limit},
             {"hasMore", more},
             {"nextOffset", more ? json(end) : json(nullptr)},
             {"defaults", session_defaults(*agents, defaults_of)},
             {"sessions", std::move(*list)}};
    if (!more) {
        out["totalCount"] = rows->size();
    } else if (counted) {
        auto total = co_await total_of(c, archived);
        if (!total) co_return total.error();
        out["totalCount"] = *total;
    }
    co_return out;
}

task<result<json>> call_sessions_describe(method_call c) {
    auto key = session_param(c, "key");
    if (!key) co_return key.error();
    auto extras = wanted_extras(c);
    if (!extras) co_return extras.error();
    auto row = co_await c.gateway.d.store.find_session(key->str());
    if (!row) co_return row.error();
    if (!*row) co_return json{{"session", nullptr}};
    auto plain = session_json(**row, c.gateway.d.router);
    auto full = co_await with_extras(std::move(plain), **row, *extras, c.gateway.d.store);
    if (!full) co_return full.error();
    co_return json{{"session", std::move(*full)}};
}

task<result<json>> call_sessions_resolve(method_call c) {
    if (auto refused = refuse_fields(c, {"shortId"}); !refused) co_return refused.error();
    auto key = optional_text(c, "key", max_key);
    if (!key) co_return key.error();
    auto id = optional_text(c, "sessionId", 64);
    if (!id) co_return id.error();
    auto label = optional_text(c, "label", max_label);
    if (!label) co_return label.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) co_return agent.error();
    auto may_miss = optional_bool(c, "allowMissing", false);
    if (!may_miss) co_return may_miss.error();
    const auto named = !key->empty() ? *key : !id->empty() ? *id : *label;
    if (named.empty()) co_return bad_params(c, "must have one of 'key', 'sessionId' and 'label'");
    auto row = co_await find_named(c, *key, *id, *label, *agent);
    if (!row) co_return row.error();
    if (*row) co_return json{{"ok", true}, {"key", (*row)->key}, {"agentId", (*row)->agent}};
    if (*may_miss) co_return json{{"ok", false}};
    co_return no_session(named);
}

task<result<json>> call_sessions_preview(method_call c) {
    const auto* keys = find(c.params, "keys");
    if (keys == nullptr) co_return bad_params(c, "must have required property 'keys'");
    if (!keys->is_array() || keys->empty() || keys->size() > max_previews) {
        co_return bad_params(c, "at /keys: must be an array of 1 to " +
                                    std::to_string(max_previews) + " strings");
    }
    auto limit = optional_int(c, "limit", 1, 50, 12);
    if (!limit) co_return limit.error();
    auto chars = optional_int(c, "maxChars", 20, 2'000, 240);
    if (!chars) co_return chars.error();
    json previews = json::array();
    for (const auto& key : *keys) {
        if (!key.is_string()) co_return bad_params(c, "at /keys: must be strings");
        auto asked = key.get<std::string>();
        auto one = co_await preview_of(c, std::move(asked), static_cast<std::size_t>(*limit),
                                       static_cast<std::size_t>(*chars));
        if (!one) co_return one.error();
        previews.push_back(std::move(*one));
    }
    co_return json{{"ts", c.gateway.d.time.unix_ms()}, {"previews", std::move(previews)}};
}

task<result<json>> call_sessions_subscribe(method_call c) {
    c.followed.follow_all();
    co_return json{{"subscribed", true}};
}

task<result<json>> call_sessions_unsubscribe(method_call c) {
    c.followed.unfollow_all();
    co_return json{{"subscribed", false}};
}

task<result<json>> call_sessions_follow(method_call c) {
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    if (!c.followed.follow(session->str())) {
        c.refusal["retryable"] = false;
        co_return error(errc::queue_full, "this connection follows too many sessions already",
                        "Unsubscribe from some, or use sessions.subscribe for all of them.");
    }
    co_return json{{"subscribed", true}, {"key", session->str()}};
}

task<result<json>> call_sessions_unfollow(method_call c) {
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    c.followed.unfollow(session->str());
    co_return json{{"subscribed", false}, {"key", session->str()}};
}

}  // namespace openclaw::ingress
