// chat.history: a page of a conversation, or what a client has missed of it (protocol.md §8).

#include "ingress/message_json.hpp"
#include "ingress/methods.hpp"
#include "ingress/missed.hpp"
#include "ingress/event_frame.hpp"
#include "ingress/session_json.hpp"
#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_cursor = 64;   // bytes
constexpr std::size_t max_pending = 20;  // messages that are listed; more are counted
constexpr std::size_t max_pending_text = 8192;  // bytes that are shown of each

// The newest of `rows` that make one page: at most `limit`, and no more bytes than one answer bears.
std::span<const chat_message> newest_page(std::span<const chat_message> rows, std::size_t limit) {
    std::size_t bytes = 0, taken = 0;
    while (taken < rows.size() && taken < limit) {
        bytes += size_of(rows[rows.size() - taken - 1]);
        if (taken > 0 && bytes > max_page) break;
        ++taken;
    }
    return rows.last(taken);
}

void shorten_all(json& messages, std::int64_t max_chars) {
    for (auto& m : messages) shorten(m, static_cast<std::size_t>(max_chars));
}

void add_live(json& out, const method_call& c, const std::string& session) {
    auto live = answer_in_progress(c.gateway.d.router, session);
    if (!live.is_null()) out["inFlightRun"] = std::move(live);
}

// The messages that wait behind the answer in progress (protocol.md §6.5).
json pending_inputs(const method_call& c, const std::string& session) {
    const auto waiting = c.gateway.d.router.waiting_in(session, max_pending);
    json items = json::array();
    for (const auto& m : waiting.first) {
        const auto text = utf8_prefix(m.text, max_pending_text);
        items.push_back({{"id", m.run_id},
                         {"runId", m.run_id},
                         {"message",
                          {{"role", "user"},
                           {"content", json::array({{{"type", "text"}, {"text", text}}})},
                           {"timestamp", m.received_ms}}},
                         {"acceptedAt", m.received_ms},
                         {"state", "queued"}});
    }
    return {{"items", std::move(items)}, {"total", waiting.total}};
}

task<result<json>> news_since(const method_call& c, std::string session, std::string cursor,
                              std::size_t limit) {
    const open_question question(c.gateway.d.router, session);
    auto row = co_await c.gateway.d.store.find_session(session);
    if (!row) co_return row.error();
    auto missed = co_await rows_since(c.gateway.d.store, session, std::move(cursor), limit);
    if (!missed) co_return missed.error();
    if (!missed->known) co_return json{{"kind", "reset"}};
    json out{{"kind", "delta"},
             {"messages", json::array()},
             {"deltaCursor", std::move(missed->cursor)},
             {"pendingInputs", pending_inputs(c, session)}};
    // Nothing has come of a session that nobody has begun: that is no reason to start over.
    if (*row) out["sessionInfo"] = session_json(**row, c.gateway.d.router);
    for (const auto& m : missed->rows) out["messages"].push_back(message_json(m));
    if (const auto* m = question.beyond(missed->rows)) out["messages"].push_back(message_json(*m));
    add_live(out, c, session);
    co_return out;
}

}  // namespace

task<result<json>> call_chat_history(method_call c) {
    auto key = session_param(c, "sessionKey");
    if (!key) co_return key.error();
    auto limit = optional_int(c, "limit", 1, 1000, 200);
    if (!limit) co_return limit.error();
    auto before = optional_int(c, "before", 0, INT64_MAX, 0);
    if (!before) co_return before.error();
    auto offset = optional_int(c, "offset", 0, INT64_MAX, 0);  // counted from the newest message
    if (!offset) co_return offset.error();
    auto cursor = optional_text(c, "cursor", max_cursor);
    if (!cursor) co_return cursor.error();
    auto chars = optional_int(c, "maxChars", 1, INT32_MAX, 0);  // of each text; 0: all
    if (!chars) co_return chars.error();
    auto wanted_id = session_id_param(c, "sessionId");
    if (!wanted_id) co_return wanted_id.error();
    const auto name = key->str();
    if (*wanted_id != 0) {
        auto row = co_await c.gateway.d.store.find_session(name);
        if (!row) co_return row.error();
        if (!*row || (*row)->id != *wanted_id) co_return other_session();
    }
    if (!cursor->empty()) {
        auto news = co_await news_since(c, name, *cursor, static_cast<std::size_t>(*limit));
        if (news && *chars > 0) shorten_all((*news)["messages"], *chars);
        co_return news;
    }

    const open_question question(c.gateway.d.router, name);
    auto row = co_await c.gateway.d.store.find_session(name);
    if (!row) co_return row.error();
    const bool newest_page_wanted = *before == 0 && *offset == 0;
    const chat_message* newest = newest_page_wanted ? question.beyond({}) : nullptr;
    json out{{"sessionKey", name},
             {"messages", json::array()},
             {"pendingInputs", pending_inputs(c, name)},
             {"hasMore", false},
             {"deltaCursor", "0"},
             {"totalMessages", 0},
             {"defaults", session_defaults(*c.gateway.d.router.agents(), key->agent())}};
    if (*row) {
        const auto wanted = static_cast<std::size_t>(*limit) + 1;
        // Places are given without gaps, so that an offset from the newest one names a place.
        if (*offset > 0) *before = std::max<std::int64_t>((*row)->last_seq - *offset + 1, 1);
        auto rows = co_await c.gateway.d.store.history(name, wanted, *before);
        if (!rows) co_return rows.error();
        if (newest != nullptr) newest = question.beyond(*rows);
        const auto page = newest_page(*rows, wanted - 1);
        out["hasMore"] = page.size() < rows->size();
        for (const auto& m : page) out["messages"].push_back(message_json(m));
        if (!newest_page_wanted) out.erase("deltaCursor");  // it would send the client back
        else if (!rows->empty()) out["deltaCursor"] = cursor_of(rows->back());
        if (out["hasMore"] == true) {
            out["nextOffset"] = *offset + static_cast<std::int64_t>(page.size());
        }
        out["sessionId"] = std::to_string((*row)->id);
        out["totalMessages"] = (*row)->row_count();
        out["sessionInfo"] = session_json(**row, c.gateway.d.router);
    }
    if (newest != nullptr) {
        out["messages"].push_back(message_json(*newest));
        out["totalMessages"] = out["totalMessages"].get<std::int64_t>() + 1;
    }
    if (*chars > 0) shorten_all(out["messages"], *chars);
    add_live(out, c, name);
    co_return out;
}

}  // namespace openclaw::ingress
