#include "ingress/event_hub.hpp"

#include "ingress/errors.hpp"
#include "ingress/frames.hpp"
#include "ingress/message_json.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

std::string_view error_kind(errc code) {
    switch (code) {
    case errc::timed_out: return "timeout";
    case errc::rate_limited:
    case errc::overloaded: return "rate_limit";
    case errc::context_overflow: return "context_length";
    case errc::refused: return "refusal";
    default: return "unknown";
    }
}

json text_message(const chat_message& m, std::int64_t at_ms) {
    return {{"role", "assistant"},
            {"content", json::array({{{"type", "text"}, {"text", m.text()}}})},
            {"timestamp", m.timestamp_ms != 0 ? m.timestamp_ms : at_ms}};
}

// The last `chat` event of a run.
json chat_end(const turn_event& e) {
    json p{{"runId", e.run->run_id},
           {"sessionKey", e.run->session},
           {"agentId", e.run->agent},
           {"seq", e.seq}};
    if (e.what == turn_event::kind::failed) {
        p["state"] = "error";
        p["errorMessage"] = public_message(e.failure);
        p["errorKind"] = error_kind(e.failure.code);
        return p;
    }
    p["state"] = e.what == turn_event::kind::final ? "final" : "aborted";
    p["stopReason"] = e.stop_reason;
    // A message that went into another one's turn has no answer of its own.
    if (e.stop_reason != "joined") p["message"] = text_message(e.message, e.at_ms);
    return p;
}

}  // namespace

event_frame_ptr chat_event(const turn_event& e) {
    if (e.what == turn_event::kind::delta) return make_delta(e);
    return e.is_end() ? make_event("chat", chat_end(e)) : nullptr;
}

event_frame_ptr message_event(const run_identity& run, const chat_message& row, bool stored,
                              const json& session) {
    json p{{"sessionKey", run.session},
           {"agentId", run.agent},
           {"message", message_json(row)},
           {"messageId", row.id},
           {"messageSeq", row.seq}};
    if (!session.is_null()) p["session"] = session;
    auto frame = std::make_shared<event_frame>();
    frame->name = "session.message";
    frame->row = row.id;
    if (stored) p["deltaCursor"] = frame->cursor = cursor_of(row);
    frame->body = event_body(frame->name, p);
    return frame;
}

event_hub::event_hub(const time_source& time, metrics::registry& metrics)
    : time_(time)
    , events_(metrics.make_counter("openclaw_events_total",
                                   "Events sent to WebSocket clients, once per event.")) {}

void event_hub::add(std::shared_ptr<subscriber> s) {
    event_frame_ptr goodbye;
    {
        std::lock_guard lock(mutex_);
        subscribers_.insert(s);
        everybody_.reset();
        count_ = subscribers_.size();
        goodbye = goodbye_;
    }
    if (goodbye) s->hear(goodbye);
}

void event_hub::remove(const std::shared_ptr<subscriber>& s) {
    std::lock_guard lock(mutex_);
    subscribers_.erase(s);
    everybody_.reset();
    count_ = subscribers_.size();
}

template <class F>
void event_hub::send(const listeners& all, topic t, const std::string& session, F make) {
    event_frame_ptr event;
    for (const auto& s : all) {
        if (!s->hears(t, session)) continue;
        if (!event) event = make();
        s->hear(event);
    }
    if (event) events_.add();
}

// In the order of protocol.md §6.3.
void event_hub::on_event(const turn_event_ptr& event) {
    const auto& e = *event;
    if (size() == 0) return agent_stream_.forget(e);
    const auto all = those_of(e.run->session);
    if (all.empty()) return agent_stream_.forget(e);
    note_change(all, e);
    send_messages(all, e);
    send_agent(all, e);
    send_chat(all, e);
}

// Asked once per event: of thousands of clients most follow other sessions.
event_hub::listeners event_hub::those_of(const std::string& session) const {
    listeners these;
    const auto list = everybody();
    for (const auto& s : *list) {
        if (s->hears_of(session)) these.push_back(s);
    }
    return these;
}

void event_hub::send_chat(const listeners& all, const turn_event& e) {
    if (e.what != turn_event::kind::delta && !e.is_end()) return;
    send(all, topic::chat, e.run->session, [&] { return chat_event(e); });
}

void event_hub::send_agent(const listeners& all, const turn_event& e) {
    if (!is_heard(all, topic::agent, e.run->session)) return agent_stream_.forget(e);
    for (const auto& out : agent_stream_.step(e)) {
        send(all, out.for_tool_watchers ? topic::tool : topic::agent, e.run->session,
             [&] { return make_event("agent", out.payload, out.droppable); });
    }
}

// The rows that the event tells of. The one of its begin is stored with its end.
void event_hub::send_messages(const listeners& all, const turn_event& e) {
    if (e.message.seq == 0 && e.rows.empty()) return;
    if (!is_heard(all, topic::session_message, e.run->session)) return;
    const auto session = shown(e);
    const auto tell = [&](const chat_message& row) {
        send(all, topic::session_message, e.run->session, [&] {
            return message_event(*e.run, row, e.what != turn_event::kind::started, session);
        });
    };
    for (const auto& row : e.rows) tell(row);
    if (e.rows.empty()) tell(e.message);
}

json event_hub::shown(const turn_event& e) const {
    return e.session && show_ ? show_(*e.session) : json();
}

