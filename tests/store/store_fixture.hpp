#pragma once

#include "openclaw/core/task.hpp"
#include "store/sqlite_store.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace openclaw::store {

// A store in a folder of its own, on a clock that stands still.
class store_test : public testing::Test {
protected:
    void SetUp() override { open(); }

    store_options options() {
        store_options o;
        o.state_dir = dir.path() / "state";
        o.queue_limit = queue_limit;
        o.on_fatal = [this](const error& e) { fatal.push_back(e); };
        o.on_disk_full = [this](bool full) { fullness.push_back(full); };
        return o;
    }
    void open() {
        auto opened = open_sqlite(options(), time, metrics, tuning);
        ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
        s = std::move(*opened);
    }
    void reopen() {
        s.reset();
        open();
    }

    // Runs one call to its end.
    template <class T>
    result<T> get(task<result<T>> work) {
        return test::run(io, std::move(work));
    }
    // Starts a call; its result appears in the slot while run_all() runs.
    template <class T>
    std::optional<result<T>>& begin(task<result<T>> work) {
        auto slot = std::make_shared<std::optional<result<T>>>();
        slots.push_back(slot);
        asio::co_spawn(io, std::move(work), [slot](std::exception_ptr e, result<T> r) {
            if (!e) slot->emplace(std::move(r));
        });
        io.restart();
        io.poll();
        return *slot;
    }
    void run_all() {
        io.restart();
        io.run();
    }

    accept_request message(const std::string& run, const std::string& session = "agent:a:main",
                           const std::string& dedupe = {}) {
        accept_request r;
        r.session = session;
        r.agent = "a";
        r.run_id = run;
        r.dedupe = dedupe;
        r.received_ms = time.unix_ms();
        r.body = R"({"text":"hello"})";
        r.epoch = s->epoch();
        return r;
    }
    std::int64_t accepted(const std::string& run, const std::string& session = "agent:a:main") {
        return get(s->accept(message(run, session))).value().run.inbox_id;
    }
    turn_commit turn(const std::string& run, std::int64_t inbox_id = 0,
                     const std::string& session = "agent:a:main") {
        turn_commit c;
        c.session = session;
        c.agent = "a";
        c.run_id = run;
        c.inbox_id = inbox_id;
        c.epoch = s->epoch();
        c.rows = {user_message("q " + run), assistant_message("a " + run)};
        c.outcome = R"({"text":"a"})";
        c.usage = {10, 5, 2, 1};
        c.provider = "local";
        c.model = "echo";
        c.ended_ms = time.unix_ms();
        return c;
    }
    delivery reply(const std::string& id, const std::string& peer = "p") {
        delivery d;
        d.channel = "test";
        d.account = "default";
        d.peer = peer;
        d.reply_id = id;
        d.session = "agent:a:main";
        d.run_id = "r";
        d.text = "text of " + id;
        return d;
    }

    test::temp_dir dir;
    asio::io_context io;
    manual_time time;
    metrics::registry metrics;
    std::vector<error> fatal;
    std::vector<bool> fullness;   // what the store said of its disk
    sqlite_tuning tuning;
    std::size_t queue_limit = 20'000;
    std::list<std::shared_ptr<void>> slots;
    std::unique_ptr<store> s;
};

}  // namespace openclaw::store
