// Many senders on several threads.

#include "routing/router_fixture.hpp"

#include "openclaw/core/task_group.hpp"

#include <thread>

namespace openclaw::routing {
namespace {

class threads_test : public router_test {
protected:
    // Runs `work` to its end on four threads; the router is stopped in it.
    void run_on_threads(task<> work) {
        auto guard = asio::make_work_guard(io);
        std::exception_ptr failure;
        asio::co_spawn(asio::make_strand(io), std::move(work), [&](std::exception_ptr e) {
            failure = e;
            guard.reset();
        });
        io.restart();
        {
            std::vector<std::jthread> workers;
            for (int i = 0; i < 4; ++i) workers.emplace_back([this] { io.run(); });
        }
        if (failure) std::rethrow_exception(failure);
    }
    task<> submit_one(inbound_message m) {
        auto taken = co_await r->submit(std::move(m), sink);
        std::lock_guard lock(mutex);
        if (taken) admissions.push_back(std::move(*taken));
    }
    // Submits all at once and waits until each has been taken.
    task<> submit_all(std::vector<inbound_message> all) {
        task_group group;
        for (auto& m : all) {
            group.spawn(asio::make_strand(io), "submit", submit_one(std::move(m)));
        }
        co_await group.join();
    }
    task<> wait_for_all() {
        for (const auto& a : admissions) {
            const auto report = co_await r->wait(a.run_id, milliseconds(20'000));
            EXPECT_TRUE(report.ended);
        }
        co_await r->stop(milliseconds(0));
    }

    std::mutex mutex;
    std::vector<admission> admissions;
};

TEST_F(threads_test, one_key_from_many_senders_is_one_turn) {
    start();
    std::vector<inbound_message> all(64, message("hi", session, "k"));
    auto work = [&]() -> task<> {
        co_await submit_all(std::move(all));
        co_await wait_for_all();
    };
    run_on_threads(work());
    EXPECT_EQ(admissions.size(), 64u);
    EXPECT_EQ(std::count_if(admissions.begin(), admissions.end(),
                            [](const auto& a) { return a.status == admission::progress::started; }),
              1);
    EXPECT_EQ(model.asked().size(), 1u);
    EXPECT_EQ(store->transcript(session).size(), 2u);
    r.reset();
}

TEST_F(threads_test, every_message_is_answered_once_in_its_session) {
    sessions.max_concurrent = 3;
    start();
    constexpr int senders = 8;
    constexpr int messages = 20;
    std::vector<inbound_message> all;
    for (int n = 0; n < messages; ++n) {
        for (int s = 0; s < senders; ++s) {
            all.push_back(message("m" + std::to_string(n), "agent:main:" + std::to_string(s)));
        }
    }
    auto work = [&]() -> task<> {
        co_await submit_all(std::move(all));
        co_await wait_for_all();
    };
    run_on_threads(work());
    EXPECT_EQ(admissions.size(), static_cast<std::size_t>(senders * messages));
    EXPECT_EQ(sink->count(turn_event::kind::final), admissions.size());
    for (const auto& e : sink->all()) {
        EXPECT_NE(e->what, turn_event::kind::failed) << e->failure.to_string();
    }
    for (int s = 0; s < senders; ++s) {
        const auto rows = store->transcript("agent:main:" + std::to_string(s));
        ASSERT_EQ(rows.size(), static_cast<std::size_t>(2 * messages));
        // An answer stands right behind its question.
        for (std::size_t i = 0; i < rows.size(); i += 2) {
            EXPECT_EQ(rows[i + 1].text(), "re: " + rows[i].text());
        }
    }
    r.reset();
}

TEST_F(threads_test, aborts_and_messages_from_everywhere_end_every_run) {
    start();
    auto work = [&]() -> task<> {
        std::vector<inbound_message> all;
        for (int i = 0; i < 80; ++i) {
            all.push_back(message("m", "agent:main:" + std::to_string(i % 4)));
        }
        task_group aborts;
        for (int i = 0; i < 40; ++i) {
            auto abort = [](router& to, int n) -> task<> {
                to.abort("agent:main:" + std::to_string(n % 4), "", "rpc");
                co_return;
            };
            aborts.spawn(asio::make_strand(io), "abort", abort(*r, i));
        }
        co_await submit_all(std::move(all));
        co_await aborts.join();
        co_await wait_for_all();
    };
    run_on_threads(work());
    EXPECT_EQ(admissions.size(), 80u);
    EXPECT_EQ(sink->count(turn_event::kind::final) + sink->count(turn_event::kind::aborted), 80u);
    EXPECT_EQ(sink->count(turn_event::kind::failed), 0u);
    r.reset();
}

}  // namespace
}  // namespace openclaw::routing
