// How many transactions the store commits in a second, and how many share one sync.
//
//   store_bench [seconds] [waiters]
//
// Prints a line per kind of transaction: "accept" is a message that is kept, "turn" the end of a
// turn in a new session, "both" the one after the other in a session of its own per waiter.

#include "openclaw/core/log.hpp"
#include "openclaw/store/store.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using namespace openclaw;
using steady = std::chrono::steady_clock;

struct bench {
    store::store& s;
    steady::time_point until;
    std::int64_t done = 0;
    std::int64_t failed = 0;
    std::int64_t number = 0;
};

store::accept_request message(bench& b, const std::string& session) {
    store::accept_request r;
    r.session = session;
    r.agent = "main";
    r.run_id = "0b5f3a6c-8d1e-4f62-9d10-" + std::to_string(100'000'000'000 + b.number);
    r.dedupe = "test:default:" + std::to_string(b.number++);
    r.received_ms = 1'700'000'000'000 + b.number;
    r.body = R"({"text":"What is the weather like in the mountains today?","channel":"test"})";
    r.epoch = b.s.epoch();
    return r;
}

store::turn_commit turn(bench& b, const std::string& session, const std::string& run) {
    store::turn_commit c;
    c.session = session;
    c.agent = "main";
    c.run_id = run;
    c.epoch = b.s.epoch();
    c.rows = {user_message("What is the weather like in the mountains today?"),
              assistant_message("Sunny until noon, with clouds coming in from the west after that; "
                                "take a jacket if you stay for the evening.")};
    c.outcome = R"({"text":"Sunny until noon."})";
    c.usage = {120, 40, 0, 0};
    c.provider = "local";
    c.model = "echo";
    return c;
}

task<> accepting(bench& b, int) {
    while (steady::now() < b.until) {
        auto accepted = co_await b.s.accept(message(b, "agent:main:bench"));
        ++(accepted ? b.done : b.failed);
    }
}

task<> committing(bench& b, int) {
    while (steady::now() < b.until) {
        const auto id = std::to_string(b.number++);
        auto written = co_await b.s.commit(turn(b, "agent:main:new:" + id, "turn-" + id));
        ++(written ? b.done : b.failed);
    }
}

task<> both(bench& b, int waiter) {
    const auto session = "agent:main:lane:" + std::to_string(waiter);
    while (steady::now() < b.until) {
        auto accepted = co_await b.s.accept(message(b, session));
        ++(accepted ? b.done : b.failed);
        if (!accepted) continue;
        auto c = turn(b, session, accepted->run.run_id);
        c.inbox_id = accepted->run.inbox_id;
        auto written = co_await b.s.commit(std::move(c));
        ++(written ? b.done : b.failed);
    }
}

void measure(const char* name, store::store& s, metrics::registry& figures, int seconds,
             int waiters, task<> (*work)(bench&, int)) {
    auto groups = figures.make_counter("openclaw_store_commits_total", "Groups.");
    const auto groups_before = groups.value();
    const auto begun = steady::now();
    bench b{s, begun + std::chrono::seconds(seconds)};
    b.number = begun.time_since_epoch().count() % 1'000'000'000 * 1000;
    asio::io_context io(1);
    for (int i = 0; i < waiters; ++i) {
        asio::co_spawn(io, work(b, i), [](const std::exception_ptr& e) {
            if (e) std::rethrow_exception(e);
        });
    }
    io.run();
    const std::chrono::duration<double> took = steady::now() - begun;
    const auto syncs = groups.value() - groups_before;
    std::printf("%-7s %8.0f commits/s %8.1f transactions/sync %6ld failed\n", name,
                static_cast<double>(b.done) / took.count(), static_cast<double>(b.done) / syncs,
                static_cast<long>(b.failed));
}

}  // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 3;
    const int waiters = argc > 2 ? std::atoi(argv[2]) : 64;
    std::string pattern = (std::filesystem::current_path() / "store-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return 1;
    {
        log::set_threshold(log::level::error);
        system_time time;
        metrics::registry figures;
        store::store_options options;
        options.state_dir = pattern;
        const auto begun = steady::now();
        auto opened = store::open_sqlite(options, time, figures);
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error().to_string().c_str());
            return 1;
        }
        const std::chrono::duration<double, std::milli> fresh = steady::now() - begun;
        measure("accept", **opened, figures, seconds, waiters, accepting);
        measure("turn", **opened, figures, seconds, waiters, committing);
        measure("both", **opened, figures, seconds, waiters, both);
        opened->reset();
        const auto again = steady::now();
        auto reopened = store::open_sqlite(options, time, figures);
        const std::chrono::duration<double, std::milli> warm = steady::now() - again;
        std::printf("open: %.2f ms new, %.2f ms existing\n", fresh.count(), warm.count());
    }
    std::filesystem::remove_all(pattern);
    return 0;
}
