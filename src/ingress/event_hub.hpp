#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/ingress/server.hpp"
#include "ingress/agent_stream.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/model/turn_event.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace openclaw::ingress {

// The sorts of events that not everybody hears.
enum class topic {
    chat,              // `chat`
    agent,             // `agent`
    tool,              // `agent` with stream "tool"
    session_message,   // `session.message`
    sessions_changed,  // `sessions.changed`
    devices,           // `device.pair.*`
};

// Somebody who hears events. Any thread may call; it must not block.
class subscriber {
public:
    virtual ~subscriber() = default;
    // Whether events of this sort are for it. `session` is the key that the event is about.
    virtual bool hears(topic t, const std::string& session) const = 0;
    // What it is to others, a PresenceEntry (protocol.md §8); null when it is not shown.
    virtual json presence() const = 0;
    // `body` is the frame without its end (frames.hpp).
    virtual void hear(std::shared_ptr<const std::string> body, bool droppable) = 0;
    // The device that it proved to be may not stay; `reason` goes into the close frame.
    virtual void expel(const std::string& device, const std::string& reason) = 0;
};

// Sends each event to all who may hear it; it is serialized once, however many they are.
class event_hub final : public reply_sink {
public:
    event_hub(const time_source& time, metrics::registry& metrics);

    void add(std::shared_ptr<subscriber> s);
    void remove(const std::shared_ptr<subscriber>& s);
    std::size_t size() const { return count_.load(std::memory_order_relaxed); }

    // The events of turns, as `chat`, `agent`, `session.message` and `sessions.changed` events
    // (protocol.md §6.3, §9).
    void on_event(const turn_event_ptr& event) override;
    bool wants_deltas() const override { return size() > 0; }

    // To everybody, whatever their scopes.
    void announce(std::string_view event, const json& payload);
    // `reason` is a word of the protocol (§9); `row` the SessionRow as it is now, or null.
    void session_changed(const session_key& session, std::string_view reason, const json& row);
    // A row that no turn made: for those who chat and those who follow the session.
    void message_added(const run_identity& run, const chat_message& row);
    // device.pair.requested and device.pair.resolved (§9).
    void devices_changed(std::string_view event, const json& payload);
    // Closes the connections of a device.
    void expel(const std::string& device, const std::string& reason);
    // PresenceEntry of everybody who is shown.
    json presence() const;

private:
    using listeners = std::vector<std::shared_ptr<subscriber>>;
    // To those of `all` who hear it. Made once, and only when there is one.
    template <class F>
    void send(const listeners& all, topic t, std::string_view event, const std::string& session,
              bool droppable, F make_payload);
    void send_chat(const listeners& all, const turn_event& e);
    void send_agent(const listeners& all, const turn_event& e);
    void send_message(const listeners& all, const run_identity& run, const chat_message& row);
    void send_change(const listeners& all, const turn_event& e);
    listeners everybody() const;

    const time_source& time_;
    metrics::counter events_;
    agent_stream agent_stream_;
    std::atomic<std::size_t> count_ = 0;
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<subscriber>> subscribers_;
};

// The payload of the `chat` event for `event`; nothing for those that chat clients do not see.
std::optional<json> chat_payload(const turn_event& event);

}  // namespace openclaw::ingress
