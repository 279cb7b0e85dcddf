#include "openclaw/channels/manager.hpp"

#include "channels/account.hpp"
#include "openclaw/core/deadline.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/core/semaphore.hpp"

#include <boost/asio/co_spawn.hpp>

#include <set>

namespace openclaw::channels {

namespace {

constexpr std::chrono::seconds stop_grace{5};
// For one account that an operator stops: a reply on its way may take its whole time.
constexpr auto account_grace = outbox::send_deadline + std::chrono::seconds(2);

// Which connections are down and why; empty: all is well. One that has only begun to connect is
// no news.
std::string complaint(const std::vector<channel_status>& all) {
    std::string text;
    for (const auto& s : all) {
        const bool beginning = s.state != link_state::failed && s.last_error.empty();
        if (s.state == link_state::connected || beginning) continue;
        if (!text.empty()) text += "; ";
        text += s.channel + "/" + s.account + " is " + std::string(name_of(s.state));
        if (!s.last_error.empty()) text += ": " + s.last_error;
    }
    return text;
}

}  // namespace

class manager::impl : public std::enable_shared_from_this<impl> {
public:
    explicit impl(dependencies d) : d_(std::move(d)), strand_(asio::make_strand(d_.io)) {}

    void add(std::unique_ptr<channel> c, when_unknown unknown) {
        accounts_.push_back(std::make_unique<account>(std::move(c), unknown, d_, strand_, tasks_,
                                                      [this] { report_health(); }));
    }

    void start() {
        report_health();
        for (auto& a : accounts_) begin(*a);
    }

    task<> stop() {
        stopping_ = true;
        for (auto& a : accounts_) a->stop();
        {
            const auto ex = co_await asio::this_coro::executor;
            const deadline_guard hurry(ex, stop_grace, [self = shared_from_this()] {
                self->tasks_.stop();
            });
            co_await tasks_.join();
        }
        for (auto& a : accounts_) {
            auto work = a->disconnect();
            co_await asio::co_spawn(strand_, std::move(work), asio::use_awaitable);
        }
    }

    void wake(const std::string& channel, const std::string& name) {
        for (auto& a : accounts_) {
            if (a->channel_name() == channel && a->name() == name) a->wake();
        }
    }

    std::vector<channel_status> status() const {
        std::vector<channel_status> all;
        for (const auto& a : accounts_) all.push_back(a->status());
        return all;
    }

    result<std::string> account_name(const std::string& channel, const std::string& name) const {
        const auto* a = find_account(channel, name);
        if (a == nullptr) return unknown_channel(channel, name);
        return a->name();
    }

    task<result<channel_status>> set_running(std::string channel, std::string name, bool on) {
        auto* a = find_account(channel, name);
        if (a == nullptr) co_return unknown_channel(channel, name);
        const auto turn = co_await controls_.acquire();
        if (stopping_) co_return error(errc::unavailable, "the gateway is stopping");
        if (on && !a->is_running()) {
            auto rest = a->disconnect();   // of a start that failed
            co_await asio::co_spawn(strand_, std::move(rest), asio::use_awaitable);
            begin(*a);
        }
        if (!on && a->is_running()) {
            a->stop();
            const auto what = "stopping " + a->channel_name();
            auto end = a->ended();
            auto ended = co_await with_deadline(account_grace, what, std::move(end));
            if (!ended) co_return ended.error();
            auto work = a->disconnect();
            co_await asio::co_spawn(strand_, std::move(work), asio::use_awaitable);
        }
        log::info("channels", on ? "started by an operator" : "stopped by an operator",
                  {{"channel", a->channel_name()}, {"account", a->name()}});
        report_health();
        co_return a->status();
    }

    task<result<sent>> send(std::string channel, std::string name, std::string to,
                            std::string text, std::string key, principal who) {
        if (to.empty()) co_return error(errc::invalid_input, "no recipient: `to` is empty");
        if (text.empty()) co_return error(errc::invalid_input, "the message is empty");
        auto* a = find_account(channel, name);
        if (a == nullptr) co_return unknown_channel(channel, name);
        if (a->loops_back()) {
            co_return co_await send_around(*a, std::move(to), std::move(text), std::move(key),
                                           std::move(who));
        }
        co_return co_await send_out(*a, std::move(to), std::move(text), std::move(key));
    }

private:
    void begin(account& a) {
        a.reopen();
        tasks_.spawn(strand_, "channel " + a.channel_name(), a.run());
    }

