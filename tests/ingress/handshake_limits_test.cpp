// What a connect costs of the budget for wrong credentials, whatever fields it sends.

#include "ingress/handshake.hpp"

#include "support/memory_store.hpp"
#include "support/run.hpp"
#include "support/test_device.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace openclaw::ingress {
namespace {

using auth::credential;

constexpr const char* nonce = "the-challenge";
constexpr std::int64_t now_ms = 1'700'000'000'000;

class handshake_limits : public testing::Test {
protected:
    handshake_limits() {
        (void)test::run(io, devices.load());
        auth::device_claim claim;
        claim.id = device.id();
        claim.scopes = {scope::read};
        token = devices.token_of(test::run(io, devices.pair(claim)).value());
        config::auth_settings s;
        s.token = secret("the-right-token");
        authenticator.emplace(s);
    }
    connect_verdict decide(const json& auth, bool with_device) {
        json p{{"minProtocol", 4},
               {"maxProtocol", 4},
               {"client", {{"id", "cli"}, {"version", "1"}, {"platform", "linux"}, {"mode", "cli"}}},
               {"scopes", {"operator.read"}},
               {"auth", auth}};
        if (with_device) device.sign(p, nonce, now_ms);
        if (spoil_signature) p["device"]["nonce"] = "another";
        connect_context context;
        context.locked_out = [this](credential kind) -> std::optional<milliseconds> {
            if (!locked || kind != *locked) return std::nullopt;
            return milliseconds(1234);
        };
        return decide_connect(p, context, *authenticator, devices, nonce, now_ms);
    }

    asio::io_context io;
    manual_time time;
    seeded_random random{5};
    test::memory_store store;
    auth::device_registry devices{store, random, time};
    std::optional<auth::authenticator> authenticator;
    test::test_device device;
    std::string token;                  // of the device
    std::optional<credential> locked;
    bool spoil_signature = false;
};

bool has(const connect_verdict& v, credential kind) {
    return std::ranges::find(v.failed, kind) != v.failed.end();
}

// The values of each field: absent, empty, wrong, another kind's right one.
const std::vector<std::string> values{"-", "", "wrong", "the-right-token"};

// None of the fields, alone or with others, switches the count of another one off.
TEST_F(handshake_limits, every_combination_of_wrong_fields_costs_each_its_budget) {
    int refused = 0;
    for (const auto& t : {values[0], values[1], values[2]}) {
        for (const auto& password : values) {
            for (const auto& device_token : values) {
                for (const auto& bootstrap : values) {
                    for (const bool with_device : {false, true}) {
                        json auth = json::object();
                        if (t != "-") auth["token"] = t;
                        if (password != "-") auth["password"] = password;
                        if (device_token != "-") auth["deviceToken"] = device_token;
                        if (bootstrap != "-") auth["bootstrapToken"] = bootstrap;
                        const auto v = decide(auth, with_device);
                        ASSERT_FALSE(v.grant) << auth;
                        const auto sent = [](const std::string& s) { return s.size() > 1; };
                        EXPECT_EQ(has(v, credential::token), sent(t) || sent(password)) << auth;
                        EXPECT_EQ(has(v, credential::device_token),
                                  sent(device_token) || (with_device && sent(t))) << auth;
                        EXPECT_EQ(has(v, credential::bootstrap_token), sent(bootstrap)) << auth;
                        ++refused;
                    }
                }
            }
        }
    }
    EXPECT_EQ(refused, 3 * 4 * 4 * 4 * 2);
}

TEST_F(handshake_limits, a_right_credential_costs_nothing) {
    const json right[] = {{{"token", "the-right-token"}}, {{"token", token}}, {{"deviceToken", token}}};
    for (const auto& auth : right) {
        const auto v = decide(auth, true);
        EXPECT_TRUE(v.grant) << auth;
        EXPECT_TRUE(v.failed.empty()) << auth;
    }
}

// Signatures cost time to check: a failed one is paid for, and who is locked out gets none checked.
TEST_F(handshake_limits, a_bad_signature_costs_and_is_not_looked_at_in_a_lockout) {
    spoil_signature = true;
    const auto v = decide({{"token", "wrong"}}, true);
    EXPECT_EQ(v.refusal.error["details"]["code"], "DEVICE_AUTH_NONCE_MISMATCH");
    EXPECT_TRUE(has(v, credential::device_token));
    for (const auto kind : {credential::token, credential::device_token}) {
        locked = kind;
        EXPECT_EQ(decide({{"token", "wrong"}}, true).refusal.error["details"]["code"], "AUTH_RATE_LIMITED");
    }
}

// Or a paired device could guess the gateway's token for nothing.
TEST_F(handshake_limits, a_good_device_token_does_not_pay_for_a_wrong_token) {
    const auto v = decide({{"deviceToken", token}, {"token", "guess"}}, true);
    EXPECT_TRUE(v.grant);
    EXPECT_EQ(v.failed, std::vector{credential::token});
}

TEST_F(handshake_limits, a_lockout_is_not_got_around_by_sending_more) {
    const json tries[] = {{{"token", "the-right-token"}},
                          {{"token", "the-right-token"}, {"deviceToken", token}},
                          {{"token", "the-right-token"}, {"bootstrapToken", "b"}},
                          {{"password", "p"}, {"deviceToken", token}}};
    locked = credential::token;
    for (const auto& auth : tries) {
        for (const bool with_device : {false, true}) {
            const auto v = decide(auth, with_device);
            ASSERT_FALSE(v.grant) << auth;
            EXPECT_EQ(v.refusal.error["details"]["code"], "AUTH_RATE_LIMITED") << auth;
            EXPECT_EQ(v.refusal.error["retryAfterMs"], 1234);
            EXPECT_TRUE(v.failed.empty()) << "nothing was looked at";
        }
    }
    EXPECT_TRUE(decide({{"deviceToken", token}}, true).grant) << "another kind is not concerned";
    locked = credential::device_token;
    EXPECT_FALSE(decide({{"deviceToken", token}}, true).grant);
    EXPECT_TRUE(decide({{"token", "the-right-token"}}, false).grant);
}

}  // namespace
}  // namespace openclaw::ingress
