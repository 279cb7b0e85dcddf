#include "agents/api_error.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

struct failure_case {
    const char* name;
    int status;
    std::string body;
    errc code;
};

class classify_test : public ::testing::TestWithParam<failure_case> {};

error classify_text(int status, std::string_view text) {
    const auto body = parse_json(text);
    const net::header_list headers;
    api_failure failure;
    failure.status = status;
    failure.headers = &headers;
    failure.body = body ? &*body : nullptr;
    failure.raw = text;
    return classify(failure);
}

TEST_P(classify_test, finds_the_class) {
    const auto e = classify_text(GetParam().status, GetParam().body);
    EXPECT_EQ(name_of(e.code), name_of(GetParam().code)) << e.message;
    EXPECT_FALSE(e.message.empty());
}

// The error bodies of the services; an empty member is left out.
std::string openai(const char* type, const char* code, const char* message = "x") {
    json problem{{"message", message}};
    if (*type != '\0') problem["type"] = type;
    if (*code != '\0') problem["code"] = code;
    return json{{"error", problem}}.dump();
}

std::string anthropic(const char* type, const char* message = "x", const char* code = "") {
    json problem{{"type", type}, {"message", message}};
    if (*code != '\0') problem["details"] = {{"error_code", code}};
    return json{{"type", "error"}, {"error", problem}}.dump();
}

std::string gemini(const char* status, const char* message, const char* reason = "") {
    json problem{{"code", 400}, {"status", status}, {"message", message}};
    if (*reason != '\0') problem["details"] = {{{"reason", reason}}};
    return json{{"error", problem}}.dump();
}

const auto name_of_case = [](const auto& i) { return i.param.name; };

INSTANTIATE_TEST_SUITE_P(openai, classify_test, ::testing::Values(
    failure_case{"context", 400, openai("", "context_length_exceeded"), errc::context_overflow},
    failure_case{"context_text", 400, openai("", "", "This model's maximum context length is 8 tokens"),
                 errc::context_overflow},
    failure_case{"key", 401, openai("", "invalid_api_key"), errc::auth_provider},
    failure_case{"region", 403, openai("", "", "Country not supported"), errc::auth_provider},
    failure_case{"model", 404, openai("", "model_not_found"), errc::not_found},
    failure_case{"rate", 429, openai("requests", "rate_limit_exceeded"), errc::rate_limited},
    failure_case{"slow_down", 503, openai("", "slow_down"), errc::rate_limited},
    failure_case{"quota", 429, openai("insufficient_quota", "insufficient_quota"), errc::billing},
    failure_case{"credit", 429, openai("insufficient_quota", "credit_balance_exhausted"), errc::billing},
    failure_case{"project", 429, openai("", "project_spend_limit_exceeded"), errc::billing},
    failure_case{"usage", 429, openai("", "organization_usage_limit_exceeded"), errc::billing},
    failure_case{"server", 500, openai("server_error", ""), errc::overloaded},
    failure_case{"busy", 503, openai("", "server_is_overloaded"), errc::overloaded},
    failure_case{"bad", 400, openai("invalid_request_error", "", "Unknown parameter"), errc::rejected},
    failure_case{"bad_422", 422, R"({"detail":"field required"})", errc::rejected}), name_of_case);

