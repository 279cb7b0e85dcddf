#include "openclaw/ingress/server.hpp"

#include "openclaw/core/log.hpp"
#include "ingress/listener.hpp"
#include "ingress/methods.hpp"
#include "ingress/service.hpp"
#include "ingress/session_json.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::ingress {

namespace {

constexpr milliseconds goodbye_limit{2'000};   // for close frames to be answered
constexpr milliseconds drain_poll{5};
constexpr milliseconds restart_takes{1'000};   // where nothing is in progress
constexpr std::int64_t told_presence_lasts = 300'000;   // ms
constexpr int ticks_per_health = 2;            // one `health` event a minute
constexpr std::size_t max_waiting_for_rows = 64;   // `sessions.changed` events behind this one

task<bool> sleep_for(milliseconds pause) {
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    boost::system::error_code failure;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    co_return !failure;
}

}  // namespace

class server::impl {
public:
    impl(dependencies d, const config::settings& settings, config_notes notes)
        : gateway{.d = std::move(d), .in_effect = settings_in_effect(settings, std::move(notes))}
        , service(gateway)
        , listen(gateway, service) {
        gateway.boot_id = make_uuid(gateway.d.random);
        gateway.started_ms = gateway.d.time.unix_ms();
        gateway.started = gateway.d.time.steady();
        gateway.d.hub->show_sessions_by(
            [this](const store::session_row& s) { return session_json(s, gateway.d.router); });
    }

    // Ticks and pings, for as long as there are clients to hear them.
    task<> tick() {
        for (int ticks = 1; co_await sleep_for(tick_interval); ++ticks) {
            if (ticks % ticks_per_health == 0) gateway.health.tell();
            gateway.presence.forget_told(gateway.d.time.unix_ms() - told_presence_lasts);
            if (gateway.d.hub->size() > 0) {
                gateway.d.hub->announce("tick", {{"ts", gateway.d.time.unix_ms()}});
            }
            for (auto& s : service.sessions()) s->ping();
        }
    }

    // The session as it is now; null when there is none, or the store does not say.
    task<json> row_of(std::string session) {
        auto row = co_await gateway.d.store.find_session(session);
        if (!row || !*row) co_return nullptr;
        co_return session_json(**row, gateway.d.router);
    }

    // Adds the session's row to what is told of runs. When many wait, the rows are left out: the
    // store is for the turns first.
    task<> tell_changes() {
        auto& hub = *gateway.d.hub;
        while (auto change = co_await hub.next_change()) {
            if (change->wants_row && hub.changes_waiting() < max_waiting_for_rows) {
                auto row = co_await row_of(change->session);
                if (!row.is_null()) change->payload["session"] = std::move(row);
            }
            hub.send_change(std::move(*change));
        }
    }

    // Tells of who comes and goes, in one event however many they are.
    task<> tell_presence() {
        while (true) {
            co_await gateway.presence.changed();
            if (gateway.draining) co_return;
            auto rows = presence_of(gateway, gateway.presence.news());
            const json payload{{"presence", std::move(rows.entries)}};
            const json version{{"presence", rows.version}, {"health", gateway.health.version()}};
            const auto told = gateway.d.hub->tell_state(topic::presence, "presence", payload, version);
            if (!co_await sleep_for(presence_pause(told.bytes, told.hearers))) co_return;
        }
    }

    // The health, when it is due; not more often than the presence.
    task<> send_health() {
        while (true) {
            co_await gateway.health.due();
            if (gateway.draining) co_return;
            const auto told = co_await tell_health(gateway);
            if (!co_await sleep_for(presence_pause(told.bytes, told.hearers))) co_return;
        }
    }

    task<> wait_for(const std::function<bool()>& done, milliseconds limit) {
        const auto until = gateway.d.time.steady() + limit;
        while (!done() && gateway.d.time.steady() < until) co_await sleep_for(drain_poll);
    }

    gateway_context gateway;
    gateway_service service;
    listener listen;
    task_group tasks;
};

server::server(dependencies d, const config::settings& settings, config_notes notes)
    : impl_(std::make_shared<impl>(std::move(d), settings, std::move(notes))) {}

server::~server() = default;

result<void> server::bind(const std::string& host, std::uint16_t port,
                          const std::filesystem::path& socket, listening_sockets given) {
    if (auto used = impl_->listen.use(given, host, port); !used) return used;
    if (auto bound = impl_->listen.bind_tcp(host, port); !bound) return bound;
    impl_->gateway.host = host;
    impl_->gateway.port = impl_->listen.port();
    if (socket.empty()) return {};
    return impl_->listen.bind_unix(socket);
}

std::uint16_t server::port() const {
    return impl_->listen.port();
}

void server::start() {
    impl_->gateway.ready = true;
    impl_->listen.start();
    const auto spawn = [&](std::string_view name, task<> work) {
        impl_->tasks.spawn(asio::make_strand(impl_->gateway.d.io), name, std::move(work));
    };
    spawn("tick", impl_->tick());
    spawn("presence", impl_->tell_presence());
    spawn("health", impl_->send_health());
    spawn("session changes", impl_->tell_changes());
}

void server::configure(config::settings settings, config_notes notes) {
    auto& gateway = impl_->gateway;
    const auto before = gateway.in_effect.get();
    const bool same = config::same_secret(before->settings.gateway.auth.token, settings.gateway.auth.token);
    const auto epoch = before->secret_epoch + (same ? 0 : 1);
    gateway.in_effect.replace(
        std::make_shared<const configuration>(std::move(settings), std::move(notes), epoch));
    gateway.health.tell();
    if (same) return;
    for (auto& s : impl_->service.sessions()) s->leave_with_secret();
}

void server::note(config_notes notes) {
    auto& gateway = impl_->gateway;
    const auto now = gateway.in_effect.get();
    gateway.in_effect.replace(std::make_shared<const configuration>(
        now->settings, std::move(notes), now->secret_epoch));
    gateway.health.tell();
}

void server::stop_accepting(sockets then, milliseconds grace) {
    // With its sockets kept, it serves whoever came before as if nothing happened.
    impl_->gateway.draining = then == sockets::close;
    impl_->listen.stop_accepting(then);
    impl_->listen.drain();
    json news{{"reason", then == sockets::keep ? "gateway restarting" : "gateway stopping"}};
    if (then == sockets::keep) {
        // What is in progress may take all of its grace. Idle connections are none of it.
        const bool at_work = impl_->gateway.d.router.stats().running > 0;
        news["restartExpectedMs"] = (restart_takes + (at_work ? grace : milliseconds(0))).count();
    }
    // Streams of events end with it.
    impl_->gateway.d.hub->say_goodbye(news);
}

task<> server::finish_requests(milliseconds limit) {
    auto keep = impl_;
    co_await keep->wait_for([&] { return keep->gateway.http_connections == 0; }, limit);
    keep->gateway.draining = true;
}

listening_sockets server::kept_sockets() const {
    return impl_->listen.kept();
}

task<> server::stop(milliseconds grace) {
    auto keep = impl_;
    // HTTP answers first: what a turn has just finished must still get out.
    co_await finish_requests(grace);
    for (auto& s : keep->service.sessions()) s->shut_down();
    co_await keep->wait_for([&] { return keep->service.sessions().empty(); }, goodbye_limit);
    keep->tasks.stop();
    co_await keep->tasks.join();
    co_await keep->listen.stop();
}

}  // namespace openclaw::ingress
