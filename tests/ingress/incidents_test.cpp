// Holes of comparable gateways, tried on this one (docs/security.md has the list).

#include "support/gateway_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test_device.hpp"
#include "support/wire_websocket.hpp"

#include "openclaw/core/log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::test_device;
using test::wire_client;
using test::wire_websocket;

config::settings behind_a_proxy() {
    auto s = test::gateway_settings();
    s.gateway.network.trusted_proxies = {"127.0.0.1"};
    return s;
}

TEST(incidents, no_page_takes_an_address_or_a_token_from_its_query) {
    gateway_fixture gateway;
    const auto r = gateway.ask("GET", std::string("/?gatewayUrl=ws://evil.test&token=") + test::gateway_token,
                               "", "", "");
    EXPECT_EQ(r.status, 404);
    EXPECT_EQ(r.field("set-cookie"), "");
    EXPECT_EQ(r.body.find("evil.test"), std::string::npos);
    EXPECT_EQ(r.body.find(test::gateway_token), std::string::npos);
}

TEST(incidents, a_token_in_a_url_is_no_credential_and_stands_in_no_log) {
    const test::temp_dir folder;
    log::options all;
    all.threshold = log::level::debug;
    all.console = false;
    all.file = folder.path() / "log";
    log::configure(all);
    {
        auto settings = test::gateway_settings();
        settings.hooks["plain"].key = secret("hook-token");
        gateway_fixture gateway(settings);
        const std::string query = std::string("?token=") + test::gateway_token;
        const auto referer = "Referer: http://" + gateway.host() + "/" + query + "\r\n";
        EXPECT_EQ(gateway.ask("GET", "/v1/models" + query, "", referer, "").status, 401);
        EXPECT_EQ(gateway.ask("POST", "/hooks/plain?token=hook-token", "{}", referer, "").status, 400);
        EXPECT_EQ(gateway.ask("GET", "/nothing" + query, "", referer, "").status, 404);
        wire_client client(gateway.port());
        client.send(wire_websocket::upgrade_request(gateway.port(), referer, "/ws" + query));
        EXPECT_EQ(client.response().status, 101);
        wire_websocket socket(gateway.port(), referer);
        EXPECT_EQ(socket.connect("")["error"]["code"], "NOT_PAIRED");
    }
    log::flush();
    log::configure({});
    std::ostringstream text;
    text << std::ifstream(folder.path() / "log").rdbuf();
    EXPECT_NE(text.str().find("/v1/models"), std::string::npos) << "the requests are there";
    EXPECT_EQ(text.str().find(test::gateway_token), std::string::npos);
    EXPECT_EQ(text.str().find("hook-token"), std::string::npos);
}

// 127.0.0.1 is a trusted proxy, and something else on this machine speaks as if it were that one.
TEST(incidents, no_header_is_an_identity_even_from_a_trusted_proxy) {
    gateway_fixture gateway(behind_a_proxy());
    for (const std::string fields :
         {"X-Forwarded-User: admin\r\n", "X-Forwarded-For: 127.0.0.1\r\nX-Auth-Request-User: admin\r\n",
          "Tailscale-User-Login: owner@example.com\r\n", "Remote-User: admin\r\n",
          "X-OpenClaw-Scopes: operator.admin\r\n", "Forwarded: for=127.0.0.1;by=127.0.0.1\r\n"}) {
        EXPECT_EQ(gateway.ask("GET", "/v1/models", "", fields, "").status, 401) << fields;
        wire_websocket socket(gateway.port(), fields);
        EXPECT_EQ(socket.connect("")["ok"], false) << fields;
    }
}

TEST(incidents, what_a_proxy_passes_on_is_never_local) {
    gateway_fixture gateway(behind_a_proxy());
    const test_device device;
    wire_websocket socket(gateway.port(), "X-Forwarded-For: 127.0.0.1\r\n");
    socket.challenge = socket.next_json();
    auto params = wire_websocket::connect_params(test::gateway_token, {"operator.read"});
    device.sign(params, string_or(socket.challenge["payload"], "nonce"), system_time().unix_ms());
    EXPECT_EQ(socket.call("connect", params)["error"]["details"]["code"], "PAIRING_REQUIRED");
    EXPECT_EQ(gateway.ask("GET", "/metrics", "", "X-Forwarded-For: 127.0.0.1\r\n", "").status, 401);
}

TEST(incidents, a_neighbour_of_a_paired_device_inherits_nothing) {
    gateway_fixture gateway(behind_a_proxy());
    const test_device known, neighbour;
    const std::string same_address = "X-Forwarded-For: 192.0.2.7\r\n";
    const auto connect = [&](const test_device& d, const std::string& fields, const json& auth) {
        auto socket = std::make_unique<wire_websocket>(gateway.port(), fields);
        socket->challenge = socket->next_json();
        auto params = wire_websocket::connect_params("", {"operator.read"});
        params["auth"] = auth;
        d.sign(params, string_or(socket->challenge["payload"], "nonce"), system_time().unix_ms());
        auto answer = socket->call("connect", params);
        return std::make_pair(std::move(socket), std::move(answer));
    };
    const json shared{{"token", test::gateway_token}};
    const auto paired = connect(known, "", shared);
    ASSERT_EQ(paired.second["ok"], true);
    const json own{{"deviceToken", paired.second["payload"]["auth"]["deviceToken"]}};
    const auto there = connect(known, same_address, own);   // and it stays there
    ASSERT_EQ(there.second["ok"], true);
    EXPECT_EQ(connect(neighbour, same_address, shared).second["error"]["code"], "NOT_PAIRED");
    EXPECT_EQ(connect(neighbour, same_address, own).second["error"]["details"]["code"],
              "AUTH_DEVICE_TOKEN_MISMATCH");
    EXPECT_EQ(connect(neighbour, same_address, json::object()).second["ok"], false);
}

TEST(incidents, members_that_claim_an_identity_change_nothing) {
    gateway_fixture gateway;
    wire_websocket socket(gateway.port());
    socket.next_json();
    auto params = wire_websocket::connect_params(test::gateway_token, {"operator.read"});
    params["principal"] = {{"subject", "owner"}, {"role", "admin"}};
    params["senderIsOwner"] = true;
    params["client"]["scopes"] = {"operator.admin"};
    const auto hello = socket.call("connect", params);
    ASSERT_EQ(hello["ok"], true);
    EXPECT_EQ(hello["payload"]["auth"]["scopes"], json::array({"operator.read"}));
    const json claims{{"sessionKey", "main"},   {"message", "x"},
                      {"idempotencyKey", "k"},  {"senderIsOwner", true},
                      {"role", "admin"},        {"scopes", {"operator.admin"}},
                      {"principal", "owner"},   {"systemInputProvenance", {{"kind", "owner"}}}};
    for (const std::string method : {"chat.send", "agent", "config.patch", "device.pair.list"}) {
        EXPECT_EQ(socket.call(method, claims)["error"]["code"], "FORBIDDEN") << method;
    }
}

TEST(incidents, a_connection_that_stays_silent_is_closed) {
    auto settings = test::gateway_settings();
    settings.gateway.network.connections.request_timeout = milliseconds(500);   // under the 5 s
    gateway_fixture gateway(settings);
    wire_client silent(gateway.port());
    EXPECT_TRUE(silent.ends());
    wire_client slow(gateway.port());
    slow.send("GET /healthz HTTP/1.1\r\nHost: ");
    EXPECT_EQ(slow.response().status, 408);
    EXPECT_TRUE(slow.ends());
}

}  // namespace
}  // namespace openclaw
