#include "channels/account.hpp"

#include "openclaw/core/deadline.hpp"
#include "openclaw/core/log.hpp"

namespace openclaw::channels {

namespace {

metrics::counter message_counter(metrics::registry& registry, const std::string& channel,
                                 const std::string& direction) {
    return registry.make_counter("openclaw_channel_messages_total",
                                 "Messages received and replies sent, by channel",
                                 {{"channel", channel}, {"direction", direction}});
}

task<result<void>> guarded_stop(channel& link) {
    co_await link.stop();
    co_return result<void>();
}

}  // namespace

account::account(std::unique_ptr<channel> link, when_unknown unknown, const manager::dependencies& d,
                 const executor& strand, task_group& tasks, std::function<void()> on_change)
    : link_(std::move(link)), submit_(d.submit), time_(d.time), strand_(strand),
      on_change_(std::move(on_change)),
      inbound_(message_counter(d.metrics, link_->name(), "inbound")),
      outbound_(message_counter(d.metrics, link_->name(), "outbound")), status_(link_->status()),
      outbox_({strand, tasks, *link_, d.store, d.time, d.random, d.metrics,
               [this] { note_sent(); }, unknown}) {}

void account::reopen() {
    stopping_ = false;
    outbox_.reopen();
    running_ = true;
}

task<> account::run() {
    co_await work();
    running_ = false;
    ended_.open();
}

task<result<void>> account::ended() {
    while (running_) co_await ended_.wait();
    co_return result<void>();
}

task<> account::work() {
    {
        std::lock_guard lock(mutex_);
        status_.state = link_state::connecting;
        status_.last_error.clear();
    }
    linked_ = true;
    const auto what = "starting " + link_->name();
    auto connecting = link_->start(*this);
    const auto started = co_await with_deadline(start_deadline, what, std::move(connecting));
    if (!started) {
        log::error("channels", "a channel did not start",
                   {{"channel", link_->name()}, {"account", link_->account()},
                    {"error", started.error().to_string()}});
        {
            std::lock_guard lock(mutex_);
            status_.state = link_state::failed;
            status_.last_error = started.error().message;
        }
        on_change_();
        co_return;
    }
    refresh();
    co_await outbox_.run();
}

void account::stop() {
    stopping_ = true;
    outbox_.stop();
}

task<> account::disconnect() {
    if (!std::exchange(linked_, false)) co_return;
    const auto what = "stopping " + link_->name();
    auto stopping = guarded_stop(*link_);
    const auto stopped = co_await with_deadline(stop_deadline, what, std::move(stopping));
    if (!stopped) log::warn("channels", stopped.error().message);
    std::lock_guard lock(mutex_);
    status_.state = link_state::stopped;
}

channel_status account::status() const {
    std::lock_guard lock(mutex_);
    return status_;
}

task<result<std::string>> account::receive(inbound_message message) {
    if (stopping_) {
        co_return error(errc::unavailable, "the channel " + link_->name() + " is stopped",
                        "Send the message again once it is back.");
    }
    message.origin.channel = link_->name();
    message.origin.account = link_->account();
    message.deliver = true;
    if (message.received_ms == 0) message.received_ms = time_.unix_ms();
    {
        std::lock_guard lock(mutex_);
        status_.last_inbound_ms = message.received_ms;
    }
    inbound_.add();
    auto admitted = co_await submit_(std::move(message));
    if (!admitted) co_return admitted.error();
    co_return std::move(admitted->run_id);
}

void account::link_changed() {
    asio::dispatch(strand_, [this] { refresh(); });
}

task<send_outcome> account::send_now(store::delivery d) {
    auto outcome = co_await outbox_.attempt(std::move(d));
    if (outcome.what == send_outcome::kind::sent) note_sent();
    co_return outcome;
}

// On the strand.
void account::refresh() {
    const auto now = link_->status();
    {
        std::lock_guard lock(mutex_);
        status_.state = now.state;
        status_.last_error = now.last_error;
    }
    on_change_();
}

void account::note_sent() {
    outbound_.add();
    std::lock_guard lock(mutex_);
    status_.last_outbound_ms = time_.unix_ms();
}

}  // namespace openclaw::channels
