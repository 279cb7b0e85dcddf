#include "support/client_fixture.hpp"

#include "net/watchdog.hpp"
#include "openclaw/core/promise.hpp"
#include "openclaw/core/task_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include <thread>

namespace openclaw::net {
namespace {

using test::http_answer;
using test::script_peer;
using test::script_server;

// Set by a script on the server's thread, awaited by the test.
struct sign {
    std::shared_ptr<promise<bool>> seen = std::make_shared<promise<bool>>();
    void set() const { seen->set(true); }
    task<bool> get() const { return seen->get(); }
};

TEST(deadlines, a_server_that_never_answers) {
    sign closed;
    script_server server([closed](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.closed_by_client();
        closed.set();
    });
    client_fixture f;
    f.limits.first_byte = milliseconds(20);
    EXPECT_EQ(f.fetch_from(server).error().code, errc::timed_out);
    EXPECT_TRUE(test::run(f.io, closed.get()));
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(deadlines, a_server_that_never_answers_on_a_pooled_connection_is_not_asked_again) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        auto answer = http_answer("x");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    client_fixture f;
    EXPECT_TRUE(f.fetch_from(server));
    f.limits.first_byte = milliseconds(20);
    EXPECT_EQ(f.fetch_from(server).error().code, errc::timed_out);
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(deadlines, a_body_that_stops) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        co_await peer.closed_by_client();
    });
    client_fixture f;
    f.limits.idle = milliseconds(20);
    EXPECT_EQ(f.fetch_from(server).error().code, errc::timed_out);
}

TEST(deadlines, a_reader_that_stops) {
    // Nobody reads: the socket's buffers fill up.
    sign done;
    script_server server([done](script_peer&, unsigned) -> task<> { co_await done.get(); });
    client_fixture f;
    f.limits.first_byte = milliseconds(50);
    auto request = get();
    request.method = "POST";
    request.body.assign(16 << 20, 'x');
    EXPECT_EQ(f.fetch_from(server, std::move(request)).error().code, errc::timed_out);
    done.set();
}

TEST(deadlines, a_tls_handshake_that_never_comes) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.closed_by_client();
    });
    client_fixture f;
    f.limits.connect = milliseconds(30);
    auto to = parse_url("https://127.0.0.1/").value();
    to.port = server.port();
    EXPECT_EQ(test::run(f.io, f.fetch(to, get())).error().code, errc::timed_out);
}

