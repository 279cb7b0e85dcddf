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
    board.leave(tickets[0], 1);
    list = board.list();
    EXPECT_EQ(list.entries.front()["n"], 1) << "who waited takes the place";
    EXPECT_EQ(list.omitted, 2u);
}

TEST(presence_board, counts_its_changes) {
    presence_board board;
    const auto before = board.version();
    const auto t = board.enter(json::object());
    EXPECT_EQ(board.version(), before + 1);
    board.leave(t, 1);
    board.leave(t, 2);
    board.leave(0, 3);
    EXPECT_EQ(board.version(), before + 2) << "nobody leaves twice";
    EXPECT_EQ(board.list().version, board.version());
}

json client_named(const std::string& name) { return {{"instanceId", name}, {"reason", "connect"}}; }

TEST(presence_board, names_who_went_once_more) {
    presence_board board;
    const auto a = board.enter(client_named("a"));
    const auto b = board.enter(client_named("b"));
    board.leave(a, 7);
    EXPECT_EQ(board.list().entries, std::vector{client_named("b")}) << "it is not here any more";
    const auto news = board.news().entries;
    ASSERT_EQ(news.size(), 2u);
    EXPECT_EQ(news[1], json({{"instanceId", "a"}, {"reason", "disconnect"}, {"ts", 7}}));
    EXPECT_EQ(board.news().entries.size(), 1u);
    board.leave(b, 8);
    board.enter(client_named("b"));
    EXPECT_EQ(board.news().entries, std::vector{client_named("b")}) << "it came again by another connection";
}

json told(const std::string& name, std::int64_t at_ms) {
    return {{"text", "t"}, {"host", name}, {"ts", at_ms}};
}

TEST(presence_board, shows_who_it_is_told_of_for_a_while) {
    presence_board board;
    board.tell(told("a", 1));
    board.tell(told("b", 2));
    board.tell(told("a", 3));
    EXPECT_EQ(board.list().entries, (std::vector{told("a", 3), told("b", 2)})) << "one row each";
    const auto version = board.version();
    board.forget_told(3);
    EXPECT_EQ(board.list().entries, std::vector{told("a", 3)});
    EXPECT_EQ(board.version(), version + 1);
    board.forget_told(3);
    EXPECT_EQ(board.version(), version + 1) << "nothing changed";
}

TEST(presence_board, is_told_of_so_many) {
    presence_board board;
    for (std::size_t i = 0; i <= presence_board::max_told; ++i) {
        board.tell(told(std::to_string(i), static_cast<std::int64_t>(i)));
    }
    const auto rows = board.list().entries;
    EXPECT_EQ(rows.size(), presence_board::max_told);
    EXPECT_EQ(std::ranges::count(rows, told("0", 0)), 0) << "the first has made room";
}

TEST(presence_board, names_so_many_that_went) {
    presence_board board;
    for (std::size_t i = 0; i < presence_board::max_listed + 3; ++i) {
        board.leave(board.enter({{"n", i}}), 1);
    }
    EXPECT_EQ(board.news().entries.size(), presence_board::max_listed);
    EXPECT_TRUE(board.news().entries.empty());
}

ingress::connect_grant client_in(const std::string& mode, const std::string& role = "operator") {
    config::auth_settings s;
    s.token = secret("t");
    ingress::connect_grant g;
    g.who = *auth::authenticator(s).by_token("t");
    g.role = role;
    g.client_id = "openclaw-tui";
    g.client_mode = mode;
    g.client_version = "1";
    return g;
}

TEST(presence_entry, tells_what_is_known) {
    auto g = client_in("ui");
    g.who = g.who.narrowed({scope::read});
    EXPECT_EQ(presence_entry(g, "c-1", "", 5), json({{"ts", 5},
                                                     {"onlineSince", 5},
                                                     {"reason", "connect"},
                                                     {"text", "Client: openclaw-tui, version 1"},
                                                     {"roles", {"operator"}},
                                                     {"scopes", {"operator.read"}},
                                                     {"host", "openclaw-tui"},
                                                     {"version", "1"},
                                                     {"mode", "ui"},
                                                     {"instanceId", "c-1"}}));
    g.display_name = "Kitchen";
    g.platform = "ios 17";
    g.device_family = "iPad";
    g.device_id = "d";
    g.instance_id = "own";
    auto row = presence_entry(g, "c-1", "192.0.2.7", 5);
    EXPECT_EQ(row["host"], "Kitchen");
    EXPECT_EQ(row["ip"], "192.0.2.7");
    EXPECT_EQ(row["platform"], "ios 17");
    EXPECT_EQ(row["deviceFamily"], "iPad");
    EXPECT_EQ(row["deviceId"], "d");
    EXPECT_EQ(row["instanceId"], "own");
}

TEST(presence_entry, is_for_people_and_nodes) {
    for (const char* mode : {"ui", "webchat"}) {
        EXPECT_TRUE(presence_entry(client_in(mode), "c", "", 1).is_object()) << mode;
    }
    for (const char* mode : {"cli", "backend", "probe", "test"}) {
        EXPECT_TRUE(presence_entry(client_in(mode), "c", "", 1).is_null()) << mode;
    }
    EXPECT_EQ(presence_entry(client_in("node", "node"), "c", "", 1)["text"], "Node: openclaw-tui, version 1");
    auto deaf = client_in("ui");
    deaf.who = deaf.who.narrowed({scope::pairing});
    EXPECT_TRUE(presence_entry(deaf, "c", "", 1).is_null()) << "who may not read is not shown either";
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
        params["client"]["instanceId"] = "tab-1";
        device.sign(params, string_or(challenge["payload"], "nonce"), system_time().unix_ms());
        return somebody.call("connect", params);
    }
    // The next presence event, of those that were not looked at yet, that names one client, with this reason.
    json told(wire_websocket& by, const std::string& reason) {
        return by.until([&](const json& m) {
            if (m.value("event", "") != "presence") return false;
            const auto& rows = m["payload"]["presence"];
            return rows.size() == 2 && rows[1]["reason"] == reason;
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
        first = told(client, "connect");
        EXPECT_EQ(payload("system-presence").size(), 2u);
    }
    EXPECT_EQ(first["payload"]["presence"][0]["mode"], "gateway");
    auto row = first["payload"]["presence"][1];
    EXPECT_EQ(row["host"], "openclaw-tui");
    EXPECT_EQ(row["ip"], "127.0.0.1");
    EXPECT_EQ(row["deviceId"], device.id());
    EXPECT_EQ(row["instanceId"], "tab-1");
    const auto version = first["stateVersion"]["presence"].get<std::int64_t>();
    const auto snapshot = hello["payload"]["snapshot"]["stateVersion"];
    EXPECT_GT(version, snapshot["presence"].get<std::int64_t>());
    EXPECT_EQ(first["stateVersion"]["health"], snapshot["health"]);
    EXPECT_TRUE(first["seq"].is_number_integer());
    const auto second = told(client, "disconnect");
    EXPECT_EQ(second["payload"]["presence"][1]["deviceId"], device.id());
    EXPECT_EQ(payload("system-presence").size(), 1u);
    EXPECT_GT(second["stateVersion"]["presence"].get<std::int64_t>(), version);
}

TEST_F(ws_presence, who_may_not_read_hears_nothing) {
    wire_websocket stranger(gateway.port()), somebody(gateway.port());
    stranger.connect(test::gateway_token, {"operator.approvals"});
    enter(somebody);
    told(client, "connect");
    stranger.call("health");
    for (const auto& m : stranger.seen) EXPECT_NE(m.value("event", ""), "presence");
}

}  // namespace
}  // namespace openclaw
