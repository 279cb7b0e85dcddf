#pragma once

#include "channels/outbox.hpp"
#include "openclaw/channels/manager.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace openclaw::channels {

// One channel account with its outbox and its figures. Owned by the manager; coroutines run on
// the manager's strand, the rest from any thread.
class account final : public inbound_port {
public:
    static constexpr std::chrono::seconds start_deadline{30};
    static constexpr std::chrono::seconds stop_deadline{5};

    // `on_change` is told when status() has changed. Any thread.
    account(std::unique_ptr<channel> link, when_unknown unknown, const manager::dependencies& d,
            const executor& strand, task_group& tasks, std::function<void()> on_change);

    const std::string& channel_name() const { return link_->name(); }
    const std::string& name() const { return link_->account(); }
    bool loops_back() const { return link_->loops_back(); }

    // Connects and works off the outbox until stop(). Begun by the manager, which calls reopen()
    // before.
    task<> run();
    void stop();
    // From reopen() until run() has ended.
    bool is_running() const { return running_; }
    void reopen();
    // Returns once run() has ended; one waiter.
    task<result<void>> ended();
    // After run() has ended: ends the connection. On the strand.
    task<> disconnect();
    void wake() { outbox_.wake(); }
    channel_status status() const;

    task<result<std::string>> receive(inbound_message message) override;
    void link_changed() override;
    // Sends past the outbox, for a caller who waits for the outcome. On the strand.
    task<send_outcome> send_now(store::delivery d);

private:
    task<> work();
    void refresh();
    void note_sent();

    std::unique_ptr<channel> link_;
    manager::submit_function submit_;
    const time_source& time_;
    executor strand_;
    std::function<void()> on_change_;
    metrics::counter inbound_, outbound_;
    mutable std::mutex mutex_;
    channel_status status_;   // under mutex_
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> running_ = false;
    bool linked_ = false;     // start() of the link was called, and stop() was not; on the strand
    gate ended_;
    outbox outbox_;
};

}  // namespace openclaw::channels
