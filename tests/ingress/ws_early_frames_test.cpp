// What a client sends while its connect is looked at (protocol.md §1.3).

#include "ingress/ws_session.hpp"

#include "support/gateway_fixture.hpp"
#include "support/memory_store.hpp"
#include "support/run.hpp"
#include "support/test_device.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace openclaw::ingress {
namespace {

// One whose writes wait until the test lets them through.
class held_store final : public test::memory_store {
public:
    task<result<void>> change_records(std::vector<openclaw::store::record> put,
                                      std::vector<openclaw::store::record> drop) override {
        co_await let_through.wait();
        co_return co_await memory_store::change_records(std::move(put), std::move(drop));
    }
    gate let_through;
};

// A client without a network: what it said, and what it was told.
class scripted_socket final : public ws_socket {
public:
    explicit scripted_socket(asio::io_context& io) : strand_(asio::make_strand(io)) {}

    void say(const json& message) {
        said_.push_back(message.dump());
        news_.open();
    }
    void hang_up() {
        ended_ = true;
        news_.open();
    }

    task<result<std::string_view>> read() override {
        EXPECT_FALSE(std::exchange(reading_, true)) << "one reader at a time";
        while (said_.empty() && !ended_) co_await news_.wait();
        reading_ = false;
        if (said_.empty()) co_return error(errc::cancelled, "the end");
        read_ = std::move(said_.front());
        said_.pop_front();
        co_return std::string_view(read_);
    }
    task<result<void>> write(std::string_view head, std::string_view tail) override {
        told.push_back(json::parse(std::string(head) + std::string(tail)));
        co_return result<void>();
    }
    task<> ping() override { co_return; }
    task<> close(std::uint16_t code, std::string_view reason) override {
        closed = std::to_string(code) + " " + std::string(reason);
        hang_up();
        co_return;
    }
    executor strand() override { return strand_; }
    void set_read_limit(std::size_t) override {}
    void client_is_known() override {}
    void abort() override { hang_up(); }

    std::vector<json> told;
    std::string closed;

private:
    executor strand_;
    std::deque<std::string> said_;
    std::string read_;
    gate news_;
    bool reading_ = false;
    bool ended_ = false;
};

class ws_early_frames : public testing::Test {
protected:
    ws_early_frames() {
        gateway.ready = true;
        store.let_through.open();   // for the key of the devices' tokens
        (void)test::run(io, gateway.devices.load());
        connect_context near;
        near.direct_loopback = true;
        session = std::make_shared<ws_session>(gateway, socket, std::move(near));
        asio::co_spawn(socket.strand(), session->run(), [this](std::exception_ptr) { over = true; });
        settle();
        auto params = test::wire_websocket::connect_params(test::gateway_token, {}, "openclaw-tui", "ui");
        device.sign(params, string_or(socket.told.at(0)["payload"], "nonce"), time.unix_ms());
        socket.say({{"type", "req"}, {"id", "connect"}, {"method", "connect"}, {"params", params}});
        settle();
    }
    ~ws_early_frames() override {
        socket.hang_up();
        while (!over && io.run_one() > 0) {}
    }
    // Until nothing is left to do but to wait.
    void settle() {
        io.restart();
        while (io.poll() > 0) {}
    }
    void call(int number) {
        socket.say({{"type", "req"}, {"id", std::to_string(number)}, {"method", "health"}});
        settle();
    }
    static server::dependencies with(store::store& s, server::dependencies d) {
        return {d.io, d.router, d.cron, s, d.client, d.tools, d.time, d.random, d.metrics, d.health,
                d.hub, d.operations, d.identity};
    }

    test::gateway_fixture fixture;
    asio::io_context io;
    system_time time;
    held_store store;
    config::settings settings = test::gateway_settings();
    gateway_context gateway{.d = with(store, fixture.dependencies()),
                            .in_effect = settings_in_effect(settings)};
    test::test_device device;
    scripted_socket socket{io};
    std::shared_ptr<ws_session> session;
    bool over = false;
};

TEST_F(ws_early_frames, are_answered_in_their_order_after_hello) {
    for (int i = 1; i <= 15; ++i) call(i);
    EXPECT_EQ(socket.told.size(), 1u) << "the connect waits for the store";
    store.let_through.open();
    settle();
    ASSERT_EQ(socket.told.size(), 17u);
    EXPECT_EQ(socket.told[1]["payload"]["type"], "hello-ok");
    for (std::size_t i = 1; i <= 15; ++i) EXPECT_EQ(socket.told[i + 1]["id"], std::to_string(i));
    call(16);
    call(17);
    EXPECT_EQ(socket.told.back()["id"], "17");
    EXPECT_EQ(socket.closed, "");
}

TEST_F(ws_early_frames, close_the_connection_when_they_are_too_many) {
    for (int i = 1; i <= 16; ++i) call(i);
    EXPECT_EQ(socket.closed, "1008 too many pending handshake frames");
    store.let_through.open();
    settle();
    EXPECT_EQ(socket.told.size(), 1u) << "there is no hello for such a client";
    EXPECT_TRUE(over);
}

TEST_F(ws_early_frames, of_a_client_that_has_gone_are_nobodys) {
    call(1);
    socket.hang_up();
    settle();
    store.let_through.open();
    settle();
    EXPECT_TRUE(over);
}

}  // namespace
}  // namespace openclaw::ingress
