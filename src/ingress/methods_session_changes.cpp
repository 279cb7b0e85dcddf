// sessions.create, send, abort, patch, reset, compact and delete (protocol.md §8).

#include "ingress/client_turns.hpp"
#include "ingress/session_json.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

// What belongs to thinking and approvals, which a session does not choose for itself yet.
constexpr std::initializer_list<const char*> fields_not_in_effect{
    "thinkingLevel", "verboseLevel", "reasoningLevel", "traceLevel",    "fastMode",
    "sendPolicy",    "execHost",     "execSecurity",   "execAsk",       "execNode",
    "elevatedLevel", "responseUsage", "groupActivation", "attachments", "incognito",
    "permissionMode", "toolOverrides", "visibility"};

using found_session = std::optional<store::session_row>;

// `resolved`: the model that answers in the session.
json resolved_model(const json& row) {
    return {{"modelProvider", row.value("modelProvider", "")}, {"model", row.value("model", "")}};
}

json entry_of(const method_call& c, const store::session_row& s) {
    return session_json(s, c.gateway.d.router);
}

// A text to set; null and "" clear it; absent: it stays.
result<std::optional<std::string>> patched_text(const method_call& c, const char* name) {
    if (find(c.params, name) == nullptr) return std::optional<std::string>();
    auto text = optional_text(c, name, max_label);
    if (!text) return text.error();
    return std::optional(std::move(*text));
}

result<std::optional<bool>> patched_mark(const method_call& c, const char* name) {
    if (find(c.params, name) == nullptr) return std::optional<bool>();
    auto mark = optional_bool(c, name, false);
    if (!mark) return mark.error();
    return std::optional(*mark);
}

// As patched_text(): the model in full, once it is known that it can be used.
result<std::optional<std::string>> patched_model(const method_call& c) {
    auto name = patched_text(c, "model");
    if (!name || !*name || (*name)->empty()) return name;
    const auto model = c.gateway.d.router.agents()->model_named(**name);
    if (!model) return not_a_model(model.error());
    return std::optional(model->ref.str());
}

result<void> read_choices(const method_call& c, store::session_patch& patch) {
    for (const auto& [name, place] : {std::pair("label", &patch.label),
                                      std::pair("category", &patch.category),
                                      std::pair("icon", &patch.icon),
                                      std::pair("color", &patch.color)}) {
        auto text = patched_text(c, name);
        if (!text) return text.error();
        *place = std::move(*text);
    }
    auto model = patched_model(c);
    if (!model) return model.error();
    patch.wanted_model = std::move(*model);
    return {};
}

// Makes the change and tells of it; nothing when there is no such session.
task<result<found_session>> change_session(const method_call& c, session_key key,
                                           store::session_patch patch) {
    auto row = co_await c.gateway.d.store.patch_session(std::move(patch));
    if (!row || !*row) co_return row;
    c.gateway.d.router.reload((*row)->key);
    c.gateway.d.hub->session_changed(key, "patch", entry_of(c, **row));
    co_return row;
}

result<store::session_patch> patch_param(const method_call& c, std::string key) {
    store::session_patch patch;
    patch.key = std::move(key);
    auto id = session_id_param(c, "expectedSessionId");
    if (!id) return id.error();
    patch.id = *id;
    if (auto read = read_choices(c, patch); !read) return read.error();
    for (const auto& [name, mark] : {std::pair("pinned", &patch.pinned),
                                     std::pair("archived", &patch.archived),
                                     std::pair("unread", &patch.unread)}) {
        auto value = patched_mark(c, name);
        if (!value) return value.error();
        *mark = *value;
    }
    return patch;
}

// In the session's lane; clients hear of it whether or not the one who asked is still there.
task<result<void>> remove(const server::dependencies& d, session_key session,
                          std::shared_ptr<bool> removed) {
    auto cleared = co_await store::clear_all_history(d.store, session.str());
    if (!cleared) co_return cleared.error();
    auto gone = co_await d.store.delete_session(session.str());
    if (!gone) co_return gone.error();
    *removed = *gone;
    if (*gone) d.hub->session_changed(session, "delete", nullptr);
    co_return result<void>();
}

