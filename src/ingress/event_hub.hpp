#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/mailbox.hpp"
#include "openclaw/ingress/server.hpp"
#include "ingress/agent_stream.hpp"
#include "ingress/event_frame.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/model/turn_event.hpp"

#include <functional>
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
    config,            // `config.changed`
    cron,              // `cron`
    devices,           // `device.pair.*` and `node.pair.*`
    presence,          // `presence`
    health,            // `health`
    health_outside,    // `health` for those who may not read: it tells of no sessions
};

// Whose connections have to go: a device's, in one role or, with none named, in all.
struct expelled {
    std::string device;
    std::string role;
};

// Somebody who hears events. Any thread may call; it must not block.
class subscriber {
public:
    virtual ~subscriber() = default;
    // Whether events of this sort are for it. `session` is the key that the event is about.
    virtual bool hears(topic t, const std::string& session) const = 0;
    // Whether any event of a turn in this session may be for it.
    virtual bool hears_of(const std::string&) const { return true; }
    virtual void hear(const event_frame_ptr& event) = 0;
    // The device that it proved to be may not stay; `reason` goes into the close frame.
    // `but` is the id of a connection that may.
    virtual void expel(const expelled& who, const std::string& reason, const std::string& but) = 0;
};

// A `sessions.changed` event on its way.
struct session_change {
    std::string session;     // canonical key
    json payload;            // without the session's row, or with it
    bool wants_row = false;  // somebody who can read it adds it
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
    // How events show a session, its SessionRow. Before there are subscribers.
    void show_sessions_by(std::function<json(const store::session_row&)> show) {
        show_ = std::move(show);
    }
    bool wants_deltas() const override { return size() > 0; }

    // To everybody, whatever their scopes.
    void announce(std::string_view event, const json& payload);
    // `shutdown`: to everybody, and to those who come after it.
    void say_goodbye(const json& payload);
    // `sessions.changed` goes out in the order in which things changed, by somebody who takes one
    // after the other from here, adds its row and sends it. With a queue that is full, or that
    // nobody empties, it goes out at once and without a row.
    task<std::optional<session_change>> next_change() { return changes_.pop(); }
    std::size_t changes_waiting() const { return changes_.size(); }
    void send_change(session_change change);
    // `reason` is a word of the protocol (§9); `row` the SessionRow as it is now, or null.
    void session_changed(const session_key& session, std::string_view reason, const json& row);
    // A row that no turn made: for those who chat and those who follow the session.
    void message_added(const run_identity& run, const chat_message& row,
                       std::shared_ptr<const store::session_row> session);
    // device.pair.* and node.pair.*, requested and resolved (§9).
    void devices_changed(std::string_view event, const json& payload);
    // Closes the connections of a device, `but` one.
    void expel(const expelled& who, const std::string& reason, const std::string& but = "");
    // config.changed and cron (§9).
    void config_changed(const json& payload);
    void cron_changed(const json& payload);
    // An event with a stateVersion (§9), the next of which tells all that this one does; how many heard
    // it, and of how many bytes.
    struct told { std::size_t hearers = 0, bytes = 0; };
    told tell_state(topic t, std::string_view event, const json& payload, const json& version);
    bool is_heard(topic t) const { return is_heard(*everybody(), t, ""); }

private:
    using listeners = std::vector<std::shared_ptr<subscriber>>;
    // To those of `all` who hear it. Made once, and only when there is one.
    template <class F>
    void send(const listeners& all, topic t, const std::string& session, F make);
    void send_chat(const listeners& all, const turn_event& e);
    void send_agent(const listeners& all, const turn_event& e);
    void send_messages(const listeners& all, const turn_event& e);
    json shown(const turn_event& e) const;
    void note_change(const listeners& all, const turn_event& e);
    void queue_change(session_change change);
    static topic topic_of(const session_change& change);
    static bool is_heard(const listeners& all, topic t, const std::string& session);
    std::shared_ptr<const listeners> everybody() const;
    listeners those_of(const std::string& session) const;

    const time_source& time_;
    std::function<json(const store::session_row&)> show_;
    metrics::counter events_;
    agent_stream agent_stream_;
    static constexpr std::size_t max_changes = 1024;
    mailbox<session_change> changes_{max_changes};
    std::atomic<std::size_t> count_ = 0;
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<subscriber>> subscribers_;
    event_frame_ptr goodbye_;   // null before
    mutable std::shared_ptr<const listeners> everybody_;   // null: somebody came or went
};

// `chat`; null for what chat clients do not see.
event_frame_ptr chat_event(const turn_event& event);
// `session.message`; `session` is its SessionRow, or null. One that is `stored` brings the cursor that a
// client resumes with.
event_frame_ptr message_event(const run_identity& run, const chat_message& row, bool stored,
                              const json& session);

}  // namespace openclaw::ingress
