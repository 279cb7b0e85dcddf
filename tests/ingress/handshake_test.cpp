#include "ingress/handshake.hpp"

#include "support/memory_store.hpp"
#include "support/run.hpp"
#include "support/test_device.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

constexpr const char* token = "the-right-token";

auth::authenticator authenticator_with(const std::string& configured,
                                       config::auth_type type = config::auth_type::token) {
    config::auth_settings s;
    s.type = type;
    s.token = secret(configured);
    return auth::authenticator(s);
}

json params_of(const std::string& id = "cli", const std::string& mode = "cli") {
    return {{"minProtocol", 4},
            {"maxProtocol", 4},
            {"client", {{"id", id}, {"version", "1.0"}, {"platform", "linux"}, {"mode", mode}}},
            {"scopes", {"operator.read", "operator.write"}},
            {"auth", {{"token", token}}}};
}

constexpr const char* nonce = "the-challenge";
constexpr std::int64_t now_ms = 1'700'000'000'000;

// A gateway's devices; each is known in a role once it was paired.
struct known_devices {
    asio::io_context io;
    manual_time time;
    seeded_random random{5};
    test::memory_store store;
    auth::device_registry all{store, random, time};

    known_devices() { (void)test::run(io, all.load()); }
    auth::device pair(const test::test_device& d, scope_set scopes) {
        auth::device_claim claim;
        claim.id = d.id();
        claim.scopes = scopes;
        return test::run(io, all.pair(claim)).value();
    }
};

connect_verdict decide(const json& params, const connect_context& context,
                       const auth::authenticator& authenticator) {
    const known_devices none;
    return decide_connect(params, context, authenticator, none.all, nonce, now_ms);
}

connect_context loopback() {
    connect_context c;
    c.direct_loopback = true;
    return c;
}

// A change of good params, and the refusal that it must lead to.
struct refusal_case {
    const char* name;
    json patch;              // RFC 7396
    const char* code;        // error.code
    const char* details;     // error.details.code; "": none
    const char* message;     // its beginning
    std::uint16_t close = 1008;
};
void PrintTo(const refusal_case& c, std::ostream* out) { *out << c.name; }

class handshake_refuses : public testing::TestWithParam<refusal_case> {};

TEST_P(handshake_refuses, with_the_code_of_the_protocol) {
    const auto& c = GetParam();
    auto params = params_of();
    params.merge_patch(c.patch);
    const auto v = decide(params, loopback(), authenticator_with(token));
    ASSERT_FALSE(v.grant);
    const auto& e = v.refusal.error;
    EXPECT_EQ(e["code"], c.code);
    const std::string message = e["message"].get<std::string>();
    EXPECT_TRUE(message.starts_with(c.message)) << message;
    EXPECT_EQ(e.contains("details") ? e["details"].value("code", "") : "", c.details);
    EXPECT_EQ(v.refusal.close_code, c.close);
    EXPECT_TRUE(message.starts_with(v.refusal.close_reason)) << v.refusal.close_reason;
    EXPECT_LE(v.refusal.close_reason.size(), 123u);
}

