// Guessing of credentials, wherever one is checked (protocol.md §2.7, incidents.md C1 and C3).

#include "support/gateway_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/wire_websocket.hpp"

#include "ingress/login_guard.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;
using test::wire_response;
using test::wire_websocket;

constexpr int limit = 10;

class logins : public testing::Test {
protected:
    static config::settings settings() {
        auto s = test::gateway_settings();
        s.gateway.network.trusted_proxies = {"127.0.0.1"};
        s.hooks["plain"].key = secret("hook-token");
        s.hooks["signed"].key = secret("hook-secret");
        s.hooks["signed"].verify = "github";
        return s;
    }
    static std::string via(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }
    std::string own_origin() const { return "Origin: http://" + gateway.host() + "\r\n"; }

    int models(const std::string& fields, const std::string& token) const {
        return gateway.ask("GET", "/v1/models", "", fields, token).status;
    }
    // The response to a connect.
    json connect(const std::string& fields, const json& auth) const {
        wire_websocket client(gateway.port(), fields);
        client.next_json();
        auto params = wire_websocket::connect_params("");
        params["auth"] = auth;
        return client.call("connect", params);
    }
    gateway_fixture gateway{settings()};
};

const json right{{"token", test::gateway_token}};
const json wrong{{"token", "wrong"}};

TEST_F(logins, a_thousand_wrong_tokens_from_a_page_on_this_machine_are_a_lockout) {
    int looked_at = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto r = connect(own_origin(), {{"token", "guess " + std::to_string(i)}});
        EXPECT_EQ(r["ok"], false);
        looked_at += r["error"]["details"]["code"] == "AUTH_TOKEN_MISMATCH";
    }
    EXPECT_EQ(looked_at, limit);
    EXPECT_EQ(connect(own_origin(), right)["ok"], false) << "nor is the right one";
    EXPECT_EQ(connect("", right)["ok"], true) << "who is at the machine itself is not concerned";
}

