#include "store_fixture.hpp"

#include <atomic>
#include <thread>

#ifndef __clang__
// With a sanitizer g++ 12 inlines one half of Asio's allocation of frames, and takes it for a
// mismatch with the other.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace openclaw::store {
namespace {

constexpr int lanes = 16;
constexpr int turns = 20;

class threads_test : public store_test {
protected:
    // One lane: turns one after the other, each read back before the next.
    task<> lane(int number, std::atomic<int>& good) {
        for (int i = 0; i < turns; ++i) {
            const bool fine = co_await one_turn(number, i);
            if (!fine) co_return;
            ++good;
        }
    }

    task<bool> one_turn(int number, int i) {
        const auto key = "agent:a:" + std::to_string(number);
        const auto run = std::to_string(number) + "-" + std::to_string(i);
        auto accepted = co_await s->accept(message(run, key, "d" + run));
        if (!accepted) co_return false;
        s->note_started(accepted->run.inbox_id, i);
        auto written = co_await s->commit(turn(run, accepted->run.inbox_id, key));
        if (!written || written->first_seq != 2 * i + 1) co_return false;
        auto rows = co_await s->history(key, 2, 0);
        if (!rows || rows->size() != 2 || rows->back().text() != "a " + run) co_return false;
        const session_query any;  // named: g++ 12 destroys a braced temporary twice here
        auto listed = co_await s->list_sessions(any);
        co_return listed && !listed->empty();
    }
};

TEST_F(threads_test, four_threads_of_callers) {
    std::atomic<int> good{0};
    for (int i = 0; i < lanes; ++i) {
        asio::co_spawn(asio::make_strand(io), lane(i, good), [](std::exception_ptr e) {
            EXPECT_FALSE(e);
        });
    }
    std::vector<std::thread> pool;
    for (int i = 0; i < 4; ++i) pool.emplace_back([this] { io.run(); });
    for (auto& t : pool) t.join();
    EXPECT_EQ(good, lanes * turns);
    EXPECT_EQ(get(s->stats()).value().sessions, lanes);
}

TEST_F(threads_test, closing_under_load_answers_everybody) {
    std::atomic<int> good{0};
    std::atomic<int> ended{0};
    for (int i = 0; i < lanes; ++i) {
        asio::co_spawn(asio::make_strand(io), lane(i, good), [&](std::exception_ptr) { ++ended; });
    }
    std::vector<std::thread> pool;
    for (int i = 0; i < 3; ++i) pool.emplace_back([this] { io.run(); });
    s->close();
    for (auto& t : pool) t.join();
    EXPECT_EQ(ended, lanes);
}

}  // namespace
}  // namespace openclaw::store