bool event_hub::is_heard(const listeners& all, topic t, const std::string& session) {
    return std::any_of(all.begin(), all.end(), [&](const auto& s) { return s->hears(t, session); });
}

void event_hub::note_change(const listeners& all, const turn_event& e) {
    using kind = turn_event::kind;
    if (e.what != kind::accepted && e.what != kind::started && !e.is_end()) return;
    const auto heard_as = e.emptied.empty() ? topic::sessions_changed : topic::session_message;
    if (!is_heard(all, heard_as, e.run->session)) return;
    session_change change{e.run->session, {}, !e.session};
    auto& p = change.payload;
    p = {{"sessionKey", e.run->session}, {"agentId", e.run->agent},
         {"runId", e.run->run_id}, {"ts", e.at_ms}};
    if (e.what == kind::accepted) {
        p["reason"] = "send";
    } else {
        p["phase"] = e.what == kind::started ? "start" : e.what == kind::failed ? "error" : "end";
        if (e.what == kind::started) p["reason"] = "agent.run.started";
    }
    if (!e.emptied.empty()) {
        // At once, without a row: what comes next belongs to the new conversation.
        p["reason"] = e.emptied;
        return send_change(std::move(change));
    }
    if (auto row = shown(e); !row.is_null()) p["session"] = std::move(row);
    queue_change(std::move(change));
}

void event_hub::queue_change(session_change change) {
    if (!changes_.try_push(std::move(change))) send_change(std::move(change));
}

// A conversation that begins anew, or is gone, is news for those too who follow it alone.
topic event_hub::topic_of(const session_change& change) {
    const auto reason = string_or(change.payload, "reason");
    const bool over = reason == "reset" || reason == "new" || reason == "delete";
    return over ? topic::session_message : topic::sessions_changed;
}

void event_hub::send_change(session_change change) {
    send(*everybody(), topic_of(change), change.session,
         [&] { return make_event("sessions.changed", change.payload); });
}

void event_hub::session_changed(const session_key& session, std::string_view reason,
                                const json& row) {
    if (size() == 0) return;
    session_change change{session.str(), {}, false};
    change.payload = {{"sessionKey", change.session},
                      {"agentId", session.agent()},
                      {"reason", reason},
                      {"ts", time_.unix_ms()}};
    if (!is_heard(*everybody(), topic_of(change), change.session)) return;
    if (!row.is_null()) change.payload["session"] = row;
    queue_change(std::move(change));
}

void event_hub::message_added(const run_identity& run, const chat_message& row,
                              std::shared_ptr<const store::session_row> session) {
    turn_event e;
    e.what = turn_event::kind::final;
    e.run = std::make_shared<const run_identity>(run);
    e.seq = 1;
    e.at_ms = row.timestamp_ms;
    e.stop_reason = "stop";
    e.message = row;
    e.session = std::move(session);
    const auto all = those_of(run.session);
    send_messages(all, e);
    send_chat(all, e);
}

void event_hub::config_changed(const json& payload) {
    if (size() == 0) return;
    send(*everybody(), topic::config, "", [&] { return make_event("config.changed", payload); });
}

void event_hub::cron_changed(const json& payload) {
    if (size() == 0) return;
    send(*everybody(), topic::cron, "", [&] { return make_event("cron", payload); });
}

event_hub::told event_hub::tell_state(topic t, std::string_view event, const json& payload,
                                      const json& version) {
    told out;
    const auto list = everybody();
    const auto& all = *list;
    for (const auto& s : all) out.hearers += s->hears(t, "") ? 1 : 0;
    send(all, t, "", [&] {
        auto frame = std::make_shared<event_frame>();
        frame->name = event;
        frame->body = event_body(frame->name, payload);
        frame->body += R"(,"stateVersion":)" + dump(version);
        frame->droppable = true;
        out.bytes = frame->body.size();
        return frame;
    });
    return out;
}

void event_hub::announce(std::string_view event, const json& payload) {
    const auto shared = make_event(event, payload);
    const auto list = everybody();
    for (const auto& s : *list) s->hear(shared);
    events_.add();
}

void event_hub::say_goodbye(const json& payload) {
    {
        std::lock_guard lock(mutex_);
        goodbye_ = make_event("shutdown", payload);
    }
    announce("shutdown", payload);
}

// Made when it is asked for after a change, not by each of ten thousand that come.
std::shared_ptr<const event_hub::listeners> event_hub::everybody() const {
    std::lock_guard lock(mutex_);
    if (!everybody_) {
        everybody_ = std::make_shared<const listeners>(subscribers_.begin(), subscribers_.end());
    }
    return everybody_;
}

void event_hub::expel(const expelled& who, const std::string& reason, const std::string& but) {
    const auto list = everybody();
    for (const auto& s : *list) s->expel(who, reason, but);
}

void event_hub::devices_changed(std::string_view event, const json& payload) {
    if (size() == 0) return;
    send(*everybody(), topic::devices, "", [&] { return make_event(event, payload); });
}

std::shared_ptr<event_hub> make_event_hub(const time_source& time, metrics::registry& metrics) {
    return std::make_shared<event_hub>(time, metrics);
}

std::shared_ptr<reply_sink> as_observer(const std::shared_ptr<event_hub>& hub) {
    return hub;
}

std::function<void(const json& payload)> as_cron_listener(const std::shared_ptr<event_hub>& hub) {
    return [hub](const json& payload) { hub->cron_changed(payload); };
}

}  // namespace openclaw::ingress
