#pragma once

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/config/reload.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/random.hpp"
#include "openclaw/metrics/health.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/turn_event.hpp"
#include "openclaw/net/http_client.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/routing/scheduler.hpp"
#include "openclaw/store/store.hpp"
#include "openclaw/tools/tool.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace openclaw::ingress {

// What clients may ask of parts that the ingress does not know; app wires them.
struct operations {
    // The `channels.status` result (protocol.md §8).
    std::function<json()> channels_status;
    struct channel_counts { std::size_t connected = 0, total = 0; };
    std::function<channel_counts()> count_channels;
    // Connects or disconnects an account of a channel; empty: its first. The account's row as
    // channels_status has it.
    std::function<task<result<json>>(std::string channel, std::string account, bool on)>
        run_channel;
    // Takes up the configuration file as it is now; `who` asked. Without the function it is read at the
    // start alone.
    std::function<task<config::reload_report>(std::string who)> reload;
    // Sends `text` to `to` on `channel`: the `send` result.
    std::function<task<result<json>>(std::string channel, std::string account, std::string to,
                                     std::string text, std::string idempotency_key, principal who)>
        send;
};

// What does not change while the process runs.
struct identity {
    std::string version;
    std::string config_path, state_dir;
    std::string log_file;                     // empty: none is written
    // For the variables of the configuration; empty: none is set.
    std::function<std::optional<std::string>(const std::string& name)> environment = {};
};

// What is to be said of the configuration, besides what it is.
struct config_notes {
    std::vector<std::string> not_in_effect = {};   // settings that are read but not acted on
    std::vector<std::string> issues = {};          // why the file is not what is in effect
    std::vector<std::string> needs_restart = {};   // paths whose change waits for the next start
};

// Everybody who watches turns over a WebSocket. It exists before the router, which feeds it.
class event_hub;
std::shared_ptr<event_hub> make_event_hub(const time_source& time, metrics::registry& metrics);
std::shared_ptr<reply_sink> as_observer(const std::shared_ptr<event_hub>& hub);
// Takes `cron` events for those who may read.
std::function<void(const json& payload)> as_cron_listener(const std::shared_ptr<event_hub>& hub);

// Sockets that listen already: systemd's (sd_listen_fds(3)), or those of the process before this one.
struct listening_sockets {
    int tcp = -1, local = -1;   // descriptors; -1: none
    bool fixed = false;         // systemd's: where they listen is not for the configuration to say
};

// Answers HTTP and WebSocket clients on a TCP port and on a Unix socket.
class server {
public:
    struct dependencies {
        asio::io_context& io;
        routing::router& router;
        routing::scheduler& cron;
        store::store& store;
        net::http_client& client;                       // for requests that pass through
        const tools::registry& tools;
        const time_source& time;
        random_source& random;
        metrics::registry& metrics;
        metrics::health_board& health;
        std::shared_ptr<event_hub> hub;
        ingress::operations operations;
        ingress::identity identity;
    };
    server(dependencies d, const config::settings& settings, config_notes notes = {});
    ~server();

    // Takes the port and the socket; nothing is accepted before start(). `in_use` names the
    // process that holds the port. Sockets that are `given` are used instead where they fit, and closed
    // where they do not.
    result<void> bind(const std::string& host, std::uint16_t port,
                      const std::filesystem::path& socket, listening_sockets given = {});
    // The port that was taken: of use with port 0.
    std::uint16_t port() const;
    void start();
    // Goes over to another configuration, as a whole: a request goes by the one or the other. Time limits of
    // a connection are those that held when it came. WebSockets that were let in by a token or password
    // which is not the gateway's any more are closed. Any thread, one at a time with note().
    void configure(config::settings settings, config_notes notes);
    // The same settings, and something else to say of them.
    void note(config_notes notes);

    // What becomes of the listening sockets at the end: kept, they go on to collect connections for the
    // next process.
    enum class sockets { close, keep };
    // Says "not ready" from now on, and accepts no more. `grace`: how long turns in progress have, for
    // clients that want to know when to come back.
    void stop_accepting(sockets then, milliseconds grace);
    // Returns when nobody waits for an HTTP answer any more, or when `limit` is over.
    task<> finish_requests(milliseconds limit);
    // Lets answers in progress end, tells WebSocket clients (1012), closes and joins.
    task<> stop(milliseconds grace);
    // Those that were kept, after stop(); whose they are is up to the caller.
    listening_sockets kept_sockets() const;

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace openclaw::ingress
