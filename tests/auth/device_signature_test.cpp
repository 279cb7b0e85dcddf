#include "openclaw/auth/device_signature.hpp"

#include "openclaw/core/encoding.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace openclaw::auth {
namespace {

// The key of RFC 8032 §7.1, test 1; the signatures were made with it by another implementation.
constexpr std::int64_t signed_at = 1'700'000'000'000;
constexpr std::string_view challenge = "7b9c1a7e-1111-4222-8333-444455556666";
constexpr std::string_view pem = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                                 "-----END PUBLIC KEY-----\n";
constexpr std::string_view v3_signature =
    "ZzYtiWf5bQRzWJto7FqtJvfgktbgSxLkmrzz8sMek9mboVucFgxGmFzPgJWTFxgNY9Sz_nA0nO300oHrtKRnBg";
constexpr std::string_view v2_signature =
    "jufPYvdetHqLlRZ-0HinIqrPCV7slHA91QoMe1UQ5M8uMALDs2RWRNnHCm2U8kwfeXizOwt5VF-yBMG4G2VuBA";

device_proof good_proof() {
    return {.id = "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9",
            .public_key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            .signature = std::string(v3_signature),
            .nonce = std::string(challenge),
            .signed_at_ms = signed_at};
}

signed_connect good_connect() {
    return {.client_id = "openclaw-tui",
            .client_mode = "ui",
            .role = "operator",
            .scopes = {"operator.read", "operator.write"},
            .token = "s3cret",
            .platform = " Linux ",
            .device_family = "DESKTOP"};
}

std::string fault_of(const device_proof& p, const signed_connect& c = good_connect(),
                     std::int64_t now = signed_at) {
    const auto refused = check_device(p, c, challenge, now);
    return refused ? std::string(refused->reason) : "";
}

TEST(device_signature, both_versions_are_taken) {
    auto p = good_proof();
    EXPECT_EQ(fault_of(p), "");
    p.signature = v2_signature;
    EXPECT_EQ(fault_of(p), "");
}

TEST(device_signature, a_key_may_be_spelled_in_three_ways) {
    auto p = good_proof();
    for (const auto spelling : {std::string_view("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), pem}) {
        p.public_key = spelling;
        EXPECT_EQ(fault_of(p), "") << spelling;
    }
}

TEST(device_signature, what_is_no_such_key_is_refused) {
    for (const auto text : {"", "x", "AAAA", "-----BEGIN PUBLIC KEY-----\n",
                            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
                            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",      // of small order
                            "7P_______________________________________38="}) {
        auto p = good_proof();
        p.public_key = text;
        EXPECT_EQ(fault_of(p), "device-public-key") << text;
    }
    EXPECT_EQ(raw_public_key(std::string(1'000'000, 'A')), "");
}

struct change {
    const char* name;
    const char* reason;
    std::function<void(device_proof&, signed_connect&)> make;
};
void PrintTo(const change& c, std::ostream* out) { *out << c.name; }

class device_signature_changes : public testing::TestWithParam<change> {};

TEST_P(device_signature_changes, are_refused) {
    auto p = good_proof();
    auto c = good_connect();
    GetParam().make(p, c);
    EXPECT_EQ(fault_of(p, c), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    device_signature, device_signature_changes,
    testing::Values(
        change{"another_id", "device-id-mismatch", [](auto& p, auto&) { p.id[0] = '3'; }},
        change{"id_in_upper_case", "device-id-mismatch", [](auto& p, auto&) { p.id[2] = 'F'; }},
        change{"no_nonce", "device-nonce-missing", [](auto& p, auto&) { p.nonce = " \t"; }},
        change{"replayed_nonce", "device-nonce-mismatch", [](auto& p, auto&) { p.nonce[0] = '8'; }},
        change{"another_scope", "device-signature",
               [](auto&, auto& c) { c.scopes.push_back("operator.admin"); }},
        change{"scopes_in_another_order", "device-signature",
               [](auto&, auto& c) { std::swap(c.scopes[0], c.scopes[1]); }},
        change{"another_role", "device-signature", [](auto&, auto& c) { c.role = "node"; }},
        change{"another_client", "device-signature", [](auto&, auto& c) { c.client_id = "cli"; }},
        change{"another_mode", "device-signature", [](auto&, auto& c) { c.client_mode = "cli"; }},
        change{"another_token", "device-signature", [](auto&, auto& c) { c.token = "other"; }},
        change{"another_platform", "device-signature", [](auto&, auto& c) { c.platform = "darwin"; }},
        change{"no_signature", "device-signature", [](auto& p, auto&) { p.signature.clear(); }},
        change{"short_signature", "device-signature", [](auto& p, auto&) { p.signature.resize(40); }},
        change{"another_time", "device-signature", [](auto& p, auto&) { ++p.signed_at_ms; }}),
    [](const auto& tested) { return tested.param.name; });

TEST(device_signature, holds_for_two_minutes_either_way) {
    const auto p = good_proof();
    EXPECT_EQ(fault_of(p, good_connect(), signed_at + 120'000), "");
    EXPECT_EQ(fault_of(p, good_connect(), signed_at - 120'000), "");
    EXPECT_EQ(fault_of(p, good_connect(), signed_at + 120'001), "device-signature-stale");
    EXPECT_EQ(fault_of(p, good_connect(), signed_at - 120'001), "device-signature-stale");
    auto wild = p;
    wild.signed_at_ms = INT64_MIN;
    EXPECT_EQ(fault_of(wild), "device-signature-stale");
}

TEST(device_signature, refusals_carry_the_codes_of_the_protocol) {
    auto p = good_proof();
    p.nonce = "other";
    const auto refused = check_device(p, good_connect(), challenge, signed_at);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->message, "device nonce mismatch");
    EXPECT_EQ(refused->code, "DEVICE_AUTH_NONCE_MISMATCH");
}

TEST(device_key, an_encrypted_one_is_none_and_nobody_is_asked_for_its_pass_phrase) {
    EXPECT_EQ(raw_public_key("-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
                             "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n"
                             "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                             "-----END PUBLIC KEY-----\n"), "");
}

}  // namespace
}  // namespace openclaw::auth