TEST_F(logins, a_lockout_is_told_in_the_words_of_the_protocol) {
    for (int i = 0; i < limit; ++i) connect(own_origin(), wrong);
    wire_websocket client(gateway.port(), own_origin());
    client.next_json();
    const auto e = client.call("connect", wire_websocket::connect_params(test::gateway_token))["error"];
    EXPECT_EQ(e["code"], "INVALID_REQUEST");
    EXPECT_EQ(e["details"], json({{"code", "AUTH_RATE_LIMITED"},
                                  {"authReason", "rate_limited"},
                                  {"canRetryWithDeviceToken", false},
                                  {"recommendedNextStep", "wait_then_retry"}}));
    EXPECT_EQ(e["retryable"], true);
    EXPECT_GT(e["retryAfterMs"], 240'000);
    EXPECT_LE(e["retryAfterMs"], 300'000);
    const auto end = client.end();
    EXPECT_EQ(end.code(), 1008);
    EXPECT_EQ(end.reason(), e["message"]);
}

TEST_F(logins, over_http_the_answer_is_429_before_a_body_is_read) {
    for (int i = 0; i < limit; ++i) EXPECT_EQ(models(via("192.0.2.1"), "wrong"), 401);
    const auto r = gateway.ask("GET", "/v1/models", "", via("192.0.2.1"));
    EXPECT_EQ(r.status, 429);
    EXPECT_GT(std::stoi(r.field("retry-after")), 240);
    EXPECT_LE(std::stoi(r.field("retry-after")), 300);
    EXPECT_EQ(json::parse(r.body)["error"]["code"], "rate_limited");
    wire_client client(gateway.port());
    client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: " + gateway.host() + "\r\n" +
                via("192.0.2.1") + "Authorization: Bearer " + test::gateway_token +
                "\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.response().status, 429);
    // Anthropic's libraries read it in their own shape, and from their own field.
    const auto a = gateway.ask("POST", "/v1/messages", "{}", via("192.0.2.1") + "X-Api-Key: k\r\n", "");
    EXPECT_EQ(a.status, 429);
    EXPECT_EQ(json::parse(a.body)["error"]["type"], "rate_limit_error");
}

TEST_F(logins, one_lockout_holds_on_every_way_in) {
    for (int i = 0; i < limit; ++i) connect(via("192.0.2.1"), wrong);
    EXPECT_EQ(models(via("192.0.2.1"), test::gateway_token), 429);
    for (int i = 0; i < limit; ++i) models(via("192.0.2.2"), "wrong");
    EXPECT_EQ(connect(via("192.0.2.2"), right)["error"]["details"]["code"], "AUTH_RATE_LIMITED");
}

TEST_F(logins, an_address_has_one_budget_however_it_is_written) {
    for (int i = 0; i < limit; ++i) models(via(i % 2 == 0 ? "192.0.2.1" : "::ffff:192.0.2.1"), "wrong");
    EXPECT_EQ(models(via("192.0.2.1"), test::gateway_token), 429);
    for (int i = 0; i < limit; ++i) models(via("2001:db8::" + std::to_string(i)), "wrong");
    EXPECT_EQ(models(via("2001:db8::ffff"), test::gateway_token), 429);
    EXPECT_EQ(models(via("192.0.2.2"), test::gateway_token), 200) << "others are not concerned";
    EXPECT_EQ(models(via("2001:db8:0:1::1"), test::gateway_token), 200);
}

TEST_F(logins, a_forged_beginning_of_the_header_buys_no_tries) {
    for (int i = 0; i < limit; ++i) {
        models(via("198.51.100." + std::to_string(i) + ", 192.0.2.1"), "wrong");
    }
    EXPECT_EQ(models(via("192.0.2.1"), test::gateway_token), 429);
}

TEST_F(logins, no_token_is_no_guess) {
    for (int i = 0; i < 3 * limit; ++i) EXPECT_EQ(models(via("192.0.2.1"), ""), 401);
    for (int i = 0; i < 3 * limit; ++i) connect(via("192.0.2.1"), json::object());
    EXPECT_EQ(models(via("192.0.2.1"), test::gateway_token), 200);
}

TEST_F(logins, this_machine_is_exempt_where_no_page_and_no_proxy_speaks) {
    for (int i = 0; i < 3 * limit; ++i) EXPECT_EQ(models("", "wrong"), 401);
    EXPECT_EQ(models("", test::gateway_token), 200);
    for (int i = 0; i < limit; ++i) EXPECT_EQ(models(own_origin(), "wrong"), 401);
    EXPECT_EQ(models(own_origin(), test::gateway_token), 429);
}

TEST_F(logins, hooks_have_a_budget_of_their_own) {
    const auto post = [&](const std::string& hook, const std::string& fields) {
        return gateway.ask("POST", "/hooks/" + hook, R"({"message":"x"})", via("192.0.2.1") + fields, "");
    };
    const auto body = std::string(R"({"message":"x"})");
    const auto signature = "X-Hub-Signature-256: sha256=" + to_hex(hmac_sha256("hook-secret", body)) + "\r\n";
    const auto forged = "X-Hub-Signature-256: sha256=" + std::string(64, '0') + "\r\n";
    EXPECT_EQ(post("plain", "X-OpenClaw-Token: hook-token\r\n").status, 202);
    for (int i = 0; i < limit / 2; ++i) {
        EXPECT_EQ(post("plain", "X-OpenClaw-Token: wrong\r\n").status, 401);
        EXPECT_EQ(post("signed", forged).status, 401);
    }
    for (const auto& [hook, fields] : {std::pair<std::string, std::string>{"signed", signature},
                                       {"plain", "X-OpenClaw-Token: hook-token\r\n"}}) {
        const auto r = post(hook, fields);
        EXPECT_EQ(r.status, 429);
        EXPECT_FALSE(r.field("retry-after").empty());
    }
    EXPECT_EQ(models(via("192.0.2.1"), test::gateway_token), 200);
}

TEST_F(logins, a_hook_without_proof_in_its_head_is_refused_before_its_body) {
    for (const std::string hook : {"plain", "signed", "unknown"}) {
        wire_client client(gateway.port());
        client.send("POST /hooks/" + hook + " HTTP/1.1\r\nHost: " + gateway.host() +
                    "\r\nContent-Length: 200000\r\nExpect: 100-continue\r\n\r\n");
        EXPECT_EQ(client.response().status, hook == "unknown" ? 404 : 401) << hook;
    }
}

TEST_F(logins, are_counted) {
    for (int i = 0; i < limit + 5; ++i) models(via("192.0.2.1"), "wrong");
    const auto figures = gateway.ask("GET", "/metrics").body;
    const auto has = [&](const std::string& line) { return figures.find(line) != std::string::npos; };
    EXPECT_TRUE(has("openclaw_auth_failures_total{credential=\"token\"} 10\n"));
    EXPECT_TRUE(has("openclaw_auth_lockouts_total{credential=\"token\"} 1\n"));
    EXPECT_TRUE(has("openclaw_auth_turned_away_total{credential=\"token\"} 5\n"));
    EXPECT_TRUE(has("openclaw_auth_lockouts_total{credential=\"webhook\"} 0\n"));
}

TEST(login_guard, a_flood_of_failures_is_two_lines_in_the_log) {
    const test::temp_dir folder;
    const auto file = folder.path() / "log";
    log::options to_file;
    to_file.console = false;
    to_file.file = file;
    log::configure(to_file);
    manual_time time;
    metrics::registry metrics;
    ingress::login_guard guard(time, metrics);
    const auth::login_caller who{asio::ip::make_address("192.0.2.1"), false};
    const auth::login_caller local{asio::ip::make_address("127.0.0.1"), true};
    for (int i = 0; i < 100; ++i) guard.failed(who, auth::credential::token, "r-1");
    for (int i = 0; i < 100; ++i) guard.failed(local, auth::credential::token, "r-2");
    int told = 0;
    for (int i = 0; i < 100; ++i) told += guard.worth_telling(who);
    log::flush();
    log::configure({});
    EXPECT_EQ(told, 1);
    std::vector<json> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0]["address"], "192.0.2.1");
    EXPECT_EQ(lines[1]["level"], "warn");
    EXPECT_EQ(lines[2]["address"], "127.0.0.1");
}

}  // namespace
}  // namespace openclaw
