#include "ingress/presence.hpp"

#include "ingress/sessions_fixture.hpp"
#include "support/test_device.hpp"

namespace openclaw {
namespace {

using ingress::presence_board;
using ingress::presence_pause;
using test::wire_websocket;

TEST(presence_board, names_some_and_counts_the_rest) {
    presence_board board;
    std::vector<presence_board::ticket> tickets;
    for (std::size_t i = 0; i < presence_board::max_listed + 3; ++i) {
        tickets.push_back(board.enter({{"n", i}}));
    }
    auto list = board.list();
    EXPECT_EQ(list.entries.size(), presence_board::max_listed);
    EXPECT_EQ(list.omitted, 3u);
    EXPECT_EQ(list.entries.front()["n"], 0);
    board.leave(tickets[0]);
    list = board.list();
    EXPECT_EQ(list.entries.front()["n"], 1) << "who waited takes the place";
    EXPECT_EQ(list.omitted, 2u);
}

TEST(presence_board, counts_its_changes) {
    presence_board board;
    const auto before = board.version();
    const auto t = board.enter(json::object());
    EXPECT_EQ(board.version(), before + 1);
    board.leave(t);
    board.leave(t);
    board.leave(0);
    EXPECT_EQ(board.version(), before + 2) << "nobody leaves twice";
    EXPECT_EQ(board.list().version, board.version());
}

TEST(presence_pause, keeps_the_traffic_below_a_rate) {
    const auto ms = [](std::size_t bytes, std::size_t hearers) {
        return presence_pause(bytes, hearers).count();
    };
    EXPECT_EQ(ms(300, 0), 1'000);
    EXPECT_EQ(ms(300, 100), 1'000);
    EXPECT_EQ(ms(30'000, 1'000), 7'152) << "30 MB at 4 MiB a second";
    EXPECT_EQ(ms(30'000, 10'000), 60'000);
}

class ws_presence : public test::ws_client_test {
protected:
    // Somebody at a screen, who is shown to others.
    json enter(wire_websocket& somebody) {
        const auto challenge = somebody.next_json();
        auto params = wire_websocket::connect_params("", {"operator.read"}, "openclaw-tui", "ui");
        params["auth"] = {{"token", test::gateway_token}};
        device.sign(params, string_or(challenge["payload"], "nonce"), system_time().unix_ms());
        return somebody.call("connect", params);
    }
    // The next presence event, of those that were not looked at yet, that names `count` clients.
    json told(wire_websocket& by, std::size_t count) {
        return by.until([&](const json& m) {
            return m.value("event", "") == "presence" && m["payload"]["presence"].size() == count + 1;
        });
    }
    test::test_device device;
};

TEST_F(ws_presence, who_comes_and_goes_is_told) {
    const auto before = payload("system-presence");
    EXPECT_EQ(before.size(), 1u);
    json hello, first;
    {
        wire_websocket somebody(gateway.port());
        hello = enter(somebody);
        ASSERT_EQ(hello["ok"], true) << hello;
        first = told(client, 1);
        EXPECT_EQ(payload("system-presence").size(), 2u);
    }
    EXPECT_EQ(first["payload"]["presence"][0]["mode"], "gateway");
    EXPECT_EQ(first["payload"]["presence"][1]["host"], "openclaw-tui");
    EXPECT_EQ(first["payload"]["presence"][1]["reason"], "connect");
    const auto version = first["stateVersion"]["presence"].get<std::int64_t>();
    const auto snapshot = hello["payload"]["snapshot"]["stateVersion"];
    EXPECT_GT(version, snapshot["presence"].get<std::int64_t>());
    EXPECT_EQ(first["stateVersion"]["health"], snapshot["health"]);
    EXPECT_TRUE(first["seq"].is_number_integer());
    const auto second = told(client, 0);
    EXPECT_GT(second["stateVersion"]["presence"].get<std::int64_t>(), version);
}

TEST_F(ws_presence, who_may_not_read_hears_nothing) {
    wire_websocket stranger(gateway.port()), somebody(gateway.port());
    stranger.connect(test::gateway_token, {"operator.approvals"});
    enter(somebody);
    told(client, 1);
    stranger.call("health");
    for (const auto& m : stranger.seen) EXPECT_NE(m.value("event", ""), "presence");
}

}  // namespace
}  // namespace openclaw
