#pragma once

#include "support/temp_dir.hpp"
#include "support/wire_client.hpp"

#include "openclaw/agents/directory.hpp"
#include "openclaw/agents/turn_runner.hpp"
#include "openclaw/ingress/server.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/routing/scheduler.hpp"
#include "openclaw/store/store.hpp"
#include "openclaw/tools/tool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace openclaw::test {

inline constexpr const char* gateway_token = "an-operator-token-of-a-test-0123456789";

// Settings of a gateway on a free port of 127.0.0.1 with one token and local/echo.
inline config::settings gateway_settings() {
    config::settings s;
    s.gateway.network.port = 0;
    s.gateway.auth.token = secret(gateway_token);
    return s;
}

// A whole gateway without channels: real router, SQLite in a folder of its own, two threads.
// Built and started by the constructor; stop() is what a SIGTERM does.
class gateway_fixture {
public:
    explicit gateway_fixture(config::settings s = gateway_settings()) : settings_(std::move(s)) {
        build();
        for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_.run(); });
        router_->start();
        scheduler_->start();
        server_->start();
    }
    ~gateway_fixture() {
        stop();
        work_.reset();
        for (auto& t : threads_) t.join();
    }
    gateway_fixture(const gateway_fixture&) = delete;
    gateway_fixture& operator=(const gateway_fixture&) = delete;

    std::uint16_t port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    std::filesystem::path socket() const { return folder_.path() / "gateway.sock"; }
    // Made by the test that wants one.
    std::filesystem::path config_file() const { return folder_.path() / "openclaw.json"; }
    metrics::health_board& health() { return health_; }
    routing::router& router() { return *router_; }
    ingress::server& server() { return *server_; }

    void stop() {
        if (std::exchange(stopped_, true)) return;
        stop_accepting();
        wait(scheduler_->stop());
        wait(router_->stop(milliseconds(5'000)));
        wait(server_->stop(milliseconds(5'000)));
        client_->close();
        store_->close();
    }
    void stop_accepting() {
        server_->stop_accepting(ingress::server::sockets::close, milliseconds(5'000));
    }

    // What the server is built of and where it runs, for a test that calls a handler itself.
    ingress::server::dependencies dependencies() {
        ingress::server::dependencies d{io_,   *router_, *scheduler_, *store_, *client_,     tools_,
                                        time_, random_,  metrics_,    health_, hub_, operations(), {}};
        d.identity.version = "1.2.3";
        d.identity.config_path = config_file().string();
        d.identity.state_dir = folder_.path().string();
        d.identity.log_file = settings_.gateway.logging.file.path;
        return d;
    }
    asio::io_context& io() { return io_; }

    // A request with Host, and the gateway's token unless another one (or none: "") is given.
    std::string request(const std::string& method, const std::string& target,
                        const std::string& body = {}, const std::string& fields = {},
                        std::optional<std::string> token = std::nullopt) const {
        std::string out = method + " " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + fields;
        const auto sent = token.value_or(gateway_token);
        if (!sent.empty()) out += "Authorization: Bearer " + sent + "\r\n";
        if (!body.empty()) {
            out += "Content-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n";
        }
        return out + "\r\n" + body;
    }
    // One request on a connection of its own.
    wire_response ask(const std::string& method, const std::string& target,
                      const std::string& body = {}, const std::string& fields = {},
                      std::optional<std::string> token = std::nullopt) const {
        wire_client client(port_);
        return client.ask(request(method, target, body, fields, std::move(token)),
                          method == "HEAD");
    }

private:
    void build() {
        store::store_options options;
        options.state_dir = folder_.path();
        auto opened = store::open_sqlite(options, time_, metrics_);
        if (!opened) throw std::runtime_error(opened.error().to_string());
        store_ = std::move(*opened);
        net::client_options client_options;
        client_options.use_proxy_environment = false;
        client_ = net::make_http_client(io_, client_options);
        tools_.add(tools::make_time_tool(time_));
        agents_ = agents::directory::build(
            settings_, *client_, [](const std::string&) { return std::optional<std::string>(); },
            [](std::uint16_t) { return false; });
        runner_ = std::make_unique<agents::turn_runner>(tools_, time_, random_, metrics_);
        hub_ = ingress::make_event_hub(time_, metrics_);
        router_ = std::make_unique<routing::router>(
            routing::router::dependencies{io_, *store_, *runner_, time_, random_, metrics_,
                                          ingress::as_observer(hub_), {}},
            settings_.gateway.sessions, settings_.bindings, agents_);
        build_scheduler();
        health_.set("gateway", metrics::health::healthy);
        server_ = std::make_unique<ingress::server>(dependencies(), settings_);
        auto bound = server_->bind(settings_.gateway.network.host, 0, socket());
        if (!bound) throw std::runtime_error(bound.error().to_string());
        port_ = server_->port();
    }
    void build_scheduler() {
        routing::scheduler::dependencies d{io_, *store_, time_, random_, {}, {}, {}, {}};
        d.submit = [this](inbound_message m) { return router_->submit_own(std::move(m)); };
        d.wait = [this](std::string run, milliseconds limit) {
            return router_->wait(std::move(run), limit);
        };
        d.find_account = [](const std::string& channel, const std::string&) -> result<std::string> {
            if (channel != "test") return error(errc::not_found, "no channel " + channel);
            return std::string("default");
        };
        d.tell = ingress::as_cron_listener(hub_);
        scheduler_ = std::make_unique<routing::scheduler>(
            std::move(d), settings_.cron.value("jobs", json::array()));
    }
    static ingress::operations operations() {
        ingress::operations o;
        o.channels_status = [] {
            return json{{"channelOrder", json::array()}, {"channels", json::object()}};
        };
        o.count_channels = [] { return ingress::operations::channel_counts{3, 5}; };
        o.run_channel = [](std::string channel, std::string account,
                           bool on) -> task<result<json>> {
            if (channel != "test") co_return error(errc::not_found, "no channel " + channel);
            co_return json{{"accountId", account.empty() ? "default" : account}, {"running", on}};
        };
        o.send = [](std::string channel, std::string, std::string to, std::string text,
                    std::string key, principal) -> task<result<json>> {
            if (channel != "test") co_return error(errc::not_found, "no channel " + channel);
            co_return json{{"channel", channel}, {"messageId", key}, {"to", to}, {"text", text}};
        };
        return o;
    }
    void wait(task<> work) {
        asio::co_spawn(io_, std::move(work), asio::use_future).get();
    }

    config::settings settings_;
    temp_dir folder_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    system_time time_;
    system_random random_;
    metrics::registry metrics_;
    metrics::health_board health_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<net::http_client> client_;
    tools::registry tools_;
    std::shared_ptr<const agents::directory> agents_;
    std::unique_ptr<agents::turn_runner> runner_;
    std::shared_ptr<ingress::event_hub> hub_;
    std::unique_ptr<routing::router> router_;
    std::unique_ptr<routing::scheduler> scheduler_;
    std::unique_ptr<ingress::server> server_;
    std::uint16_t port_ = 0;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace openclaw::test