constexpr const char* invalid = "INVALID_REQUEST";
const std::string long_role(300, 'r');
const std::vector<refusal_case> refusal_cases{
    {"no_client", {{"client", nullptr}}, invalid, "", "invalid connect params: at /client"},
    {"client_is_text", {{"client", "cli"}}, invalid, "", "invalid connect params: at /client"},
    {"no_version", {{"client", {{"version", ""}}}}, invalid, "",
     "invalid connect params: at /client/version"},
    {"no_platform", {{"client", {{"platform", nullptr}}}}, invalid, "",
     "invalid connect params: at /client/platform"},
    {"unknown_id", {{"client", {{"id", "browser"}}}}, invalid, "",
     "invalid connect params: at /client/id"},
    {"unknown_mode", {{"client", {{"mode", "god"}}}}, invalid, "",
     "invalid connect params: at /client/mode"},
    {"no_min", {{"minProtocol", nullptr}}, invalid, "",
     "invalid connect params: at /minProtocol"},
    {"zero_max", {{"maxProtocol", 0}}, invalid, "", "invalid connect params: at /maxProtocol"},
    {"text_max", {{"maxProtocol", "4"}}, invalid, "", "invalid connect params: at /maxProtocol"},
    {"scopes_text", {{"scopes", "operator.admin"}}, invalid, "",
     "invalid connect params: at /scopes"},
    {"scopes_numbers", {{"scopes", {1}}}, invalid, "", "invalid connect params: at /scopes"},
    {"caps_object", {{"caps", {{"a", 1}}}}, invalid, "", "invalid connect params: at /caps"},
    {"auth_text", {{"auth", "token"}}, invalid, "", "invalid connect params: at /auth"},
    {"role_number", {{"role", 1}}, invalid, "", "invalid connect params: at /role"},
    {"too_old", {{"minProtocol", 1}, {"maxProtocol", 3}}, invalid, "PROTOCOL_MISMATCH",
     "protocol mismatch", 1002},
    {"too_new", {{"minProtocol", 5}, {"maxProtocol", 9}}, invalid, "PROTOCOL_MISMATCH",
     "protocol mismatch", 1002},
    {"role_worker", {{"role", "worker"}}, invalid, "", "invalid role"},
    {"role_long", {{"role", long_role}}, invalid, "", "invalid role"},
    {"role_admin", {{"role", "admin"}}, invalid, "", "invalid role"},
    {"wrong_token", {{"auth", {{"token", "the-right-tokeN"}}}}, invalid, "AUTH_TOKEN_MISMATCH",
     "unauthorized: gateway token mismatch (provide gateway auth token)"},
    {"longer_token", {{"auth", {{"token", "the-right-token2"}}}}, invalid, "AUTH_TOKEN_MISMATCH",
     "unauthorized: gateway token mismatch"},
    {"no_auth_no_device", {{"auth", nullptr}}, "NOT_PAIRED", "DEVICE_IDENTITY_REQUIRED",
     "device identity required"},
    {"empty_token_no_device", {{"auth", {{"token", ""}}}}, "NOT_PAIRED",
     "DEVICE_IDENTITY_REQUIRED", "device identity required"},
    {"device_token_no_device", {{"auth", {{"token", nullptr}, {"deviceToken", "t"}}}}, "NOT_PAIRED",
     "DEVICE_IDENTITY_REQUIRED", "device identity required"},
    {"half_a_device", {{"device", {{"id", "d"}}}}, invalid, "",
     "invalid connect params: at /device/publicKey"},
    {"device_is_text", {{"device", "d"}}, invalid, "", "invalid connect params: at /device"},
    {"token_number", {{"auth", {{"token", 4}}}}, invalid, "", "invalid connect params: at /auth/token"},
    {"bootstrap_token", {{"auth", {{"token", nullptr}, {"bootstrapToken", "b"}}}}, invalid,
     "AUTH_BOOTSTRAP_TOKEN_INVALID", "unauthorized: bootstrap token invalid"},
    {"password", {{"auth", {{"token", nullptr}, {"password", "p"}}}}, invalid, "AUTH_TOKEN_MISMATCH",
     "unauthorized: gateway token mismatch"},
    {"ui_without_device", {{"client", {{"id", "openclaw-control-ui"}, {"mode", "ui"}}}}, invalid,
     "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
     "control ui requires device identity (use HTTPS or localhost secure context)"},
    {"tui_without_device", {{"client", {{"id", "openclaw-tui"}, {"mode", "ui"}}}}, invalid,
     "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", "control ui requires device identity"},
};
INSTANTIATE_TEST_SUITE_P(, handshake_refuses, testing::ValuesIn(refusal_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(handshake, an_auth_failure_tells_the_next_step) {
    auto params = params_of();
    params["auth"]["token"] = "wrong";
    const auto details = decide(params, loopback(), authenticator_with(token))
                             .refusal.error["details"];
    EXPECT_EQ(details, json({{"code", "AUTH_TOKEN_MISMATCH"},
                             {"authReason", "token_mismatch"},
                             {"canRetryWithDeviceToken", false},
                             {"recommendedNextStep", "update_auth_credentials"}}));
}

TEST(handshake, a_protocol_mismatch_tells_both_sides) {
    auto params = params_of();
    params["minProtocol"] = 5;
    params["maxProtocol"] = 6;
    const auto v = decide(params, loopback(), authenticator_with(token));
    EXPECT_EQ(v.refusal.error["details"], json({{"code", "PROTOCOL_MISMATCH"},
                                                {"clientMinProtocol", 5},
                                                {"clientMaxProtocol", 6},
                                                {"expectedProtocol", 4},
                                                {"minimumProbeProtocol", 3}}));
    EXPECT_EQ(v.refusal.close_reason, "protocol mismatch");
}

TEST(handshake, only_probes_may_speak_version_3) {
    auto params = params_of("cli", "probe");
    params["minProtocol"] = params["maxProtocol"] = 3;
    EXPECT_TRUE(decide(params, loopback(), authenticator_with(token)).grant);
    params["client"]["mode"] = "cli";
    EXPECT_FALSE(decide(params, loopback(), authenticator_with(token)).grant);
    params["maxProtocol"] = 4;
    EXPECT_TRUE(decide(params, loopback(), authenticator_with(token)).grant);
}

TEST(handshake, a_gateway_without_a_token_lets_nobody_in) {
    for (const char* sent : {"", "anything"}) {
        auto params = params_of();
        params["auth"]["token"] = sent;
        const auto v = decide(params, loopback(), authenticator_with(""));
        ASSERT_FALSE(v.grant);
        EXPECT_EQ(v.refusal.error["details"]["code"], "AUTH_TOKEN_NOT_CONFIGURED");
    }
}

// Who keeps the scopes that it asks for (the table of protocol.md §2.5).
struct scope_case {
    const char* name;
    const char* id;
    const char* mode;
    bool direct_loopback, has_origin, keeps;
};
void PrintTo(const scope_case& c, std::ostream* out) { *out << c.name; }

class handshake_scopes : public testing::TestWithParam<scope_case> {};

TEST_P(handshake_scopes, are_kept_or_cleared) {
    const auto& c = GetParam();
    connect_context context;
    context.direct_loopback = c.direct_loopback;
    context.has_origin = c.has_origin;
    const auto v = decide(params_of(c.id, c.mode), context, authenticator_with(token));
    ASSERT_TRUE(v.grant);
    EXPECT_EQ(v.grant->who.scopes(),
              c.keeps ? scope_set({scope::read, scope::write}) : scope_set());
    EXPECT_EQ(v.grant->auth_method, "token");
    EXPECT_EQ(v.grant->role, "operator");
}

const std::vector<scope_case> scope_cases{
    {"cli", "cli", "cli", true, false, true},
    {"backend", "gateway-client", "backend", true, false, true},
    {"cli_with_origin", "cli", "cli", true, true, false},
    {"backend_with_origin", "gateway-client", "backend", true, true, false},
    {"cli_from_afar", "cli", "cli", false, false, false},
    {"backend_from_afar", "gateway-client", "backend", false, false, false},
    {"probe", "openclaw-probe", "probe", true, false, false},
    {"cli_as_probe", "cli", "probe", true, false, false},
    {"backend_as_cli", "gateway-client", "cli", true, false, false},
    {"test", "test", "test", true, false, false},
};
INSTANTIATE_TEST_SUITE_P(, handshake_scopes, testing::ValuesIn(scope_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(handshake, scopes_are_grant_and_request_never_more) {
    const auto a = authenticator_with(token);
    auto params = params_of();
    params["scopes"] = {"operator.admin", "operator.bogus", "*"};
    EXPECT_TRUE(decide(params, loopback(), a).grant->who.allows(scope::admin));
    params["scopes"] = {"operator.bogus", "OPERATOR.ADMIN", "operator.admin "};
    EXPECT_TRUE(decide(params, loopback(), a).grant->who.scopes().empty());
    params.erase("scopes");
    EXPECT_TRUE(decide(params, loopback(), a).grant->who.scopes().empty());

    // A credential with less: what it does not have it cannot ask for.
    connect_context context;
    context.local_socket = true;
    context.local = a.by_token(token)->narrowed({scope::read});
    params["scopes"] = {"operator.admin", "operator.write", "operator.read"};
    const auto v = decide(params, context, a);
    EXPECT_EQ(v.grant->who.scopes(), scope_set({scope::read}));
}

TEST(handshake, the_unix_socket_needs_no_token_and_a_user_interface_no_device) {
    const auto a = authenticator_with(token);
    connect_context context;
    context.local_socket = true;
    context.local = *a.by_token(token);
    auto params = params_of("openclaw-tui", "ui");
    params.erase("auth");
    const auto v = decide(params, context, a);
    ASSERT_TRUE(v.grant);
    EXPECT_EQ(v.grant->auth_method, "local");
    EXPECT_TRUE(v.grant->who.allows(scope::write));
}

TEST(handshake, disabled_authentication_says_so) {
    auto params = params_of();
    params.erase("auth");
    const auto v = decide(params, loopback(),
                                  authenticator_with("", config::auth_type::disabled));
    ASSERT_TRUE(v.grant);
    EXPECT_EQ(v.grant->auth_method, "none");
}

TEST(handshake, unknown_members_and_caps_are_ignored) {
    auto params = params_of();
    params["computerUse"] = json::array({1});
    params["somethingNew"] = true;
    params["caps"] = {"tool-events", "not-a-cap"};
    const auto v = decide(params, loopback(), authenticator_with(token));
    ASSERT_TRUE(v.grant);
    EXPECT_EQ(v.grant->caps.size(), 2u);
}

TEST(handshake, params_that_are_no_object_are_refused) {
    for (const json& params : {json(nullptr), json::array(), json("x"), json(4)}) {
        EXPECT_FALSE(decide(params, loopback(), authenticator_with(token)).grant);
    }
}

class device_handshake : public testing::Test {
protected:
    json params(scope_set scopes = {scope::read}) const {
        auto p = params_of("openclaw-tui", "ui");
        p["scopes"] = scopes.names();
        return p;
    }
    connect_verdict decide(json p, bool near = true, const char* challenge = nonce) {
        device.sign(p, challenge, now_ms);
        connect_context context;
        context.direct_loopback = near;
        context.remote_ip = near ? "127.0.0.1" : "192.0.2.7";
        return decide_connect(p, context, authenticator_with(token), known.all, nonce, now_ms);
    }
    static std::string details_of(const connect_verdict& v) {
        return v.grant ? "let in" : v.refusal.error.value("details", json::object()).value("code", "");
    }

    known_devices known;
    test::test_device device;
};

TEST_F(device_handshake, a_near_device_with_the_token_is_paired_without_asking) {
    const auto v = decide(params({scope::read, scope::admin}));
    ASSERT_TRUE(v.grant);
    EXPECT_EQ(v.grant->who.scopes(), scope_set({scope::read, scope::admin}));
    EXPECT_EQ(v.grant->device_id, device.id());
    ASSERT_TRUE(v.pairing);
    EXPECT_EQ(v.pairing->reason, "");
    EXPECT_EQ(v.pairing->claim.scopes, scope_set({scope::read, scope::admin}));
}

TEST_F(device_handshake, a_page_in_a_browser_on_this_machine_has_to_be_approved) {
    auto p = params();
    device.sign(p, nonce, now_ms);
    auto context = loopback();
    context.has_origin = true;
    const auto v = decide_connect(p, context, authenticator_with(token), known.all, nonce, now_ms);
    EXPECT_FALSE(v.grant);
    ASSERT_TRUE(v.pairing);
    EXPECT_EQ(v.pairing->reason, "not-paired");
}

TEST_F(device_handshake, one_from_afar_has_to_be_approved) {
    auto v = decide(params(), false);
    EXPECT_FALSE(v.grant);
    ASSERT_TRUE(v.pairing);
    EXPECT_EQ(v.pairing->reason, "not-paired");
    EXPECT_EQ(v.pairing->claim.remote_ip, "192.0.2.7");
    known.pair(device, {scope::read});
    v = decide(params(), false);
    EXPECT_TRUE(v.grant);
    EXPECT_FALSE(v.pairing);
    v = decide(params({scope::read, scope::write}), false);
    EXPECT_FALSE(v.grant);
    EXPECT_EQ(v.pairing->reason, "scope-upgrade");
}

struct machine_case {
    const char* name;
    const char *platform, *family;   // of the connect; it was approved as "iOS 17.2" and "iPad"
    bool same;
};

const std::vector<machine_case> machines{
    {"as_approved", "iOS 17.2", "iPad", true},
    {"newer_version", "ios 18", "ipad", true},
    {"other_platform", "linux", "iPad", false},
    {"unknown_platform", "toaster", "iPad", false},
    {"other_family", "iOS 17.2", "iPhone", false},
    {"no_family", "iOS 17.2", "", false},
};

TEST_F(device_handshake, another_machine_has_to_be_approved_again) {
    auth::device_claim claim;
    claim.id = device.id();
    claim.scopes = {scope::read};
    claim.platform = "iOS 17.2";
    claim.device_family = "iPad";
    const auto d = test::run(known.io, known.all.pair(claim)).value();
    const json credentials[] = {{{"token", token}}, {{"deviceToken", known.all.token_of(d)}}};
    for (const auto& c : machines) {
        for (const auto& auth : credentials) {
            auto p = params();
            p["auth"] = auth;
            p["client"]["platform"] = c.platform;
            p["client"]["deviceFamily"] = c.family;
            auto v = decide(p, false);
            EXPECT_EQ(v.grant.has_value(), c.same) << c.name;
            ASSERT_EQ(v.pairing.has_value(), !c.same) << c.name;
            EXPECT_EQ(v.pairing ? v.pairing->reason : "", c.same ? "" : "metadata-upgrade") << c.name;
            v = decide(p, true);
            EXPECT_TRUE(v.grant) << c.name;
            ASSERT_EQ(v.pairing.has_value(), !c.same) << c.name;
            EXPECT_EQ(v.pairing ? v.pairing->reason : "", "") << c.name << " is taken over without asking";
        }
    }
}

TEST_F(device_handshake, its_own_token_lets_it_in_from_anywhere) {
    const auto d = known.pair(device, {scope::read});
    for (const char* place : {"deviceToken", "token"}) {
        auto p = params();
        p["auth"] = {{place, known.all.token_of(d)}};
        const auto v = decide(p, false);
        ASSERT_TRUE(v.grant) << place;
        EXPECT_EQ(v.grant->auth_method, "device-token");
        EXPECT_EQ(v.grant->who.scopes(), scope_set{scope::read});
        EXPECT_EQ(v.grant->who.subject(), "device:" + device.id());
    }
}

// Clients sign the first of the three that they send, also an empty one.
TEST_F(device_handshake, the_signature_covers_the_first_token_that_is_sent) {
    const auto d = known.pair(device, {scope::read});
    auto p = params();
    p["auth"] = {{"token", ""}, {"deviceToken", known.all.token_of(d)}};
    const auto v = decide(p);
    EXPECT_EQ(details_of(v), "let in");
    // Signed with the second, as if the first had not been sent.
    auto other = p;
    other["auth"].erase("token");
    device.sign(other, nonce, now_ms);
    p["device"] = other["device"];
    const auto refused = decide_connect(p, loopback(), authenticator_with(token), known.all, nonce, now_ms);
    EXPECT_EQ(details_of(refused), "DEVICE_AUTH_SIGNATURE_INVALID");
}

TEST_F(device_handshake, its_own_token_brings_no_more_than_was_approved) {
    auto p = params({scope::read, scope::admin});
    p["auth"] = {{"deviceToken", known.all.token_of(known.pair(device, {scope::read}))}};
    EXPECT_EQ(details_of(decide(p)), "AUTH_SCOPE_MISMATCH");
}

TEST_F(device_handshake, the_token_of_another_device_is_worth_nothing) {
    const test::test_device other;
    known.pair(device, {scope::read});
    auto p = params();
    p["auth"] = {{"deviceToken", known.all.token_of(known.pair(other, {scope::admin}))}};
    EXPECT_EQ(details_of(decide(p)), "AUTH_DEVICE_TOKEN_MISMATCH");
    p["auth"] = {{"token", "wrong"}};
    const auto v = decide(p);
    EXPECT_EQ(details_of(v), "AUTH_TOKEN_MISMATCH");
    EXPECT_EQ(v.refusal.error["details"]["canRetryWithDeviceToken"], true);
}

TEST_F(device_handshake, a_revoked_device_comes_in_by_no_token_of_its_own) {
    const auto d = known.pair(device, {scope::read});
    const auto admin = *authenticator_with(token).by_token(token);
    ASSERT_TRUE(test::run(known.io, known.all.revoke(device.id(), "operator", admin)));
    auto p = params();
    p["auth"] = {{"deviceToken", known.all.token_of(d)}};
    EXPECT_EQ(details_of(decide(p)), "AUTH_DEVICE_TOKEN_MISMATCH");
    EXPECT_FALSE(decide(params(), false).grant) << "the gateway's token does not undo a revocation from afar";
}

TEST_F(device_handshake, a_device_without_any_token_is_told_so) {
    auto p = params();
    p.erase("auth");
    EXPECT_EQ(details_of(decide(p)), "AUTH_TOKEN_MISSING");
}

TEST_F(device_handshake, a_bad_proof_is_refused_whatever_the_token) {
    EXPECT_EQ(details_of(decide(params(), true, "an-older-challenge")), "DEVICE_AUTH_NONCE_MISMATCH");
    auto p = params();
    device.sign(p, nonce, now_ms);
    p["scopes"].push_back("operator.admin");
    const auto v = decide_connect(p, loopback(), authenticator_with(token), known.all, nonce, now_ms);
    EXPECT_EQ(details_of(v), "DEVICE_AUTH_SIGNATURE_INVALID");
    EXPECT_EQ(v.refusal.error["details"]["reason"], "device-signature");
    EXPECT_FALSE(v.pairing);
}

TEST_F(device_handshake, the_refusal_of_an_unpaired_device_names_its_request) {
    const auto v = decide(params(), false);
    const auto asked = test::run(known.io, known.all.ask(v.pairing->claim, v.pairing->reason)).value();
    const auto refusal = refuse_unpaired(asked, known.all);
    EXPECT_EQ(refusal.error["code"], "NOT_PAIRED");
    EXPECT_EQ(refusal.error["details"]["code"], "PAIRING_REQUIRED");
    EXPECT_EQ(refusal.error["details"]["requestId"], asked.id);
    EXPECT_EQ(refusal.close_code, 1008);
    EXPECT_NE(refusal.close_reason.find("(requestId: " + asked.id + ")"), std::string::npos);
    EXPECT_LE(refusal.close_reason.size(), 123u);
}

TEST(handshake_by_password, takes_the_password_and_no_token) {
    known_devices known;
    const auto gateway = authenticator_with("the-password-of-all", config::auth_type::password);
    const auto decide = [&](const json& auth, bool with_device) {
        auto p = params_of();
        p["auth"] = auth;
        test::test_device device;
        if (with_device) device.sign(p, nonce, now_ms);
        return decide_connect(p, connect_context(), gateway, known.all, nonce, now_ms);
    };
    const auto in = decide({{"password", "the-password-of-all"}}, false);
    ASSERT_TRUE(in.grant);
    EXPECT_EQ(in.grant->auth_method, "password");
    const auto code = [&](const json& auth, bool with_device) {
        return string_or(decide(auth, with_device).refusal.error["details"], "code");
    };
    EXPECT_EQ(code({{"token", "the-password-of-all"}}, false), "AUTH_PASSWORD_MISMATCH");
    EXPECT_EQ(code({{"password", "guess"}}, true), "AUTH_PASSWORD_MISMATCH");
    EXPECT_EQ(code(json::object(), true), "AUTH_PASSWORD_MISSING");
}

}  // namespace
}  // namespace openclaw::ingress
