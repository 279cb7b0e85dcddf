#pragma once

#include "openclaw/routing/router.hpp"
#include "openclaw/tools/tool.hpp"
#include "routing/stub_model.hpp"
#include "support/memory_store.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace openclaw::routing {

// Keeps the events of turns. Any thread.
class recording_sink final : public reply_sink {
public:
    void on_event(const turn_event_ptr& event) override {
        std::lock_guard lock(mutex_);
        events_.push_back(event);
    }
    std::vector<turn_event_ptr> all() const {
        std::lock_guard lock(mutex_);
        return events_;
    }
    std::size_t count(turn_event::kind what) const {
        const auto events = all();
        return static_cast<std::size_t>(std::count_if(
            events.begin(), events.end(), [what](const auto& e) { return e->what == what; }));
    }
    // The only event of this kind; fails the test when there is another number of them.
    turn_event only(turn_event::kind what) const {
        EXPECT_EQ(count(what), 1u);
        for (const auto& e : all()) {
            if (e->what == what) return *e;
        }
        return {};
    }

private:
    mutable std::mutex mutex_;
    std::vector<turn_event_ptr> events_;
};

// A router with a store in memory and a model that answers by script.
class router_test : public testing::Test {
protected:
    using kind = turn_event::kind;
    static constexpr const char* session = "agent:main:s";

    void TearDown() override { stop(); }

    void start() {
        tools.add(tools::make_time_tool(time));
        runner = std::make_unique<agents::turn_runner>(tools, time, random, metrics);
        router::dependencies d{io, *store, *runner, time, random, metrics, observer, {}};
        d.on_deliveries = [this](const std::string& channel, const std::string&) {
            std::lock_guard lock(woken_mutex);
            woken.push_back(channel);
        };
        r = std::make_unique<router>(std::move(d), sessions, std::vector<config::binding_settings>(),
                                     build_agents());
        r->start();
    }
    void stop(milliseconds grace = milliseconds(0)) {
        if (r) test::run(io, r->stop(grace));
        r.reset();
    }
    std::shared_ptr<const agents::directory> build_agents() {
        config::settings s;
        auto& house = s.providers["house"];
        house.base_url = "http://model.test/v1";
        house.api_keys.emplace_back("k");
        s.agents.defaults.model.primary = "house/m";
        s.agents.defaults.limits.turn_timeout = turn_timeout;
        s.agents.defaults.limits.max_steps = max_steps;
        return agents::directory::build(
            s, model, [](const std::string&) { return std::nullopt; },
            [](std::uint16_t) { return false; });
    }

    inbound_message message(std::string text, std::string to = session, std::string key = {}) {
        inbound_message m;
        m.origin.channel = "test";
        m.origin.peer = "p";
        m.text = std::move(text);
        m.session = std::move(to);
        m.idempotency_key = key;
        m.run_id = std::move(key);
        return m;
    }
    result<admission> submit(inbound_message m) {
        return test::run(io, r->submit(std::move(m), sink));
    }
    // Submits and returns the run's id.
    std::string send(std::string text, std::string to = session) {
        return submit(message(std::move(text), std::move(to))).value().run_id;
    }
    void wait_for(const std::string& run_id) {
        const auto report = test::run(io, r->wait(run_id, milliseconds(20'000)));
        ASSERT_TRUE(report.ended) << run_id;
    }
    // Runs the context until `reached`; fails when that takes unreasonably long.
    template <class F>
    void until(F reached) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        io.restart();
        while (!reached()) {
            ASSERT_LT(std::chrono::steady_clock::now(), limit) << "never reached";
            io.run_one_for(std::chrono::milliseconds(100));
        }
    }
    void until_asked(std::size_t times) {
        until([&] { return model.asked().size() == times; });
    }
    // Until the held turn has said its first words.
    void until_spoken(const std::string& run_session = session) {
        until([&] {
            const auto live = r->running_in(run_session);
            return live && !live->text.empty();
        });
    }

    asio::io_context io;
    system_time time;
    seeded_random random{7};
    metrics::registry metrics;
    tools::registry tools;
    test_stubs::stub_model model;
    std::unique_ptr<test::memory_store> store = std::make_unique<test::memory_store>();
    std::unique_ptr<agents::turn_runner> runner;
    std::shared_ptr<recording_sink> sink = std::make_shared<recording_sink>();
    std::shared_ptr<reply_sink> observer;
    config::session_settings sessions;
    milliseconds turn_timeout{600'000};
    std::uint32_t max_steps = 25;
    std::mutex woken_mutex;
    std::vector<std::string> woken;
    std::unique_ptr<router> r;
};

}  // namespace openclaw::routing
