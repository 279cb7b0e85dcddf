// The `health` event (protocol.md §4, §9): who hears it, what it tells, and what it costs.

#include "ingress/sessions_fixture.hpp"

#include "ingress/methods.hpp"
#include "support/memory_store.hpp"
#include "support/run.hpp"

namespace openclaw {
namespace {

using ingress::topic;
using test::wire_websocket;

class ws_health : public test::ws_client_test {
protected:
    static json told(wire_websocket& to) {
        return to.until([](const json& m) { return m.value("event", "") == "health"; });
    }
};

TEST_F(ws_health, is_told_to_all_after_a_probe) {
    say("hello", "main");
    wire_websocket reader(gateway.port()), stranger(gateway.port());
    const auto hello = reader.connect(test::gateway_token, {"operator.read"})["payload"];
    ASSERT_EQ(stranger.connect(test::gateway_token, {"operator.pairing"})["ok"], true);
    EXPECT_NE(hello["features"]["events"].dump().find("\"health\""), std::string::npos);
    payload("health", {{"probe", true}});
    const auto event = told(reader);
    EXPECT_EQ(event["payload"]["ok"], true);
    EXPECT_EQ(event["payload"]["sessions"]["count"], 1);
    EXPECT_EQ(event["payload"]["sessions"]["path"], "") << "the place on disk is the administrator's";
    EXPECT_TRUE(event["seq"].is_number_integer());
    const auto before = hello["snapshot"]["stateVersion"];
    EXPECT_EQ(event["stateVersion"]["health"], before["health"].get<int>() + 1);
    EXPECT_EQ(event["stateVersion"]["presence"], before["presence"]);
    EXPECT_EQ(told(stranger)["payload"]["sessions"], json::object()) << "who may not read";
    payload("health", {{"probe", true}});
    EXPECT_EQ(told(reader)["stateVersion"]["health"], before["health"].get<int>() + 2);
    wire_websocket later(gateway.port());
    const auto snapshot = later.connect(test::gateway_token)["payload"]["snapshot"];
    EXPECT_EQ(snapshot["stateVersion"]["health"], before["health"].get<int>() + 2);
}

// One that counts how often it is asked for sessions.
class counting_store final : public test::memory_store {
public:
    task<result<std::vector<openclaw::store::session_row>>> list_sessions(
        openclaw::store::session_query) override {
        ++asked;
        co_return std::vector<openclaw::store::session_row>();
    }
    task<result<openclaw::store::store_stats>> stats() override {
        co_return openclaw::store::store_stats();
    }
    int asked = 0;
};

class listener final : public ingress::subscriber {
public:
    explicit listener(topic wants) : wants_(wants) {}
    bool hears(topic t, const std::string&) const override { return t == wants_; }
    void hear(const ingress::event_frame_ptr& event) override { heard.push_back(event); }
    void expel(const ingress::expelled&, const std::string&, const std::string&) override {}
    std::vector<ingress::event_frame_ptr> heard;

private:
    const topic wants_;
};

class health_event : public testing::Test {
protected:
    ingress::server::dependencies with(ingress::server::dependencies d) {
        return {d.io, d.router, d.cron, store, d.client, d.tools, time, d.random, d.metrics, d.health,
                d.hub, d.operations, d.identity};
    }
    ingress::event_hub::told tell() { return test::run(io, tell_health(gateway)); }
    std::shared_ptr<listener> enter(topic wants) {
        auto one = std::make_shared<listener>(wants);
        gateway.d.hub->add(one);
        return one;
    }

    test::gateway_fixture fixture;
    asio::io_context io;
    counting_store store;
    manual_time time;
    config::settings settings = test::gateway_settings();
    ingress::gateway_context gateway{.d = with(fixture.dependencies()),
                                     .in_effect = ingress::settings_in_effect(settings)};
};

TEST_F(health_event, is_nobodys_work_when_nobody_is_there) {
    const auto before = gateway.health.version();
    EXPECT_EQ(tell().hearers, 0u);
    EXPECT_EQ(store.asked, 0);
    EXPECT_EQ(gateway.health.version(), before);
}

TEST_F(health_event, is_made_once_for_all_who_may_see_the_same) {
    const auto one = enter(topic::health), two = enter(topic::health);
    EXPECT_EQ(tell().hearers, 2u);
    const auto asked = store.asked;
    ASSERT_EQ(one->heard.size(), 1u);
    EXPECT_EQ(one->heard, two->heard);
    EXPECT_GT(asked, 0);
    const auto outside = enter(topic::health_outside);
    EXPECT_EQ(tell().hearers, 3u);
    EXPECT_EQ(store.asked, asked) << "it is not a second old, and the other tells of no sessions";
    EXPECT_NE(outside->heard.at(0), one->heard.at(1));
    EXPECT_NE(one->heard[1]->body.find("\"stateVersion\":{\"health\":3,\"presence\":1}"), std::string::npos)
        << one->heard[1]->body;
}

}  // namespace
}  // namespace openclaw