// As remove().
task<result<void>> empty(const server::dependencies& d, session_key session, std::string reason) {
    auto cleared = co_await store::clear_all_history(d.store, session.str());
    if (!cleared) co_return cleared.error();
    auto row = co_await d.store.find_session(session.str());
    if (!row) co_return row.error();
    if (!*row) co_return no_session(session.str());
    d.hub->session_changed(session, reason, session_json(**row, d.router));
    co_return result<void>();
}

struct shortened { bool any = false; std::int64_t kept = 0; };

// In the session's lane: deletes all but the newest `keep` rows.
task<result<void>> shorten_history(const server::dependencies& d, session_key session, std::int64_t keep,
                                   std::shared_ptr<shortened> out) {
    constexpr std::int64_t slice = 500;   // rows per transaction
    auto row = co_await d.store.find_session(session.str());
    if (!row) co_return row.error();
    if (!*row) co_return no_session(session.str());
    out->kept = (*row)->row_count();
    out->any = out->kept > keep;
    if (!out->any) co_return result<void>();
    while (out->kept > keep) {
        const auto some = static_cast<std::size_t>(std::min(slice, out->kept - keep));
        auto gone = co_await d.store.clear_history(session.str(), some);
        if (!gone) co_return gone.error();
        out->kept -= static_cast<std::int64_t>(*gone);
        if (*gone < some) break;
    }
    d.hub->session_changed(session, "compact", nullptr);
    co_return result<void>();
}

// The key of a session to be made: the one asked for, the one that the same request made before,
// or a new one.
task<result<session_key>> key_to_create(const method_call& c, std::string key, std::string agent,
                                        std::string request) {
    const auto& d = c.gateway.d;
    if (!key.empty()) {
        auto named = d.router.resolve(key, agent);
        if (!named) co_return named;
        if (auto free = named->check_choosable(); !free) co_return free.error();
        co_return named;
    }
    if (!request.empty()) {
        auto known = co_await d.store.find_run(request);
        if (!known) co_return known.error();
        if (*known) co_return d.router.resolve((*known)->session, agent);
    }
    if (agent.empty()) agent = d.router.agents()->default_agent().id;
    // The same request made once more names the same session.
    const auto name = request.empty() ? make_uuid(d.random)
                                      : to_hex(sha256(c.who.subject() + "|" + request)).substr(0, 32);
    co_return session_key(std::move(agent), "dashboard:" + name);
}

// The session's row, which is made when there is none; clients hear of that.
task<result<store::session_row>> find_or_make(const method_call& c, const session_key& key) {
    auto& store = c.gateway.d.store;
    const auto name = key.str();
    auto row = co_await store.find_session(name);
    if (!row) co_return row.error();
    if (*row) co_return std::move(**row);
    store::turn_commit empty;  // a turn without rows leaves the session alone
    empty.session = name;
    empty.agent = key.agent();
    empty.run_id = make_uuid(c.gateway.d.random);
    empty.epoch = store.epoch();
    auto made = co_await store.commit(std::move(empty));
    if (!made) co_return made.error();
    row = co_await store.find_session(name);
    if (!row) co_return row.error();
    if (!*row) co_return error(errc::conflict, "the session is gone again");
    c.gateway.d.hub->session_changed(key, "create", entry_of(c, **row));
    co_return std::move(**row);
}

// The first message of a session, if the call has one: `message` or `task`.
result<std::string> first_words(const method_call& c) {
    auto text = optional_text(c, "message", max_message);
    if (!text || !text->empty()) return text;
    return optional_text(c, "task", max_message);
}

}  // namespace

