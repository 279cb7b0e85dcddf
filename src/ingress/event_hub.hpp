#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/ingress/server.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/principal.hpp"
#include "openclaw/model/turn_event.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace openclaw::ingress {

// Somebody who hears events. Any thread may call; it must not block.
class subscriber {
public:
    virtual ~subscriber() = default;
    // Whether events that need this scope are for it. `session` is the key that the event is
    // about; empty: none.
    virtual bool may_hear(scope s, const std::string& session) const = 0;
    // `body` is the frame without its end (frames.hpp).
    virtual void hear(std::shared_ptr<const std::string> body, bool droppable) = 0;
};

// Sends each event to all who may hear it; it is serialized once, however many they are.
class event_hub final : public reply_sink {
public:
    event_hub(const time_source& time, metrics::registry& metrics);

    void add(std::shared_ptr<subscriber> s);
    void remove(const std::shared_ptr<subscriber>& s);
    std::size_t size() const { return count_.load(std::memory_order_relaxed); }

    // The events of turns, as `chat` events (protocol.md §6.3).
    void on_event(const turn_event_ptr& event) override;
    bool wants_deltas() const override { return size() > 0; }

    // To everybody, whatever their scopes.
    void announce(std::string_view event, const json& payload);

private:
    void broadcast(std::string body, const std::string& session, bool droppable);
    std::vector<std::shared_ptr<subscriber>> everybody() const;

    const time_source& time_;
    metrics::counter events_;
    std::atomic<std::size_t> count_ = 0;
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<subscriber>> subscribers_;
};

// The payload of the `chat` event for `event`; nothing for those that chat clients do not see.
std::optional<json> chat_payload(const turn_event& event);

}  // namespace openclaw::ingress
