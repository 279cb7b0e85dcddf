#pragma once

#include "openclaw/channels/channel.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace openclaw::channels::test {

// A channel that answers from a script per peer, and hangs or throws when told to.
class fake_channel final : public channel {
public:
    std::map<std::string, std::deque<send_outcome>> script;   // none left: sent
    std::vector<std::int64_t> attempts;                       // delivery ids, in order
    std::string hanging_peer, throwing_peer;
    std::string start_error;
    bool running = false, knows_ids = false;
    std::size_t on_the_way = 0, most_on_the_way = 0;

    const std::string& name() const override { return name_; }
    const std::string& account() const override { return account_; }
    task<result<void>> start(inbound_port& port) override {
        if (!start_error.empty()) co_return error(errc::auth_provider, start_error);
        running = true;
        port.link_changed();
        co_return result<void>();
    }
    task<> stop() override {
        running = false;
        co_return;
    }
    channel_status status() const override {
        channel_status s;
        s.channel = name_;
        s.account = account_;
        s.state = running ? link_state::connected : link_state::stopped;
        return s;
    }
    bool knows_reply_ids() const override { return knows_ids; }
    task<send_outcome> send(const store::delivery& d) override {
        attempts.push_back(d.id);
        if (d.peer == throwing_peer) throw std::runtime_error("a bug of the channel");
        most_on_the_way = std::max(most_on_the_way, ++on_the_way);
        if (d.peer == hanging_peer) {
            asio::steady_timer never(co_await asio::this_coro::executor,
                                     std::chrono::steady_clock::time_point::max());
            co_await never.async_wait(asio::use_awaitable);
        }
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        --on_the_way;
        auto& answers = script[d.peer];
        if (answers.empty()) co_return send_outcome{send_outcome::kind::sent, "ok", {}};
        auto outcome = answers.front();
        answers.pop_front();
        co_return outcome;
    }

private:
    const std::string name_ = "fake", account_ = "default";
};

}  // namespace openclaw::channels::test
