#include "openclaw/channels/test_channel.hpp"

#include <algorithm>

namespace openclaw::channels {

task<result<void>> test_channel::start(inbound_port& port) {
    {
        std::lock_guard lock(mutex_);
        started_ = true;
    }
    port.link_changed();
    co_return result<void>();
}

task<> test_channel::stop() {
    std::lock_guard lock(mutex_);
    started_ = false;
    co_return;
}

channel_status test_channel::status() const {
    std::lock_guard lock(mutex_);
    channel_status s;
    s.channel = name_;
    s.account = account_;
    s.state = started_ ? link_state::connected : link_state::stopped;
    return s;
}

task<send_outcome> test_channel::send(const store::delivery& d) {
    std::lock_guard lock(mutex_);
    const bool seen = std::any_of(received_.begin(), received_.end(), [&](const arrival& a) {
        return a.reply.reply_id == d.reply_id;
    });
    if (!seen) received_.push_back({d, time_.unix_ms()});
    if (received_.size() > kept) received_.pop_front();
    co_return send_outcome{send_outcome::kind::sent, d.reply_id, {}};
}

std::vector<test_channel::arrival> test_channel::received() const {
    std::lock_guard lock(mutex_);
    return {received_.begin(), received_.end()};
}

std::unique_ptr<channel> make_test_channel(const time_source& time) {
    return std::make_unique<test_channel>(time);
}

}  // namespace openclaw::channels
