#include "ingress/webhook.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

config::hook_settings hook_of(const std::string& verify, const std::string& key) {
    config::hook_settings h;
    h.verify = verify;
    h.key = secret(key);
    return h;
}

net::http_request post(const std::string& body,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
    net::http_request r{.method = "POST", .target = "/hooks/x", .headers = {}, .body = body};
    for (const auto& [name, value] : fields) r.headers.add(name, value);
    return r;
}

bool passes(const config::hook_settings& hook, const net::http_request& r, std::int64_t now_s = 0) {
    const auto proof = verify_webhook(hook, r, now_s);
    if (!proof) {
        EXPECT_EQ(proof.error().code, errc::unauthenticated);
    }
    return bool(proof);
}

TEST(webhook_token, is_taken_from_two_fields_and_nowhere_else) {
    const auto hook = hook_of("token", "hook-token");
    EXPECT_TRUE(passes(hook, post("", {{"Authorization", "Bearer hook-token"}})));
    EXPECT_TRUE(passes(hook, post("", {{"X-OpenClaw-Token", "hook-token"}})));
    EXPECT_FALSE(passes(hook, post("", {})));
    EXPECT_FALSE(passes(hook, post("", {{"Authorization", "Bearer "}})));
    EXPECT_FALSE(passes(hook, post("", {{"Authorization", "Basic hook-token"}})));
    EXPECT_FALSE(passes(hook, post("", {{"Authorization", "Bearer hook-toke"}})));
    EXPECT_FALSE(passes(hook, post("", {{"Authorization", "Bearer hook-token2"}})));
    EXPECT_FALSE(passes(hook, post("", {{"Cookie", "token=hook-token"}})));
    EXPECT_FALSE(passes(hook, post("hook-token", {})));
}

// Fail-open verification is how comparable gateways were taken over (incidents.md C4).
TEST(webhook, without_a_secret_nothing_passes) {
    for (const char* verify : {"token", "standard-webhooks", "github"}) {
        const auto hook = hook_of(verify, "");
        EXPECT_FALSE(passes(hook, post("", {}))) << verify;
        EXPECT_FALSE(passes(hook, post("", {{"Authorization", "Bearer "}, {"X-OpenClaw-Token", ""}})));
        EXPECT_FALSE(passes(hook, post("", {{"X-Hub-Signature-256", "sha256="}})));
    }
}

// The example of GitHub's documentation, "Testing the webhook payload validation".
TEST(webhook_github, accepts_the_documented_example_and_no_other_byte) {
    const auto hook = hook_of("github", "It's a Secret to Everybody");
    const std::string good =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const std::string body = "Hello, World!";
    EXPECT_TRUE(passes(hook, post(body, {{"X-Hub-Signature-256", good}})));
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto other = body;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_FALSE(passes(hook, post(other, {{"X-Hub-Signature-256", good}}))) << i;
    }
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto other = good;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_FALSE(passes(hook, post(body, {{"X-Hub-Signature-256", other}}))) << i;
    }
    EXPECT_FALSE(passes(hook, post(body, {})));
    EXPECT_FALSE(passes(hook, post(body, {{"X-Hub-Signature", good}})));
    EXPECT_FALSE(passes(hook, post(body, {{"X-Hub-Signature-256", good.substr(7)}})));
    EXPECT_FALSE(passes(hook, post(body, {{"Authorization", "Bearer It's a Secret to Everybody"}})));
}

