// Devices on the wire: silent pairing, approval from afar, tokens that end.

#include "support/gateway_fixture.hpp"
#include "support/test_device.hpp"
#include "support/wire_websocket.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::test_device;
using test::wire_websocket;

// What a proxy on this machine hands on does not come from this machine.
constexpr const char* forwarded = "X-Forwarded-For: 192.0.2.7\r\n";

config::settings behind_a_proxy() {
    auto s = test::gateway_settings();
    s.gateway.network.trusted_proxies = {"127.0.0.1/32"};
    return s;
}

json connect_as(wire_websocket& client, const test_device& device, const json& auth,
                const std::vector<std::string>& scopes = {"operator.read"},
                const char* platform = "linux") {
    client.challenge = client.next_json();
    auto params = wire_websocket::connect_params("", scopes, "openclaw-tui", "ui");
    params["auth"] = auth;
    params["client"]["platform"] = platform;
    device.sign(params, string_or(client.challenge["payload"], "nonce"), system_time().unix_ms());
    return client.call("connect", params);
}

json with_gateway_token() { return {{"token", test::gateway_token}}; }

TEST(ws_devices, a_device_gets_a_token_and_comes_back_with_it) {
    gateway_fixture gateway;
    const test_device device;
    wire_websocket first(gateway.port());
    const auto hello = connect_as(first, device, with_gateway_token());
    ASSERT_EQ(hello["ok"], true) << hello;
    const auto auth = hello["payload"]["auth"];
    EXPECT_EQ(auth["scopes"], json::array({"operator.read"}));
    const auto token = string_or(auth, "deviceToken");
    EXPECT_FALSE(token.empty());
    wire_websocket again(gateway.port());
    const auto back = connect_as(again, device, {{"deviceToken", token}});
    ASSERT_EQ(back["ok"], true) << back;
    EXPECT_EQ(back["payload"]["auth"]["method"], "device-token");
    EXPECT_EQ(back["payload"]["auth"]["deviceToken"], token);
    EXPECT_EQ(again.call("sessions.list")["ok"], true);
    EXPECT_EQ(again.call("device.pair.list")["error"]["code"], "FORBIDDEN");
}

TEST(ws_devices, a_device_from_afar_waits_for_approval) {
    gateway_fixture gateway(behind_a_proxy());
    const test_device device;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);

    wire_websocket stranger(gateway.port(), forwarded);
    const auto refused = connect_as(stranger, device, with_gateway_token());
    EXPECT_EQ(refused["error"]["code"], "NOT_PAIRED");
    const auto request = string_or(refused["error"]["details"], "requestId");
    const auto end = stranger.end();
    EXPECT_EQ(end.code(), 1008);
    EXPECT_NE(end.reason().find(request), std::string::npos);

    const auto asked = admin.until(
        [](const json& m) { return m.value("event", "") == "device.pair.requested"; });
    EXPECT_EQ(asked["payload"]["requestId"], request);
    EXPECT_EQ(asked["payload"]["isRepair"], false);
    EXPECT_FALSE(asked["payload"].contains("reason")) << "the published schema has none";
    const auto pending = admin.call("device.pair.list")["payload"]["pending"];
    ASSERT_EQ(pending.size(), 1u);
    EXPECT_EQ(pending[0]["deviceId"], device.id());
    EXPECT_EQ(admin.call("device.pair.approve", {{"requestId", request}})["ok"], true);

    wire_websocket friendly(gateway.port(), forwarded);
    const auto hello = connect_as(friendly, device, with_gateway_token());
    ASSERT_EQ(hello["ok"], true) << hello;
    const auto listed = admin.call("device.pair.list")["payload"];
    EXPECT_TRUE(listed["pending"].empty());
    ASSERT_EQ(listed["paired"].size(), 1u);
    const auto token = string_or(hello["payload"]["auth"], "deviceToken");
    EXPECT_FALSE(token.empty());
    EXPECT_EQ(listed.dump().find(token), std::string::npos) << "no list shows a token";
}

TEST(ws_devices, a_device_that_names_another_platform_waits_for_approval_again) {
    gateway_fixture gateway(behind_a_proxy());
    const test_device device;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);
    wire_websocket near(gateway.port());
    const auto hello = connect_as(near, device, with_gateway_token());
    const json own{{"deviceToken", hello["payload"]["auth"]["deviceToken"]}};
    const auto come = [&](const std::string& fields, const char* platform) {
        wire_websocket client(gateway.port(), fields);
        return connect_as(client, device, own, {"operator.read"}, platform);
    };
    EXPECT_EQ(come(forwarded, "linux")["ok"], true);
    const auto refused = come(forwarded, "macos")["error"];
    EXPECT_EQ(refused["code"], "NOT_PAIRED");
    EXPECT_EQ(refused["details"]["reason"], "metadata-upgrade");
    EXPECT_EQ(come("", "android")["ok"], true) << "on this machine it is taken over";
    EXPECT_EQ(admin.call("device.pair.list")["payload"]["paired"][0]["platform"], "android");
    EXPECT_EQ(admin.call("device.pair.list")["payload"]["pending"].size(), 0u) << "and answers what waited";
    const auto again = come(forwarded, "macos")["error"]["details"]["requestId"];
    EXPECT_EQ(admin.call("device.pair.approve", {{"requestId", again}})["ok"], true);
    EXPECT_EQ(come(forwarded, "macos")["ok"], true) << "by the same token";
}

