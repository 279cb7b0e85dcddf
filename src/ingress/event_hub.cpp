#include "ingress/event_hub.hpp"

#include "ingress/errors.hpp"
#include "ingress/frames.hpp"

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

}  // namespace

std::optional<json> chat_payload(const turn_event& e) {
    json p{{"runId", e.run->run_id},
           {"sessionKey", e.run->session},
           {"agentId", e.run->agent},
           {"seq", e.seq}};
    switch (e.what) {
    case turn_event::kind::delta:
        p["state"] = "delta";
        p["deltaText"] = e.text;
        return p;
    case turn_event::kind::final:
        p["state"] = "final";
        p["stopReason"] = e.stop_reason;
        p["message"] = text_message(e.message, e.at_ms);
        return p;
    case turn_event::kind::aborted:
        p["state"] = "aborted";
        p["stopReason"] = e.stop_reason;
        p["message"] = text_message(e.message, e.at_ms);
        return p;
    case turn_event::kind::failed:
        p["state"] = "error";
        p["errorMessage"] = public_message(e.failure);
        p["errorKind"] = error_kind(e.failure.code);
        return p;
    default: return std::nullopt;
    }
}

event_hub::event_hub(const time_source& time, metrics::registry& metrics)
    : time_(time)
    , events_(metrics.make_counter("openclaw_events_total",
                                   "Events sent to WebSocket clients, once per event.")) {}

void event_hub::add(std::shared_ptr<subscriber> s) {
    std::lock_guard lock(mutex_);
    subscribers_.insert(std::move(s));
    count_ = subscribers_.size();
}

void event_hub::remove(const std::shared_ptr<subscriber>& s) {
    std::lock_guard lock(mutex_);
    subscribers_.erase(s);
    count_ = subscribers_.size();
}

void event_hub::on_event(const turn_event_ptr& event) {
    if (size() == 0) return;
    auto payload = chat_payload(*event);
    if (!payload) return;
    broadcast(event_body("chat", *payload), event->run->session,
              event->what == turn_event::kind::delta);
}

void event_hub::announce(std::string_view event, const json& payload) {
    const auto shared = std::make_shared<const std::string>(event_body(event, payload));
    for (const auto& s : everybody()) s->hear(shared, false);
    events_.add();
}

std::vector<std::shared_ptr<subscriber>> event_hub::everybody() const {
    std::lock_guard lock(mutex_);
    return {subscribers_.begin(), subscribers_.end()};
}

void event_hub::broadcast(std::string body, const std::string& session, bool droppable) {
    const auto shared = std::make_shared<const std::string>(std::move(body));
    for (const auto& s : everybody()) {
        if (s->may_hear(scope::read, session)) s->hear(shared, droppable);
    }
    events_.add();
}

std::shared_ptr<event_hub> make_event_hub(const time_source& time, metrics::registry& metrics) {
    return std::make_shared<event_hub>(time, metrics);
}

std::shared_ptr<reply_sink> as_observer(const std::shared_ptr<event_hub>& hub) {
    return hub;
}

}  // namespace openclaw::ingress
