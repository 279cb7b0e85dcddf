#include "support/gateway_fixture.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

// What the ingress does by other settings than those that it was built with.
namespace openclaw::ingress {
namespace {

using test::wire_websocket;

class settings_in_effect : public testing::Test {
protected:
    config::settings changed() const {
        auto s = test::gateway_settings();
        s.gateway.auth.token = secret(other_token);
        return s;
    }
    static constexpr const char* other_token = "another-operator-token-0123456789";

    test::gateway_fixture gateway;
};

TEST_F(settings_in_effect, an_old_token_is_worth_nothing_and_ends_who_came_by_it) {
    wire_websocket by_token(gateway.port());
    ASSERT_EQ(by_token.connect(test::gateway_token)["ok"], true);
    gateway.server().configure(changed(), {});
    const auto end = by_token.end();
    EXPECT_EQ(end.code(), 1008);
    EXPECT_EQ(end.reason(), "the gateway's token was changed");
    EXPECT_EQ(gateway.ask("GET", "/v1/models").status, 401);
    EXPECT_EQ(gateway.ask("GET", "/v1/models", {}, {}, other_token).status, 200);
    wire_websocket refused(gateway.port());
    EXPECT_EQ(refused.connect(test::gateway_token)["ok"], false);
    wire_websocket welcome(gateway.port());
    EXPECT_EQ(welcome.connect(other_token)["ok"], true);
}

TEST_F(settings_in_effect, who_came_by_the_same_token_stays) {
    wire_websocket client(gateway.port());
    ASSERT_EQ(client.connect(test::gateway_token)["ok"], true);
    auto s = test::gateway_settings();
    s.gateway.network.connections.max_websocket_connections = 1;
    gateway.server().configure(s, {});
    gateway.server().note({});
    EXPECT_EQ(client.call("status")["ok"], true);
    wire_websocket one_more(gateway.port());
    EXPECT_EQ(one_more.answer.status, 503) << "the new limit";
}

TEST_F(settings_in_effect, hooks_and_hosts_are_what_they_are_now) {
    const auto call = [&] {
        return gateway.ask("POST", "/hooks/h", R"({"a":1})", {}, "hook-secret-0123456789").status;
    };
    const auto host = [&] {
        test::wire_client client(gateway.port());
        return client.ask("GET /health HTTP/1.1\r\nHost: gateway.example\r\n\r\n").status;
    };
    EXPECT_EQ(call(), 404);
    EXPECT_EQ(host(), 421);
    auto s = test::gateway_settings();
    s.hooks["h"].key = secret("hook-secret-0123456789");
    s.gateway.network.allowed_hosts = {"gateway.example"};
    gateway.server().configure(s, {});
    EXPECT_EQ(call(), 202);
    EXPECT_EQ(host(), 200);
}

TEST_F(settings_in_effect, health_and_metrics_can_be_left_out) {
    auto s = test::gateway_settings();
    EXPECT_EQ(gateway.ask("GET", "/metrics").status, 200);
    s.gateway.monitoring.health_check = s.gateway.monitoring.metrics.enabled = false;
    gateway.server().configure(s, {});
    EXPECT_EQ(gateway.ask("GET", "/metrics").status, 404);
    EXPECT_EQ(gateway.ask("GET", "/health").status, 404);
    EXPECT_EQ(gateway.ask("GET", "/healthz").status, 200) << "for orchestrators";
}

TEST_F(settings_in_effect, what_is_said_of_it_is_in_status) {
    wire_websocket client(gateway.port());
    ASSERT_EQ(client.connect(test::gateway_token)["ok"], true);
    gateway.server().note({{"x: no"}, {"line 3: bad"}, {"gateway.network.port"}});
    const auto status = client.call("status")["payload"];
    EXPECT_EQ(status["notInEffect"], json({"x: no"}));
    EXPECT_EQ(status["configIssues"], json({"line 3: bad"}));
    EXPECT_EQ(status["restartNeeded"], json({"gateway.network.port"}));
}

// Readers never see half of a change, nor one that is gone; a sanitizer looks on.
TEST_F(settings_in_effect, a_change_under_load_fails_no_request) {
    std::atomic<bool> over = false;
    std::thread changes([&] {
        for (int i = 0; !over; ++i) {
            auto s = test::gateway_settings();
            s.gateway.network.allowed_hosts = {"host-" + std::to_string(i % 7) + ".example"};
            s.hooks["h" + std::to_string(i % 3)].key = secret("hook-secret-0123456789");
            gateway.server().configure(std::move(s), {});
        }
    });
    test::wire_client client(gateway.port());
    int failed = 0;
    for (int i = 0; i < 300; ++i) {
        const auto path = i % 3 == 0 ? "/health" : "/v1/models";
        if (client.ask(gateway.request("GET", path)).status != 200) ++failed;
    }
    over = true;
    changes.join();
    EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace openclaw::ingress
