#pragma once

#include "openclaw/channels/channel.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace openclaw::channels {

// The loopback channel "test". Replies end here; the last `kept` are held in memory, so that tests
// and the operator's first try can see them. Owned by the manager; received() from any thread.
class test_channel final : public channel {
public:
    static constexpr std::size_t kept = 100;

    explicit test_channel(const time_source& time) : time_(time) {}

    const std::string& name() const override { return name_; }
    const std::string& account() const override { return account_; }
    task<result<void>> start(inbound_port& port) override;
    task<> stop() override;
    channel_status status() const override;
    task<send_outcome> send(const store::delivery& d) override;
    bool knows_reply_ids() const override { return true; }
    bool loops_back() const override { return true; }

    struct arrival {
        store::delivery reply;
        std::int64_t at_ms = 0;
    };
    // Oldest first. A reply that comes twice (the same reply_id) counts once.
    std::vector<arrival> received() const;

private:
    const time_source& time_;
    const std::string name_ = "test";
    const std::string account_ = "default";
    mutable std::mutex mutex_;
    std::deque<arrival> received_;
    bool started_ = false;
};

}  // namespace openclaw::channels
