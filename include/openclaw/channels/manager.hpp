#pragma once

#include "openclaw/channels/channel.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/metrics/health.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/routing/router.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace openclaw::channels {

// Owns the channels: starts and stops them, routes what they receive, and works off their outbox,
// in order per peer, with retries. Owned by app; any thread may call. Its own work runs on one
// strand. After start(), stop() must be awaited before it is destroyed.
class manager {
public:
    // Hands a message to routing: router.submit without a sink, for the answer comes through the
    // outbox.
    using submit_function = std::function<task<result<routing::admission>>(inbound_message)>;

    struct dependencies {
        asio::io_context& io;
        submit_function submit;
        store::store& store;
        const time_source& time;
        random_source& random;
        metrics::registry& metrics;
        metrics::health_board& health;
    };
    explicit manager(dependencies d);
    ~manager();

    // Before start() only.
    void add(std::unique_ptr<channel> c, when_unknown unknown = when_unknown::retry);
    void start();
    // Stops receiving, then sending: a reply that is on its way has 5 s to end.
    task<> stop();

    // New rows are in the outbox of this account.
    void wake(const std::string& channel, const std::string& account);
    std::vector<channel_status> status() const;

    // The name of an account, for an empty one the channel's first. not_found names the channels that
    // there are.
    result<std::string> find_account(const std::string& channel, const std::string& account) const;

    // Connects or disconnects one account, until the next start of the gateway; how it is then. One
    // that is so already stays. An empty account is the first one. What is on its way out has its
    // time to end. Errors: not_found, timed_out, unavailable (the manager is stopping).
    task<result<channel_status>> set_running(std::string channel, std::string account, bool on);

    // A message that an operator or a tool sends to `to` on `channel`. For the loopback channel
    // it comes back in, and the run that answers it is named. An empty account is the first one.
    // Errors: not_found names the channels that there are; invalid_input without `to` or `text`.
    struct sent { std::string channel, message_id, run_id; };
    task<result<sent>> send(std::string channel, std::string account, std::string to,
                            std::string text, std::string idempotency_key, principal who);

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace openclaw::channels