TEST(ws_devices, a_revoked_token_ends_the_connection_and_lets_nobody_in) {
    gateway_fixture gateway(behind_a_proxy());
    const test_device device;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);
    wire_websocket client(gateway.port());
    const auto hello = connect_as(client, device, with_gateway_token());
    const json own{{"deviceToken", hello["payload"]["auth"]["deviceToken"]}};
    const json named{{"deviceId", device.id()}, {"role", "operator"}};
    EXPECT_EQ(admin.call("device.token.revoke", named)["ok"], true);
    EXPECT_EQ(client.end().code(), 4001);
    wire_websocket back(gateway.port());
    const auto refused = connect_as(back, device, own);
    EXPECT_EQ(refused["error"]["details"]["code"], "AUTH_DEVICE_TOKEN_MISMATCH");
    EXPECT_EQ(back.end().code(), 1008);
}

TEST(ws_devices, only_the_device_itself_is_handed_its_new_token) {
    gateway_fixture gateway;
    const test_device device;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);
    wire_websocket client(gateway.port());
    const auto hello = connect_as(client, device, with_gateway_token(), {"operator.pairing"});
    ASSERT_EQ(hello["ok"], true) << hello;
    const json named{{"deviceId", device.id()}, {"role", "operator"}};
    const auto own = client.call("device.token.rotate", named)["payload"];
    EXPECT_EQ(own["tokenDelivery"], "in-band");
    EXPECT_NE(own["token"], hello["payload"]["auth"]["deviceToken"]);
    const auto others = admin.call("device.token.rotate", named)["payload"];
    EXPECT_EQ(others["tokenDelivery"], "withheld-cross-device");
    EXPECT_FALSE(others.contains("token"));
    EXPECT_EQ(client.end().code(), 4001);
}

// The answer comes first; then a connection that may do more than the new token goes, the caller's own too.
TEST(ws_devices, scopes_that_a_rotation_takes_away_are_gone_at_once) {
    gateway_fixture gateway;
    const test_device device;
    const std::vector<std::string> scopes{"operator.pairing", "operator.read"};
    wire_websocket other(gateway.port()), client(gateway.port());
    ASSERT_EQ(connect_as(other, device, with_gateway_token(), scopes)["ok"], true);
    ASSERT_EQ(connect_as(client, device, with_gateway_token(), scopes)["ok"], true);
    json named{{"deviceId", device.id()}, {"role", "operator"}, {"scopes", scopes}};
    EXPECT_EQ(client.call("device.token.rotate", named)["payload"]["tokenDelivery"], "in-band");
    EXPECT_EQ(other.end().code(), 4001) << "it came with the old token";
    EXPECT_EQ(client.call("health")["ok"], true) << "the caller has the new one, which may do as much";
    named["scopes"] = {"operator.read"};
    auto answer = client.call("device.token.rotate", named);
    EXPECT_EQ(answer["payload"]["scopes"], json::array({"operator.read"}));
    EXPECT_EQ(client.end().code(), 4001);
    wire_websocket back(gateway.port());
    auto hello = connect_as(back, device, {{"deviceToken", answer["payload"]["token"]}});
    EXPECT_EQ(hello["payload"]["auth"]["scopes"], json::array({"operator.read"}));
}

TEST(ws_devices, a_device_that_revokes_itself_hears_so_before_it_goes) {
    gateway_fixture gateway;
    const test_device device;
    wire_websocket client(gateway.port());
    ASSERT_EQ(connect_as(client, device, with_gateway_token(), {"operator.pairing"})["ok"], true);
    const json named{{"deviceId", device.id()}, {"role", "operator"}};
    EXPECT_EQ(client.call("device.token.revoke", named)["ok"], true);
    EXPECT_EQ(client.end().code(), 4001);
}

TEST(ws_devices, what_is_not_there_is_said_by_every_method) {
    gateway_fixture gateway;
    wire_websocket admin(gateway.port());
    ASSERT_EQ(admin.connect(test::gateway_token)["ok"], true);
    const json device{{"deviceId", "nobody"}, {"role", "operator"}, {"label", "x"}};
    for (const char* method : {"device.pair.remove", "device.pair.rename", "device.token.rotate",
                               "device.token.revoke"}) {
        const auto r = admin.call(method, device);
        EXPECT_EQ(r["error"]["code"], "INVALID_REQUEST") << method;
        EXPECT_TRUE(string_or(r["error"], "message").starts_with("there is no such device")) << r;
    }
    for (const char* method : {"device.pair.approve", "device.pair.reject"}) {
        EXPECT_EQ(admin.call(method, {{"requestId", "r"}})["error"]["code"], "INVALID_REQUEST") << method;
        EXPECT_NE(admin.call(method)["error"]["message"].dump().find("must have required property"),
                  std::string::npos) << method;
    }
}

}  // namespace
}  // namespace openclaw
