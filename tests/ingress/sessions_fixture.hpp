#pragma once

#include "support/gateway_fixture.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

namespace openclaw::test {

// A gateway with local/echo and one client that may do everything.
class ws_client_test : public testing::Test {
protected:
    void SetUp() override { client.connect(test::gateway_token); }

    // One turn in `session`, to its end.
    void say(const std::string& text, const std::string& session) {
        const auto key = "run-" + std::to_string(++runs);
        const auto r = client.call(
            "chat.send", {{"sessionKey", session}, {"message", text}, {"idempotencyKey", key}});
        ASSERT_EQ(r["ok"], true) << r;
        client.chat("final", key);
    }
    json payload(const std::string& method, json params = json::object()) {
        const auto r = client.call(method, std::move(params));
        EXPECT_EQ(r["ok"], true) << method << r;
        return r.value("payload", json());
    }
    json refusal(const std::string& method, json params = json::object()) {
        const auto r = client.call(method, std::move(params));
        EXPECT_EQ(r["ok"], false) << method << r;
        return r.value("error", json());
    }
    std::vector<std::string> keys(const json& params) {
        std::vector<std::string> out;
        const auto page = payload("sessions.list", params);
        for (const auto& row : page["sessions"]) {
            out.push_back(row["key"].get<std::string>());
        }
        return out;
    }

    gateway_fixture gateway;
    wire_websocket client{gateway.port()};
    int runs = 0;
};

}  // namespace openclaw::test
