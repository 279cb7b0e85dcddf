#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/model/inbound.hpp"
#include "openclaw/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::channels {

enum class link_state { stopped, connecting, connected, failed };
std::string_view name_of(link_state s);

// How a channel account is doing, for `channels status`.
struct channel_status {
    std::string channel, account;
    link_state state = link_state::stopped;
    std::string last_error;
    std::int64_t last_inbound_ms = 0, last_outbound_ms = 0;
};

// What happened to one attempt to send.
struct send_outcome {
    enum class kind { sent, retry, failed, unknown };
    kind what = kind::sent;
    std::string detail;                        // the service's message id, or the reason
    std::chrono::milliseconds retry_after{0};  // retry: what the service asked for
};
std::string_view name_of(send_outcome::kind k);

// What to do with a reply when nobody knows whether it arrived: the connection broke while it was sent, or
// the gateway ended. For a service that does not know a reply by its id; one that does gets it again.
enum class when_unknown {
    record,   // it is not sent again: at most once
    retry,    // it is sent again, with the same id: at least once
};

// What a channel account tells the manager. The manager gives it to start(); it lives until
// stop() has returned.
class inbound_port {
public:
    virtual ~inbound_port() = default;
    // Returns once the message is safe: only then may the service be told so. The run's id.
    virtual task<result<std::string>> receive(inbound_message message) = 0;
    // status() says something new about the link. Any thread.
    virtual void link_changed() = 0;
};

// One account of one service. start() connects and keeps connected; stop() ends that.
// All calls on the manager's strand.
class channel {
public:
    virtual ~channel() = default;
    virtual const std::string& name() const = 0;     // "test", "telegram", …
    virtual const std::string& account() const = 0;
    virtual task<result<void>> start(inbound_port& port) = 0;
    virtual task<> stop() = 0;
    // The link only; the manager itself fills in the times of the last messages.
    virtual channel_status status() const = 0;
    // Sends one reply; `d.reply_id` is stable over retries. Several peers' replies may be on
    // their way at once, never two of the same peer.
    virtual task<send_outcome> send(const store::delivery& d) = 0;
    // Whether the service knows a reply by its id, and shows it once however often it gets it.
    virtual bool knows_reply_ids() const { return false; }
    // Whether what is sent by manager::send comes back in as a message of that peer.
    virtual bool loops_back() const { return false; }
};

// The built-in loopback: what is sent to it comes back in as a message from the peer `test`, and
// the replies to that peer end here. For trying the whole way of a message without a service.
// test_channel.hpp shows what arrived.
std::unique_ptr<channel> make_test_channel(const time_source& time);

}  // namespace openclaw::channels