task<result<json>> call_sessions_create(method_call c) {
    if (auto all = refuse_fields(c, fields_not_in_effect); !all) co_return all.error();
    auto asked = optional_text(c, "key", max_key);
    if (!asked) co_return asked.error();
    auto agent = optional_text(c, "agentId", 64);
    if (!agent) co_return agent.error();
    store::session_patch choices;
    if (auto read = read_choices(c, choices); !read) co_return read.error();
    auto text = first_words(c);
    if (!text) co_return text.error();
    const auto command = command_in(c.params, *text);
    if (command && command->command->what == routing::command_kind::stop) {
        co_return bad_params(c, "at /message: /stop is no beginning of a session");
    }
    auto idempotency = optional_text(c, "idempotencyKey", max_idempotency);
    if (!idempotency) co_return idempotency.error();
    auto key = co_await key_to_create(c, *asked, *agent, *idempotency);
    if (!key) co_return key.error();
    if (c.gateway.d.router.agents()->find(key->agent()) == nullptr) {
        co_return error(errc::not_found, "there is no agent \"" + key->agent() + "\"");
    }
    auto row = co_await find_or_make(c, *key);
    if (!row) co_return row.error();
    const bool chosen = choices.label || choices.category || choices.icon || choices.color ||
                        choices.wanted_model;
    if (chosen || row->background) {   // whoever makes a session of it wants to see it
        choices.key = row->key;
        auto changed = co_await change_session(c, *key, std::move(choices));
        if (!changed) co_return changed.error();
        if (*changed) *row = std::move(**changed);
    }
    json out{{"ok", true}, {"key", row->key}, {"sessionId", std::to_string(row->id)},
             {"runStarted", false}};
    if (!text->empty()) {
        if (idempotency->empty()) *idempotency = make_uuid(c.gateway.d.random);
        client_words words{row->key, "", std::move(*text), std::move(*idempotency), {}};
        auto started = co_await start_turn(c, std::move(words));
        if (!started) co_return started.error();
        out["runStarted"] = started->contains("runId");
        out.update(*started);
    }
    out["entry"] = entry_of(c, *row);
    out["resolved"] = resolved_model(out["entry"]);
    co_return out;
}

task<result<json>> call_sessions_send(method_call c) {
    if (auto all = refuse_fields(c, {"attachments"}); !all) co_return all.error();
    auto wishes = turn_wishes_of(c);
    if (!wishes) co_return wishes.error();
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    auto text = required_text(c, "message", max_message);
    if (!text) co_return text.error();
    auto idempotency = optional_text(c, "idempotencyKey", max_idempotency);
    if (!idempotency) co_return idempotency.error();
    if (idempotency->empty()) *idempotency = make_uuid(c.gateway.d.random);
    client_words words{session->str(), "", std::move(*text), std::move(*idempotency), *wishes};
    co_return co_await start_turn(c, std::move(words));
}

task<result<json>> call_sessions_abort(method_call c) {
    auto& router = c.gateway.d.router;
    auto asked = optional_text(c, "key", max_key);
    if (!asked) co_return asked.error();
    auto run = optional_text(c, "runId", max_idempotency);
    if (!run) co_return run.error();
    auto queued_too = optional_bool(c, "clearQueued", false);
    if (!queued_too) co_return queued_too.error();
    if (asked->empty() && run->empty()) {
        co_return bad_params(c, "must have one of 'key' and 'runId'");
    }
    std::string session;
    if (asked->empty()) {
        session = router.session_of(*run);
    } else {
        auto key = session_param(c, "key");
        if (!key) co_return key.error();
        session = key->str();
    }
    if (run->empty() && !*queued_too) {
        // The run in progress alone; what waits behind it has its turn.
        const auto runs = router.runs_of(session);
        if (runs.running) *run = runs.ids.front();
    }
    std::vector<std::string> stopped;
    if (!run->empty() || *queued_too) {
        auto runs = co_await router.call_back(session, *run, "rpc");
        if (!runs) co_return runs.error();
        stopped = std::move(*runs);
    }
    const auto of = session_key::parse(session, "");
    if (!stopped.empty() && of) c.gateway.d.hub->session_changed(*of, "abort", nullptr);
    co_return json{{"ok", true},
                   {"abortedRunId", stopped.empty() ? json(nullptr) : json(stopped.front())},
                   {"status", stopped.empty() ? "no-active-run" : "aborted"}};
}

task<result<json>> call_sessions_patch(method_call c) {
    if (auto all = refuse_fields(c, fields_not_in_effect); !all) co_return all.error();
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    const auto name = session->str();
    auto patch = patch_param(c, name);
    if (!patch) co_return patch.error();
    auto row = co_await change_session(c, *session, std::move(*patch));
    if (!row) co_return row.error();
    if (!*row) co_return no_session(name);
    auto entry = entry_of(c, **row);
    auto resolved = resolved_model(entry);
    co_return json{{"ok", true},
                   {"path", store_path(c)},
                   {"key", name},
                   {"entry", std::move(entry)},
                   {"resolved", std::move(resolved)}};
}

