#pragma once

#include "openclaw/routing/scheduler.hpp"
#include "routing/router_fixture.hpp"

namespace openclaw::routing {

// A store that stands still at a write, before or after it is done, as a process that is killed there.
class mortal_store final : public test::memory_store {
public:
    enum class when { before, after };

    // At the n-th write from now on.
    void die_at(int n, when w) {
        writes_ = n;
        when_ = w;
    }
    bool dead() const { return dead_; }
    // What stands still ends, and nothing is written: for taking down what was killed.
    void bury() {
        buried_ = true;
        for (auto& grave : graves_) grave->open();
    }
    void revive() {
        dead_ = buried_ = false;
        writes_ = 0;
        graves_.clear();
    }
    // Changes of records are told of when it opens.
    std::shared_ptr<gate> slow;
    bool unreadable = false;
    // The next changes of records end with these.
    void fail_records(error e) { failures_.push_back(std::move(e)); }

    task<result<openclaw::store::accept_result>> accept(openclaw::store::accept_request r) override {
        co_await reach(when::before);
        auto done = co_await memory_store::accept(std::move(r));
        co_await reach(when::after);
        co_return done;
    }
    task<result<openclaw::store::commit_result>> commit(openclaw::store::turn_commit c) override {
        co_await reach(when::before);
        auto done = co_await memory_store::commit(std::move(c));
        co_await reach(when::after);
        co_return done;
    }
    task<result<std::vector<openclaw::store::record>>> records(std::string kind) override {
        if (unreadable) co_return error(errc::storage, "no answer");
        co_return co_await memory_store::records(std::move(kind));
    }
    task<result<void>> change_records(std::vector<openclaw::store::record> put,
                                      std::vector<openclaw::store::record> drop) override {
        if (!failures_.empty()) {
            auto first = failures_.front();
            failures_.erase(failures_.begin());
            co_return first;
        }
        co_await reach(when::before);
        auto done = co_await memory_store::change_records(std::move(put), std::move(drop));
        if (slow) co_await slow->wait();
        co_await reach(when::after);
        co_return done;
    }

private:
    task<> reach(when w) {
        if (w == when_ && writes_ > 0 && --writes_ == 0) dead_ = true;
        if (!dead_ && !buried_) co_return;
        const auto grave = std::make_shared<gate>();
        graves_.push_back(grave);
        if (!buried_) co_await grave->wait();
        throw boost::system::system_error(asio::error::operation_aborted);
    }

    int writes_ = 0;
    when when_ = when::before;
    bool dead_ = false, buried_ = false;
    std::vector<std::shared_ptr<gate>> graves_;
    std::vector<error> failures_;
};

inline constexpr std::int64_t minute = 60'000, hour = 60 * minute;

// A scheduler with a real router, and a clock that moves when told.
class scheduler_test : public router_test {
protected:
    void SetUp() override {
        auto made = std::make_unique<mortal_store>();
        disk = made.get();
        store = std::move(made);
        begin();
    }
    void TearDown() override {
        end();
        router_test::TearDown();
    }

    void begin() {
        if (!r) router_test::start();
        scheduler::dependencies d{io, *store, clock, random, {}, {}, {}, {}};
        d.submit = [this](inbound_message m) -> task<result<admission>> {
            if (submit_failure) co_return *submit_failure;
            submitted.push_back(m);
            co_return co_await r->submit_own(std::move(m));
        };
        d.wait = [this](std::string run, milliseconds limit) -> task<run_report> {
            auto report = co_await r->wait(std::move(run), limit);
            if (overloaded) {
                report.row.state = overloaded_as;
                report.row.outcome = R"({"error":{"code":"overloaded","message":"busy"}})";
            }
            if (unread) {
                report = {};
                report.unread = unread;
            }
            co_return report;
        };
        d.find_account = [](const std::string& channel, const std::string& account) -> result<std::string> {
            if (channel != "test") return error(errc::not_found, "there is no channel \"" + channel + "\"");
            return account.empty() ? "first" : account;
        };
        d.tell = [this](const json& e) { told.push_back(e); };
        s = std::make_unique<scheduler>(std::move(d), configured);
        s->start();
        settle();
    }
    void end() {
        if (s) test::run(io, s->stop());
        s.reset();
    }
    // The next process on the same store.
    void restart() {
        disk->bury();
        end();
        stop();
        r.reset();
        disk->revive();
        ++store->own_epoch;
        tools = tools::registry();
        told.clear();
        begin();
    }

    static json agent_job(json schedule, const std::string& text = "go") {
        return {{"name", "a job"}, {"schedule", std::move(schedule)}, {"sessionTarget", "isolated"},
                {"wakeMode", "now"}, {"payload", {{"kind", "agentTurn"}, {"message", text}}}};
    }
    json hourly(const std::string& text = "go") {
        return agent_job({{"kind", "every"}, {"everyMs", hour}, {"anchorMs", start_ms}}, text);
    }
    json once(std::int64_t in_ms, const std::string& text = "go") {
        const auto at = wall_time(milliseconds(start_ms + in_ms));
        return agent_job({{"kind", "at"}, {"at", to_rfc3339(at)}}, text);
    }
    std::string add(json job) {
        const auto row = test::run(io, s->add(std::move(job)));
        settle();
        return row ? (*row)["id"].get<std::string>() : "not added: " + row.error().to_string();
    }
    json get(const std::string& id) {
        auto row = test::run(io, s->get(id));
        return row ? *row : json(nullptr);
    }
    std::vector<json> runs() { return test::run(io, s->runs()).value().rows; }
    std::vector<json> jobs() { return test::run(io, s->list()).value().rows; }
    // Puts the clock and has the scheduler look at it.
    void at(std::int64_t after_start_ms) {
        clock.advance(milliseconds(start_ms + after_start_ms - clock.unix_ms()));
        s->look();
        settle();
    }
    void settle() {
        io.restart();
        io.poll();
    }
    void until_ended(std::size_t runs_in_all) {
        until([&] { return runs().size() == runs_in_all; });
    }
    std::vector<std::string> actions() const {
        std::vector<std::string> all;
        for (const auto& e : told) all.push_back(e["action"].get<std::string>());
        return all;
    }
    std::string session_of(const std::string& id, std::int64_t after_start_ms) const {
        return "agent:main:cron:" + id + ":" + std::to_string(start_ms + after_start_ms);
    }

    manual_time clock;
    std::int64_t start_ms = clock.unix_ms();
    mortal_store* disk = nullptr;
    json configured = json::array();
    std::optional<error> submit_failure;
    bool overloaded = false;   // what runs is told to have failed for that
    openclaw::store::run_state overloaded_as = openclaw::store::run_state::failed;
    std::optional<error> unread;   // what is told instead of how runs went
    std::vector<inbound_message> submitted;
    std::vector<json> told;
    std::unique_ptr<scheduler> s;
};

}  // namespace openclaw::routing