    account* find_account(const std::string& channel, const std::string& name) const {
        for (auto& a : accounts_) {
            if (a->channel_name() == channel && (name.empty() || a->name() == name)) return a.get();
        }
        return nullptr;
    }

    error unknown_channel(const std::string& channel, const std::string& name) const {
        std::set<std::string> known;
        for (const auto& a : accounts_) known.insert(a->channel_name());
        std::string list;
        for (const auto& k : known) list += (list.empty() ? "" : ", ") + k;
        auto what = "there is no channel \"" + channel + "\"";
        if (known.contains(channel)) what += " with an account \"" + name + "\"";
        return error(errc::not_found, what,
                     list.empty() ? "No channel is configured." : "Channels: " + list + ".");
    }

    task<result<sent>> send_around(account& a, std::string to, std::string text, std::string key,
                                   principal who) {
        inbound_message m;
        m.origin.peer = to;
        m.origin.sender = std::move(to);
        m.who = std::move(who);
        m.text = std::move(text);
        m.idempotency_key = key;
        auto run = co_await a.receive(std::move(m));
        if (!run) co_return run.error();
        co_return sent{a.channel_name(), key.empty() ? make_uuid(d_.random) : key, *run};
    }

    task<result<sent>> send_out(account& a, std::string to, std::string text, std::string key) {
        store::delivery d;
        d.channel = a.channel_name();
        d.account = a.name();
        d.peer = std::move(to);
        d.reply_id = key.empty() ? make_uuid(d_.random) : std::move(key);
        d.text = std::move(text);
        auto work = a.send_now(std::move(d));
        const auto outcome = co_await asio::co_spawn(strand_, std::move(work), asio::use_awaitable);
        if (outcome.what == send_outcome::kind::sent) {
            co_return sent{a.channel_name(), outcome.detail, {}};
        }
        auto failure = error(outcome.what == send_outcome::kind::unknown ? errc::timed_out
                                                                         : errc::unavailable,
                             a.channel_name() + " did not take the message: " + outcome.detail,
                             "See `openclaw channels status`.");
        failure.retry_after = outcome.retry_after;
        co_return failure;
    }

    void report_health() {
        const auto reason = complaint(status());
        d_.health.set("channels",
                      reason.empty() ? metrics::health::healthy : metrics::health::degraded, reason);
    }

    dependencies d_;
    strand strand_;
    std::vector<std::unique_ptr<account>> accounts_;   // fixed after start()
    semaphore controls_{1};                            // operators start and stop one at a time
    std::atomic<bool> stopping_ = false;
    task_group tasks_;
};

manager::manager(dependencies d) : impl_(std::make_shared<impl>(std::move(d))) {}
manager::~manager() = default;

void manager::add(std::unique_ptr<channel> c, when_unknown unknown) {
    impl_->add(std::move(c), unknown);
}

void manager::start() {
    impl_->start();
}

task<> manager::stop() {
    // The group's deadline may fire late: it shares the ownership, and so does this coroutine.
    const auto keep = impl_;
    co_await keep->stop();
}

void manager::wake(const std::string& channel, const std::string& account) {
    impl_->wake(channel, account);
}

result<std::string> manager::find_account(const std::string& channel, const std::string& account) const {
    return impl_->account_name(channel, account);
}

std::vector<channel_status> manager::status() const {
    return impl_->status();
}

task<result<channel_status>> manager::set_running(std::string channel, std::string account,
                                                  bool on) {
    const auto keep = impl_;
    co_return co_await keep->set_running(std::move(channel), std::move(account), on);
}

task<result<manager::sent>> manager::send(std::string channel, std::string account, std::string to,
                                          std::string text, std::string idempotency_key,
                                          principal who) {
    const auto keep = impl_;
    co_return co_await keep->send(std::move(channel), std::move(account), std::move(to),
                                  std::move(text), std::move(idempotency_key), std::move(who));
}

}  // namespace openclaw::channels
