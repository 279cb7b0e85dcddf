#include "app/gateway.hpp"

#include "app/startup.hpp"
#include "app/supervision.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/version.hpp"

namespace openclaw::app {

namespace {

constexpr milliseconds last_answers{1'000};   // of turns that were cut off, to get out

json account_json(const channels::channel_status& s) {
    json row{{"accountId", s.account},
             {"enabled", true},
             {"configured", true},
             {"running", s.state != channels::link_state::stopped},
             {"connected", s.state == channels::link_state::connected},
             {"state", channels::name_of(s.state)},
             {"lastError", s.last_error.empty() ? json(nullptr) : json(s.last_error)}};
    if (s.last_inbound_ms != 0) row["lastInboundAt"] = s.last_inbound_ms;
    if (s.last_outbound_ms != 0) row["lastOutboundAt"] = s.last_outbound_ms;
    return row;
}

// The `channels.status` result of protocol.md §8.
json channels_json(const std::vector<channels::channel_status>& all) {
    json out{{"channelOrder", json::array()},
             {"channelLabels", json::object()},
             {"channels", json::object()},
             {"channelAccounts", json::object()},
             {"channelDefaultAccountId", json::object()}};
    for (const auto& s : all) {
        if (!out["channels"].contains(s.channel)) {
            out["channelOrder"].push_back(s.channel);
            out["channelLabels"][s.channel] = s.channel;
            out["channels"][s.channel] = account_json(s);
            out["channelAccounts"][s.channel] = json::array();
            out["channelDefaultAccountId"][s.channel] = s.account;
        }
        out["channelAccounts"][s.channel].push_back(account_json(s));
    }
    return out;
}

// What the block of this channel says.
channels::when_unknown when_unknown_of(const json& blocks, const std::string& channel) {
    const auto* block = find(blocks, channel);
    const bool record = block != nullptr && string_or(*block, "unknownOutcome") == "record";
    return record ? channels::when_unknown::record : channels::when_unknown::retry;
}

std::vector<std::string> texts_of(const std::vector<config::issue>& issues,
                                  const std::string& file) {
    std::vector<std::string> out;
    for (const auto& i : issues) {
        if (i.severity == config::severity::error) out.push_back(config::to_string(i, file));
    }
    return out;
}

}  // namespace

gateway::gateway(asio::io_context& io, options o) : io_(io), options_(std::move(o)) {}

gateway::~gateway() = default;

result<std::unique_ptr<gateway>> gateway::open(asio::io_context& io, options o) {
    std::unique_ptr<gateway> g(new gateway(io, std::move(o)));
    if (auto built = g->build(); !built) return built.error();
    return g;
}

result<void> gateway::build() {
    const auto& settings = options_.config.outcome.settings;
    store::store_options store_options;
    store_options.state_dir = options_.where.state_dir;
    store_options.on_fatal = options_.on_fatal;
    store_options.on_disk_full = [&board = health_](bool full) {
        board.set("store", full ? metrics::health::degraded : metrics::health::healthy,
                  full ? "the disk is full" : "");
    };
    auto opened = store::open_sqlite(store_options, time_, metrics_);
    if (!opened) return opened.error();
    store_ = std::move(*opened);

    net::client_options client_options;
    client_options.user_agent = "openclaw/" + std::string(version());
    client_ = net::make_http_client(io_, client_options);
    tools_.add(tools::make_time_tool(time_));
    agents_ = agents::directory::build(settings, *client_, options_.environment,
                                       options_.probe_port);
    runner_ = std::make_unique<agents::turn_runner>(tools_, time_, random_, metrics_);
    hub_ = ingress::make_event_hub(time_, metrics_);

    auto wake = [this](const std::string& channel, const std::string& account) {
        channels_->wake(channel, account);
    };
    router_ = std::make_unique<routing::router>(
        routing::router::dependencies{io_, *store_, *runner_, time_, random_, metrics_,
                                      ingress::as_observer(hub_), std::move(wake)},
        settings.gateway.sessions, settings.bindings, agents_);

    auto submit = [this](inbound_message m) { return router_->submit(std::move(m), nullptr); };
    channels_ = std::make_unique<channels::manager>(channels::manager::dependencies{
        io_, std::move(submit), *store_, time_, random_, metrics_, health_});
    auto loopback = channels::make_test_channel(time_);
    const auto unknown = when_unknown_of(settings.channels, loopback->name());
    channels_->add(std::move(loopback), unknown);

    build_scheduler();

    build_server();
    build_reloader();
    return server_->bind(settings.gateway.network.host, settings.gateway.network.port,
                         options_.where.socket(), options_.sockets);
}

void gateway::build_server() {
    const auto& settings = options_.config.outcome.settings;
    ingress::server::dependencies s{io_, *router_, *scheduler_, *store_, *client_, tools_, time_, random_,
                                    metrics_, health_, hub_, make_operations(), {}};
    s.identity.version = version();
    s.identity.config_path = options_.where.config_file.string();
    s.identity.state_dir = options_.where.state_dir.string();
    s.identity.environment = options_.environment;
    s.identity.log_file = log_options(settings, options_.where, false).file.string();
    health_.set("gateway",
                options_.config.degraded ? metrics::health::degraded : metrics::health::healthy,
                options_.config.degraded ? "the configuration file does not pass; the last good "
                                           "one is in effect"
                                         : "");
    server_ = std::make_unique<ingress::server>(std::move(s), settings, first_notes());
}

ingress::config_notes gateway::first_notes() const {
    const auto& start = options_.config;
    ingress::config_notes notes;
    notes.not_in_effect = config::not_in_effect(start.outcome.settings, start.outcome.raw);
    notes.issues = texts_of(start.rejected, options_.where.config_file.string());
    for (auto& problem :
         routing::scheduler::problems_of(start.outcome.settings.cron.value("jobs", json::array()))) {
        notes.issues.push_back(std::move(problem));
    }
    return notes;
}

void gateway::build_scheduler() {
    routing::scheduler::dependencies d{io_, *store_, time_, random_, {}, {}, {}, {}};
    d.submit = [this](inbound_message m) { return router_->submit_own(std::move(m)); };
    d.wait = [this](std::string run, milliseconds limit) { return router_->wait(std::move(run), limit); };
    d.find_account = [this](const std::string& channel, const std::string& account) {
        return channels_->find_account(channel, account);
    };
    d.tell = ingress::as_cron_listener(hub_);
    const auto& settings = options_.config.outcome.settings;
    scheduler_ = std::make_unique<routing::scheduler>(std::move(d),
                                                      settings.cron.value("jobs", json::array()));
}

ingress::operations gateway::make_operations() {
    ingress::operations o;
    o.channels_status = [this] { return channels_json(channels_->status()); };
    o.count_channels = [this] {
        ingress::operations::channel_counts n;
        for (const auto& s : channels_->status()) {
            ++n.total;
            if (s.state == channels::link_state::connected) ++n.connected;
        }
        return n;
    };
    o.run_channel = [this](std::string channel, std::string account,
                           bool on) -> task<result<json>> {
        auto now = co_await channels_->set_running(std::move(channel), std::move(account), on);
        if (!now) co_return now.error();
        co_return account_json(*now);
    };
    o.reload = [this](std::string who) { return reloader_->reload(std::move(who)); };
    o.send = [this](std::string channel, std::string account, std::string to, std::string text,
                    std::string key, principal who) -> task<result<json>> {
        auto sent = co_await channels_->send(std::move(channel), std::move(account), std::move(to),
                                             std::move(text), std::move(key), std::move(who));
        if (!sent) co_return sent.error();
        json out{{"channel", sent->channel}, {"messageId", sent->message_id}};
        if (!sent->run_id.empty()) out["runId"] = sent->run_id;
        co_return out;
    };
    return o;
}

void gateway::start() {
    router_->start();
    channels_->start();
    scheduler_->start();
    server_->start();
    reloader_->start(options_.trial_until_ms);
}

task<> gateway::stop(milliseconds grace, ingress::server::sockets then) {
    const auto until = time_.steady() + grace;
    const auto left = [&] {
        const auto rest = std::chrono::duration_cast<milliseconds>(until - time_.steady());
        return std::max(rest, milliseconds(0));
    };
    co_await reloader_->stop();
    tell_stage("no new connections");
    server_->stop_accepting(then, left());
    tell_stage("jobs");
    co_await scheduler_->stop();
    tell_stage("channels");
    co_await channels_->stop();
    tell_stage("requests in progress");
    co_await server_->finish_requests(std::min(left(), grace / 2));
    tell_stage("turns in progress");
    co_await router_->stop(left());
    tell_stage("clients");
    co_await server_->stop(std::max(left(), last_answers));
    client_->close();
    tell_stage("store");
    store_->close();
}

}  // namespace openclaw::app
