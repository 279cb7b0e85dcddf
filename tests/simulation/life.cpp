#include "simulation/life.hpp"

#include "simulation/virtual_clock.hpp"
#include "store/fault_vfs.hpp"
#include "store/sqlite_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openclaw::simulation {

// Hears of every turn.
class life::observer final : public reply_sink {
public:
    explicit observer(life& of, bool watches) : life_(of), watches_(watches) {}
    void on_event(const turn_event_ptr& event) override {
        if (life_.dead_ || event->what == turn_event::kind::delta) return;
        life_.around_.books.on_event(*event, life_.stopping_);
    }
    bool wants_deltas() const override { return watches_; }

private:
    life& life_;
    const bool watches_;
};

life::life(const environment& e)
    : around_(e.around), random_(static_cast<std::uint64_t>(e.around.luck.between(1, 1 << 30))) {}

life::~life() {
    virtual_clock::forget_timers();
}

result<std::unique_ptr<life>> life::begin(const environment& e) {
    std::unique_ptr<life> l(new life(e));
    if (auto built = l->build(e); !built) return built.error();
    return l;
}

result<void> life::build(const environment& e) {
    store::store_options options;
    options.state_dir = e.state;
    options.on_fatal = [this](const error& why) { fatal_ = why; };
    store::sqlite_tuning tuning;
    tuning.vfs = test::fault_vfs::name;
    tuning.later = [this](std::function<void()> step) {
        // A disk is mostly quick, and sometimes not.
        const auto wait = around_.luck.chance(5) ? around_.luck.pause(2'000) : around_.luck.pause(4);
        auto timer = std::make_shared<asio::steady_timer>(io_, wait);
        timer->async_wait([timer, step = std::move(step)](const boost::system::error_code& failure) {
            if (!failure) step();
        });
    };
    auto opened = store::open_sqlite(options, time_, metrics_, tuning);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    model_ = make_model(around_, dead_);
    tools_.add(make_tool(around_, dead_, true));
    tools_.add(make_tool(around_, dead_, false));
    runner_ = std::make_unique<agents::turn_runner>(tools_, time_, random_, metrics_);
    auto hears = std::make_shared<observer>(*this, around_.luck.chance(50));
    auto wake = [this](const std::string& channel, const std::string& account) {
        channels_->wake(channel, account);
    };
    config::session_settings sessions;
    sessions.max_concurrent = e.max_running;
    sessions.queue.debounce = e.debounce;
    sessions.queue.mode = e.mode;
    router_ = std::make_unique<routing::router>(
        routing::router::dependencies{io_, *store_, *runner_, time_, random_, metrics_,
                                      std::move(hears), std::move(wake)},
        sessions, std::vector<config::binding_settings>(), build_agents(e));
    auto submit = [this](inbound_message m) { return router_->submit(std::move(m), nullptr); };
    channels_ = std::make_unique<channels::manager>(channels::manager::dependencies{
        io_, std::move(submit), *store_, time_, random_, metrics_, health_});
    const auto in_doubt = around_.resends ? channels::when_unknown::retry : channels::when_unknown::record;
    channels_->add(make_channel(around_, dead_, port_), in_doubt);
    router_->start();
    channels_->start();
    return {};
}

std::shared_ptr<const agents::directory> life::build_agents(const environment& e) {
    config::settings s;
    auto& house = s.providers["house"];
    house.base_url = "http://model.test/v1";
    house.api_keys.emplace_back("k");
    s.agents.defaults.model.primary = "house/m";
    s.agents.defaults.limits.turn_timeout = e.turn_timeout;
    return agents::directory::build(
        s, *model_, [](const std::string&) { return std::nullopt; }, [](std::uint16_t) { return false; });
}

void life::send(const sent_message& m, answer told) {
    inbound_message out;
    out.text = m.text;
    out.session = m.session;
    out.origin.channel = "sim";
    out.origin.peer = m.peer;
    out.commands = m.text.starts_with("/");
    out.idempotency_key = m.key;
    out.queue = m.queue;
    if (m.by != entrance::channel) out.origin.channel = "ws";
    if (m.by == entrance::client) out.run_id = m.key;
    if (m.by == entrance::waiting) {
        out.durability = durability::with_answer;
        out.run_id = m.run_id;
        out.idempotency_key.clear();
    }
    clients_.spawn(io_.get_executor(), "client", deliver(std::move(out), m.by, std::move(told)));
}

task<result<routing::admission>> life::submit(inbound_message m, entrance by) {
    if (by != entrance::channel) co_return co_await router_->submit(std::move(m), nullptr);
    if (port_ == nullptr) co_return error(errc::unavailable, "the channel is not connected");
    auto run = co_await port_->receive(std::move(m));
    if (!run) co_return run.error();
    routing::admission a;
    a.run_id = *run;
    a.status = routing::admission::progress::in_flight;   // a channel is not told whether it begins
    co_return a;
}

task<> life::deliver(inbound_message m, entrance by, answer told) {
    const auto outcome = co_await submit(std::move(m), by);
    if (!dead_) told(outcome);
}

task<> life::stop(std::string session, std::string run_id, std::function<void()> told) {
    const auto runs = co_await router_->call_back(std::move(session), std::move(run_id), "rpc");
    if (!runs || dead_) co_return;
    around_.books.on_called_back(*runs);
    if (!runs->empty()) told();
}

void life::call_back(const std::string& session, const std::string& run_id, std::function<void()> told) {
    clients_.spawn(io_.get_executor(), "client", stop(session, run_id, std::move(told)));
}

std::vector<std::string> life::running(const std::set<std::string>& sessions) const {
    std::vector<std::string> all;
    for (const auto& s : sessions) {
        if (auto runs = router_->runs_of(s); runs.running) all.push_back(runs.ids.front());
    }
    return all;
}

bool life::is_idle() const {
    const auto s = router_->stats();
    return s.running == 0 && s.waiting == 0 && clients_.size() == 0;
}

void life::stop(milliseconds grace) {
    if (std::exchange(stopping_, true)) return;
    auto work = shut_down(grace);
    asio::co_spawn(io_, std::move(work), [this](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
        ended_ = true;
    });
}

task<> life::shut_down(milliseconds grace) {
    co_await channels_->stop();
    co_await router_->stop(grace);
    clients_.stop();
    co_await clients_.join();
    store_->close();
}

void life::kill() {
    dead_ = true;
    stop(milliseconds(0));
}

}  // namespace openclaw::simulation