TEST(deadlines, a_deadline_of_an_earlier_exchange_does_not_end_a_later_one) {
    // The first request arms a timer that fires within the second.
    sign go;
    script_server server([go](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        auto answer = http_answer("first");
        co_await peer.send(answer);
        co_await peer.request();
        co_await go.get();
        answer = http_answer("second");
        co_await peer.send(answer);
        co_await peer.closed_by_client();
    });
    client_fixture f;
    f.limits.first_byte = milliseconds(30);
    EXPECT_EQ(f.fetch_from(server).value(), "first");
    f.limits.first_byte = milliseconds(20'000);
    asio::steady_timer later(f.io, milliseconds(60));
    later.async_wait([&](const boost::system::error_code&) { go.set(); });
    EXPECT_EQ(f.fetch_from(server).value(), "second");
    EXPECT_EQ(server.accepted(), 1u);
}

TEST(watchdog, a_shorter_deadline_after_a_longer_one_fires) {
    asio::io_context io;
    int fired = 0;
    watchdog dog(io.get_executor(), [&] { ++fired; });
    dog.attach(io.get_executor());
    dog.watch(milliseconds(3'600'000));
    dog.watch(milliseconds(1));
    io.run();
    EXPECT_EQ(fired, 1);
    EXPECT_TRUE(dog.expired());
}

TEST(watchdog, rests_and_goes_quietly) {
    asio::io_context io;
    int fired = 0;
    auto dog = std::make_unique<watchdog>(io.get_executor(), [&] { ++fired; });
    dog->attach(io.get_executor());
    dog->watch(milliseconds(1));
    dog->rest();
    io.run();
    dog->watch(milliseconds(1));
    dog.reset();
    io.restart();
    io.run();
    EXPECT_EQ(fired, 0);
}

// Runs a fetch that is cancelled once `reached` is set, and waits until the server saw the close.
void cancel_when(client_fixture& f, const script_server& server, const sign& reached,
                 const sign& closed) {
    task_group group;
    auto work = [](client_fixture& fx, url to) -> task<> {
        auto outcome = co_await fx.fetch(std::move(to), get());
        EXPECT_FALSE(outcome);
    };
    auto to = parse_url(server.url()).value();
    group.spawn(f.io.get_executor(), "fetch", work(f, to));
    EXPECT_TRUE(test::run(f.io, reached.get()));
    group.stop();
    test::run(f.io, group.join());
    EXPECT_TRUE(test::run(f.io, closed.get()));
}

TEST(cancelling, while_waiting_for_the_header_closes_the_socket) {
    sign reached;
    sign closed;
    script_server server([=](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        reached.set();
        co_await peer.closed_by_client();
        closed.set();
    });
    client_fixture f;
    cancel_when(f, server, reached, closed);
}

TEST(cancelling, while_reading_the_body_closes_the_socket) {
    sign reached;
    sign closed;
    script_server server([=](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
        reached.set();
        co_await peer.closed_by_client();
        closed.set();
    });
    client_fixture f;
    cancel_when(f, server, reached, closed);
}

TEST(cancelling, a_body_that_is_dropped_early_closes_the_socket) {
    sign closed;
    script_server server([=](script_peer& peer, unsigned number) -> task<> {
        co_await peer.request();
        if (number > 0) {
            auto answer = http_answer("fresh");
            co_await peer.send(answer);
        } else {
            co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        }
        co_await peer.closed_by_client();
        if (number == 0) closed.set();
    });
    client_fixture f;
    auto to = parse_url(server.url()).value();
    {
        auto answer = test::run(f.io, f.http().send(to, get(), f.limits));
        ASSERT_TRUE(answer);
        EXPECT_EQ(test::run(f.io, answer->body->read()).value(), "some");
    }
    EXPECT_TRUE(test::run(f.io, closed.get()));
    EXPECT_EQ(f.fetch_from(server).value(), "fresh");
}

TEST(cancelling, a_body_may_outlive_its_client) {
    script_server server(echo);
    client_fixture f;
    auto to = parse_url(server.url("/x")).value();
    auto answer = test::run(f.io, f.http().send(to, get("/x"), f.limits));
    f.client.reset();
    EXPECT_EQ(test::run(f.io, answer->read_all(100)).value(), "/x");
}

TEST(load, a_hundred_requests_at_once_on_four_threads) {
    script_server server(echo);
    client_fixture f;
    f.http();
    std::atomic<int> good{0};
    auto work = [](client_fixture& fx, url to, std::string target,
                   std::atomic<int>& count) -> task<> {
        for (int i = 0; i < 5; ++i) {
            auto body = co_await fx.fetch(to, get(target));
            EXPECT_TRUE(body) << body.error().to_string();
            if (body && *body == target) ++count;
        }
    };
    auto to = parse_url(server.url()).value();
    task_group group;
    for (int i = 0; i < 100; ++i) {
        group.spawn(strand(f.io.get_executor()), "fetch",
                    work(f, to, "/" + std::to_string(i), good));
    }
    auto end = [](task_group& g, client_fixture& fx) -> task<> {
        co_await g.join();
        fx.http().close();
    };
    task_group joiner;
    joiner.spawn(f.io.get_executor(), "join", end(group, f));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { f.io.run(); });
    for (auto& t : threads) t.join();
    EXPECT_EQ(good, 500);
    EXPECT_LE(server.accepted(), 100u);
}

TEST(load, cancelled_requests_on_four_threads_leave_nothing_behind) {
    script_server server([](script_peer& peer, unsigned) -> task<> {
        co_await peer.request();
        co_await peer.closed_by_client();
    });
    client_fixture f;
    f.http();
    f.limits.first_byte = milliseconds(5);  // half of them meet their deadline, half the stop
    auto work = [](client_fixture& fx, url to) -> task<> {
        auto outcome = co_await fx.fetch(to, get());
        EXPECT_FALSE(outcome);
    };
    auto to = parse_url(server.url()).value();
    task_group group;
    for (int i = 0; i < 64; ++i) {
        group.spawn(strand(f.io.get_executor()), "fetch", work(f, to));
    }
    auto stop_later = [](task_group& g) -> task<> {
        asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(5));
        co_await timer.async_wait(asio::use_awaitable);
        g.stop();
        co_await g.join();
    };
    task_group joiner;
    joiner.spawn(f.io.get_executor(), "join", stop_later(group));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { f.io.run(); });
    for (auto& t : threads) t.join();
    EXPECT_EQ(group.size(), 0u);
}

}  // namespace
}  // namespace openclaw::net