task<result<json>> call_sessions_reset(method_call c) {
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    auto reason = optional_text(c, "reason", 16);
    if (!reason) co_return reason.error();
    if (!reason->empty() && *reason != "new" && *reason != "reset") {
        co_return bad_params(c, "at /reason: must be \"new\" or \"reset\"");
    }
    auto& d = c.gateway.d;
    const auto name = session->str();
    auto row = co_await d.store.find_session(name);
    if (!row) co_return row.error();
    if (!*row) co_return no_session(name);
    if (auto stopped = co_await d.router.call_back(name, "", "rpc"); !stopped) co_return stopped.error();
    const auto word = reason->empty() ? "reset" : *reason;
    std::function<task<result<void>>()> change = [&d, key = *session, word] {
        return empty(d, key, word);
    };
    auto done = co_await d.router.between_turns(*session, std::move(change));
    if (!done) co_return done.error();
    row = co_await d.store.find_session(name);
    if (!row) co_return row.error();
    if (!*row) co_return no_session(name);
    co_return json{{"ok", true}, {"key", name}, {"entry", entry_of(c, **row)}};
}

// With `maxLines` the oldest messages go. Without, there is nothing to do: a model is given what fits
// its window, and no summary is made in this version.
task<result<json>> call_sessions_compact(method_call c) {
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    auto keep = optional_int(c, "maxLines", 1, INT32_MAX, 0);
    if (!keep) co_return keep.error();
    auto& d = c.gateway.d;
    const auto name = session->str();
    auto row = co_await d.store.find_session(name);
    if (!row) co_return row.error();
    if (!*row) co_return no_session(name);
    json out{{"ok", true}, {"key", name}, {"compacted", false}};
    if (*keep == 0) {
        out["reason"] = "each model call is given what fits its window; summaries are not in effect";
        co_return out;
    }
    auto short_of = std::make_shared<shortened>();
    std::function<task<result<void>>()> change = [&d, key = *session, most = *keep, short_of] {
        return shorten_history(d, key, most, short_of);
    };
    auto done = co_await d.router.between_turns(*session, std::move(change));
    if (!done) co_return done.error();
    out["compacted"] = short_of->any;
    out["kept"] = short_of->kept;
    co_return out;
}

task<result<json>> call_sessions_delete(method_call c) {
    auto session = session_param(c, "key");
    if (!session) co_return session.error();
    auto transcript = optional_bool(c, "deleteTranscript", true);
    if (!transcript) co_return transcript.error();
    auto archived_only = optional_bool(c, "archivedOnly", false);
    if (!archived_only) co_return archived_only.error();
    if (!*transcript) {
        co_return error(errc::invalid_input, "`deleteTranscript`: false is not in effect in this "
                                             "version: a transcript goes with its session");
    }
    if (session->rest() == "main") {
        co_return error(errc::invalid_input, "Cannot delete the main session (" + session->str() +
                                                 ")", "sessions.reset empties it.");
    }
    auto& d = c.gateway.d;
    const auto name = session->str();
    json out{{"ok", true}, {"key", name}, {"deleted", false}, {"archived", json::array()}};
    auto row = co_await d.store.find_session(name);
    if (!row) co_return row.error();
    if (!*row && d.router.runs_of(name).ids.empty()) co_return out;
    const bool archived = *row && (*row)->archived;
    if (!archived && *archived_only) {
        co_return error(errc::conflict, "the session is not archived");
    }
    if (auto stopped = co_await d.router.call_back(name, "", "rpc"); !stopped) co_return stopped.error();
    auto removed = std::make_shared<bool>(false);
    std::function<task<result<void>>()> change = [&d, key = *session, removed] {
        return remove(d, key, removed);
    };
    auto done = co_await d.router.between_turns(*session, std::move(change));
    if (!done) co_return done.error();
    out["deleted"] = *removed;
    co_return out;
}

}  // namespace openclaw::ingress