// The vector that the reference libraries of standardwebhooks.com test with.
class webhook_standard : public testing::Test {
protected:
    static constexpr std::int64_t sent_at = 1'614'265'330;
    const config::hook_settings hook =
        hook_of("standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const std::string body = R"({"test": 2432232314})";
    const std::string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    net::http_request request(const std::string& sig, const std::string& stamp = "1614265330",
                              const std::string& id = "msg_p5jXN8AQM9LWM0D4loKWxJek") const {
        return post(body, {{"webhook-id", id},
                           {"webhook-timestamp", stamp},
                           {"webhook-signature", sig}});
    }
};

TEST_F(webhook_standard, accepts_the_vector_within_five_minutes) {
    for (const int late : {0, 299, 300, -299, -300}) {
        EXPECT_TRUE(passes(hook, request(signature), sent_at + late)) << late;
    }
    for (const int late : {301, -301, 86'400}) {
        EXPECT_FALSE(passes(hook, request(signature), sent_at + late)) << late;
    }
}

TEST_F(webhook_standard, accepts_one_good_signature_among_several) {
    EXPECT_TRUE(passes(hook, request("v1,AAAA " + signature), sent_at));
    EXPECT_TRUE(passes(hook, request(signature + " v2,xyz"), sent_at));
    EXPECT_FALSE(passes(hook, request("v1,AAAA v1a,BBBB"), sent_at));
    EXPECT_FALSE(passes(hook, request("v2," + signature.substr(3)), sent_at));
    EXPECT_FALSE(passes(hook, request(" "), sent_at));
    EXPECT_FALSE(passes(hook, request(""), sent_at));
}

TEST_F(webhook_standard, refuses_one_changed_byte_anywhere) {
    for (std::size_t i = 3; i + 1 < signature.size(); ++i) {
        auto other = signature;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(passes(hook, request(other), sent_at)) << i;
    }
    EXPECT_FALSE(passes(hook, request(signature, "1614265331"), sent_at));
    EXPECT_FALSE(passes(hook, request(signature, "1614265330", "msg_other"), sent_at));
    auto r = request(signature);
    for (std::size_t i = 0; i < body.size(); ++i) {
        r.body = body;
        r.body[i] = static_cast<char>(r.body[i] ^ 1);
        EXPECT_FALSE(passes(hook, r, sent_at)) << i;
    }
}

TEST_F(webhook_standard, refuses_timestamps_that_are_no_number) {
    for (const char* stamp : {"", " 1614265330", "1614265330 ", "1614265330.0", "0x6037d8b2", "now",
                              "-9223372036854775808", "9223372036854775807",
                              "99999999999999999999"}) {
        EXPECT_FALSE(passes(hook, request(signature, stamp), sent_at)) << stamp;
    }
}

TEST_F(webhook_standard, refuses_a_key_that_is_no_base64) {
    EXPECT_FALSE(passes(hook_of("standard-webhooks", "whsec_???"), request(signature), sent_at));
}

TEST(webhook_delivery, is_known_by_the_senders_own_id) {
    EXPECT_EQ(delivery_id(post("", {{"webhook-id", "a"}, {"X-GitHub-Delivery", "b"}})), "a");
    EXPECT_EQ(delivery_id(post("", {{"X-GitHub-Delivery", "b"}})), "b");
    EXPECT_EQ(delivery_id(post("", {{"Idempotency-Key", "c"}})), "c");
    EXPECT_EQ(delivery_id(post("", {})), "");
    const auto long_id = [](char last) {
        return delivery_id(post("", {{"webhook-id", std::string(1000, 'a') + last}}));
    };
    EXPECT_LE(long_id('x').size(), 256u);
    EXPECT_NE(long_id('x'), long_id('y'));
}

struct text_case {
    const char* name;
    const char* pattern;
    std::string body;
    const char* text;   // nullptr: refused
};
void PrintTo(const text_case& c, std::ostream* out) { *out << c.name; }

class webhook_texts : public testing::TestWithParam<text_case> {};

TEST_P(webhook_texts, come_from_the_body) {
    const auto& c = GetParam();
    auto hook = hook_of("token", "k");
    hook.text = c.pattern;
    const auto text = webhook_text(hook, c.body);
    if (c.text == nullptr) {
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().code, errc::invalid_input);
    } else {
        ASSERT_TRUE(text) << text.error().to_string();
        EXPECT_EQ(*text, c.text);
    }
}

const std::vector<text_case> text_cases{
    {"message", "", R"({"message":"hello"})", "hello"},
    {"text", "", R"({"text":"hello"})", "hello"},
    {"message_first", "", R"({"text":"b","message":"a"})", "a"},
    {"empty_message", "", R"({"message":"","text":"b"})", "b"},
    {"other_json", "", R"({"a":1})", R"({"a":1})"},
    {"plain", "", "just words", "just words"},
    {"nothing", "", "", nullptr},
    {"not_utf8", "", "\xff\xfe", nullptr},
    {"filled", "{{a.b}} and {{ list.1 }}", R"({"a":{"b":"x"},"list":[1,2]})", "x and 2"},
    {"whole_value", "got {{a}}", R"({"a":{"b":[true,null]}})", R"(got {"b":[true,null]})"},
    {"missing", "[{{nope}}][{{a.b.c}}][{{list.9}}]", R"({"a":1,"list":[]})", "[][][]"},
    {"index_not_number", "[{{list.first}}]", R"({"list":[1]})", "[]"},
    {"unclosed", "{{a}} {{a", R"({"a":1})", "1 {{a"},
    {"no_holes", "fixed", R"({})", "fixed"},
    {"not_again", "{{a}}", R"({"a":"{{b}}","b":"secret"})", "{{b}}"},
    {"pattern_wants_json", "{{a}}", "words", nullptr},
    {"too_deep", "{{a}}", std::string(33, '[') + std::string(33, ']'), nullptr},
    {"empty_path", "[{{}}]", R"("x")", "[x]"},
};
INSTANTIATE_TEST_SUITE_P(, webhook_texts, testing::ValuesIn(text_cases),
                         [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace openclaw::ingress
