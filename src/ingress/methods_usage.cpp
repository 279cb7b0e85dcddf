// sessions.usage, usage.cost (protocol.md §8). The store counts tokens per session and not per day
// or per model, and knows no prices of the past: what cannot be told is left empty.

#include "ingress/methods.hpp"
#include "ingress/session_json.hpp"

#include <array>
#include <charconv>
#include <map>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_counted = 1000;   // sessions, the last used
constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000;

// Midnight UTC of "2026-01-31"; nothing when it is no date.
std::optional<std::int64_t> midnight(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    std::array<int, 3> parts{};
    const std::array words{text.substr(0, 4), text.substr(5, 2), text.substr(8, 2)};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto* end = words[i].data() + words[i].size();
        const auto [rest, failure] = std::from_chars(words[i].data(), end, parts[i]);
        if (failure != std::errc() || rest != end || parts[i] < 0) return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                           std::chrono::month(static_cast<unsigned>(parts[1])),
                                           std::chrono::day(static_cast<unsigned>(parts[2]))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count() * day_ms;
}

std::string date_of(std::int64_t unix_ms) {
    const std::chrono::year_month_day date{
        std::chrono::sys_days(std::chrono::days(unix_ms / day_ms))};
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + "-" +
           two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

// Whole days, both included.
struct period {
    std::int64_t first_ms = 0, last_ms = 0;   // midnights
};

result<std::optional<std::int64_t>> date_param(const method_call& c, const char* name) {
    auto text = optional_text(c, name, 32);
    if (!text) return text.error();
    if (text->empty()) return std::optional<std::int64_t>();
    const auto at = midnight(*text);
    if (!at) return bad_params(c, std::string("at /") + name + ": must be a date like 2026-01-31");
    return at;
}

result<period> period_param(const method_call& c) {
    auto days = optional_int(c, "days", 1, 3650, 30);
    if (!days) return days.error();
    auto first = date_param(c, "startDate");
    if (!first) return first.error();
    auto last = date_param(c, "endDate");
    if (!last) return last.error();
    period p;
    p.last_ms = last->value_or(c.gateway.d.time.unix_ms() / day_ms * day_ms);
    p.first_ms = first->value_or(p.last_ms - (*days - 1) * day_ms);
    if (p.first_ms > p.last_ms) return bad_params(c, "at /endDate: must not be before startDate");
    return p;
}

struct total {
    token_usage usage;
    std::int64_t sessions = 0;
};

// No cost is known of any of them; clients show how many are missing.
json total_json(const total& t) {
    return {{"input", t.usage.input},          {"output", t.usage.output},
            {"cacheRead", t.usage.cache_read}, {"cacheWrite", t.usage.cache_write},
            {"totalTokens", t.usage.total()},  {"totalCost", 0},
            {"inputCost", 0},                  {"outputCost", 0},
            {"cacheReadCost", 0},              {"cacheWriteCost", 0},
            {"missingCostEntries", t.sessions}};
}

void add(total& t, const store::session_row& s) {
    t.usage += s.usage;
    ++t.sessions;
}

// The sessions that were there and in use in the period, the last used first.
task<result<std::vector<store::session_row>>> used_sessions(const method_call& c, period p,
                                                            std::string key) {
    std::vector<store::session_row> rows;
    if (!key.empty()) {
        auto row = co_await c.gateway.d.store.find_session(key);
        if (!row) co_return row.error();
        if (!*row) co_return no_session(key);
        rows.push_back(std::move(**row));
    } else {
        store::session_query query;
        query.limit = max_counted;
        query.background = true;
        query.updated_since_ms = p.first_ms;
        auto found = co_await c.gateway.d.store.list_sessions(std::move(query));
        if (!found) co_return found.error();
        rows = std::move(*found);
    }
    std::erase_if(rows, [&](const auto& s) { return s.created_ms >= p.last_ms + day_ms; });
    co_return rows;
}

json usage_row(const store::session_row& s) {
    total one;
    add(one, s);
    json row{{"key", s.key},
             {"sessionId", std::to_string(s.id)},
             {"agentId", s.agent},
             {"updatedAt", s.updated_ms},
             {"modelProvider", s.provider},
             {"model", s.model},
             {"usage", total_json(one)}};
    if (!s.label.empty()) row["label"] = s.label;
    return row;
}

json by_agent(const std::vector<store::session_row>& rows) {
    std::map<std::string, total> agents;
    for (const auto& s : rows) add(agents[s.agent], s);
    json list = json::array();
    for (const auto& [agent, t] : agents) {
        list.push_back({{"agentId", agent}, {"totals", total_json(t)}});
    }
    return list;
}

// What each count here is of.
constexpr const char* basis = "whole sessions that were in use in the period, the 1000 last used at "
                              "most; days, models and prices are not recorded";

}  // namespace

task<result<json>> call_sessions_usage(method_call c) {
    auto limit = optional_int(c, "limit", 1, 1000, 50);
    if (!limit) co_return limit.error();
    auto p = period_param(c);
    if (!p) co_return p.error();
    auto key = optional_text(c, "key", max_key);
    if (!key) co_return key.error();
    if (!key->empty()) {
        auto session = session_param(c, "key");
        if (!session) co_return session.error();
        *key = session->str();
    }
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) co_return agent.error();
    if (!agent->empty() && c.gateway.d.router.agents()->find(*agent) == nullptr) {
        co_return error(errc::not_found, "there is no agent \"" + *agent + "\"");
    }
    auto rows = co_await used_sessions(c, *p, *key);
    if (!rows) co_return rows.error();
    if (!agent->empty()) std::erase_if(*rows, [&](const auto& s) { return s.agent != *agent; });
    total all;
    json list = json::array();
    for (const auto& s : *rows) {
        add(all, s);
        if (std::ssize(list) < *limit) list.push_back(usage_row(s));
    }
    json aggregates{{"byAgent", by_agent(*rows)}, {"byModel", json::array()},
                    {"byProvider", json::array()}, {"byChannel", json::array()},
                    {"daily", json::array()}};
    co_return json{{"updatedAt", c.gateway.d.time.unix_ms()},
                   {"startDate", date_of(p->first_ms)},
                   {"endDate", date_of(p->last_ms)},
                   {"sessions", std::move(list)},
                   {"totals", total_json(all)},
                   {"aggregates", std::move(aggregates)},
                   {"basis", basis}};
}

task<result<json>> call_usage_cost(method_call c) {
    auto p = period_param(c);
    if (!p) co_return p.error();
    std::string any;
    auto rows = co_await used_sessions(c, *p, std::move(any));
    if (!rows) co_return rows.error();
    total all;
    for (const auto& s : *rows) add(all, s);
    co_return json{{"updatedAt", c.gateway.d.time.unix_ms()},
                   {"days", (p->last_ms - p->first_ms) / day_ms + 1},
                   {"daily", json::array()},
                   {"totals", total_json(all)},
                   {"basis", basis}};
}

}  // namespace openclaw::ingress