INSTANTIATE_TEST_SUITE_P(anthropic, classify_test, ::testing::Values(
    failure_case{"context", 400,
                 anthropic("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
                 errc::context_overflow},
    failure_case{"context_max", 400,
                 anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit"),
                 errc::context_overflow},
    failure_case{"too_large", 413, anthropic("request_too_large"), errc::context_overflow},
    failure_case{"key", 401, anthropic("authentication_error"), errc::auth_provider},
    failure_case{"permission", 403, anthropic("permission_error"), errc::auth_provider},
    failure_case{"pay", 402, anthropic("billing_error"), errc::billing},
    failure_case{"spend", 429, anthropic("rate_limit_error", "x", "enforced_spend_limit_reached"),
                 errc::billing},
    failure_case{"billing_code", 400,
                 anthropic("invalid_request_error", "x", "linked_organization_billing_unavailable"),
                 errc::billing},
    failure_case{"credit", 400, anthropic("invalid_request_error", "Your credit balance is too low"),
                 errc::billing},
    failure_case{"rate", 429, anthropic("rate_limit_error"), errc::rate_limited},
    failure_case{"ramp", 429, anthropic("rate_limit_error", "x", "ramp_limit_exceeded"),
                 errc::rate_limited},
    failure_case{"overload", 529, anthropic("overloaded_error"), errc::overloaded},
    failure_case{"api", 500, anthropic("api_error"), errc::overloaded},
    failure_case{"timeout", 504, anthropic("timeout_error"), errc::timed_out},
    failure_case{"model", 404, anthropic("not_found_error"), errc::not_found},
    failure_case{"in_band", 200, anthropic("overloaded_error"), errc::overloaded}), name_of_case);

INSTANTIATE_TEST_SUITE_P(others, classify_test, ::testing::Values(
    failure_case{"gemini_key", 400, gemini("INVALID_ARGUMENT", "API key not valid", "API_KEY_INVALID"),
                 errc::auth_provider},
    failure_case{"gemini_quota", 429, "[" + gemini("RESOURCE_EXHAUSTED", "x") + "]", errc::rate_limited},
    failure_case{"gemini_context", 400,
                 gemini("INVALID_ARGUMENT", "The input token count (9) exceeds the maximum"),
                 errc::context_overflow},
    failure_case{"gemini_down", 503, gemini("UNAVAILABLE", "x"), errc::overloaded},
    failure_case{"ollama_model", 404, R"({"error":"model \"x\" not found, try pulling it first"})",
                 errc::not_found},
    failure_case{"relay_502", 200, R"({"error":{"code":502,"message":"upstream"}})", errc::overloaded},
    failure_case{"request_timeout", 408, "", errc::timed_out},
    failure_case{"html_502", 502, "<html>Bad Gateway</html>", errc::overloaded},
    failure_case{"conflict", 409, "{}", errc::overloaded},
    failure_case{"redirect", 302, "", errc::rejected},
    failure_case{"null_error", 400, R"({"error":null,"message":"no"})", errc::rejected},
    failure_case{"not_an_object", 401, "7", errc::auth_provider}), name_of_case);

TEST(classify_message_test, tells_what_the_service_said_and_no_markup) {
    EXPECT_EQ(classify_text(401, R"({"error":{"message":"invalid x-api-key"}})").message,
              "the key was refused (HTTP 401): invalid x-api-key");
    EXPECT_EQ(classify_text(502, "<html>").message, "the service failed (HTTP 502)");
    EXPECT_EQ(classify_text(500, "oops").message, "the service failed (HTTP 500): oops");
}

struct wait_case {
    const char* name;
    const char* header;
    const char* value;
    std::chrono::milliseconds wait;
};

class retry_after_test : public ::testing::TestWithParam<wait_case> {};

TEST_P(retry_after_test, reads_the_header) {
    net::header_list headers;
    headers.add(GetParam().header, GetParam().value);
    const auto now = std::chrono::system_clock::from_time_t(784111767);  // 08:49:27
    EXPECT_EQ(retry_after(headers, now), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(values, retry_after_test, ::testing::Values(
    wait_case{"seconds", "Retry-After", "7", 7s}, wait_case{"fraction", "Retry-After", "1.5", 1500ms},
    wait_case{"milliseconds", "Retry-After-Ms", "250", 250ms},
    wait_case{"date", "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", 10s},
    wait_case{"past", "Retry-After", "Sun, 06 Nov 1994 08:49:07 GMT", 0ms},
    wait_case{"negative", "Retry-After", "-5", 0ms}, wait_case{"absurd", "Retry-After", "1e300", 24h},
    wait_case{"nan", "Retry-After", "nan", 0ms}, wait_case{"words", "Retry-After", "soon", 0ms},
    wait_case{"other", "X-Other", "7", 0ms}), [](const auto& i) { return i.param.name; });

TEST(retry_after_order_test, milliseconds_come_before_seconds) {
    net::header_list headers;
    headers.add("retry-after", "9");
    headers.add("retry-after-ms", "10");
    EXPECT_EQ(retry_after(headers, {}), 10ms);
}

TEST(explain_test, names_the_provider_and_masks_every_secret) {
    config::provider_settings settings;
    settings.api_keys.emplace_back("plain-canary-key");
    settings.headers["x-team"] = "header-canary";
    settings.base_url = "https://proxy.test/v1?v=2&key=url-canary&to=";
    const auto e = explain(error(errc::auth_provider,
                                 "no: plain-canary-key header-canary url-canary sk-abc_123 Bearer "
                                 "xyz.1 AIzaQ end"),
                           "acme", settings);
    EXPECT_EQ(e.message, "acme: no: *** *** *** *** *** *** end");
    EXPECT_THAT(e.hint, HasSubstr("models.providers.acme.apiKey"));
}

TEST(explain_test, keeps_control_characters_and_novels_out) {
    const auto e = explain(error(errc::rejected, "a\nb\x1b[31m" + std::string(5000, 'x')), "acme", {});
    EXPECT_THAT(e.message, Not(HasSubstr("\n")));
    EXPECT_LT(e.message.size(), 500u);
}

}  // namespace
}  // namespace openclaw::agents
