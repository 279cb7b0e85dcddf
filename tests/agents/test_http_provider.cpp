#include "agents/http_provider.hpp"

#include "agents/stubs.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

namespace openclaw::agents {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace test_stubs;
using config::provider_api;

constexpr std::string_view openai_answer =
    ": keep-alive\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße, \"}}]}\r\n\r\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"世界\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n"
    "data: [DONE]\n\n";

constexpr std::string_view anthropic_answer =
    "event: message_start\n"
    "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5}}}\n\n"
    "event: ping\ndata: {\"type\":\"ping\"}\n\n"
    "event: content_block_start\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\n"
    "data: \"delta\":{\"type\":\"text_delta\",\"text\":\"Grüße, 世界\"}}\n\n"
    "event: message_delta\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
    "\"usage\":{\"output_tokens\":2}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

canned_reply stream(std::string_view body, std::size_t cut = 0) {
    canned_reply reply;
    reply.body = body;
    reply.cut = cut;
    return reply;
}

canned_reply failure(int status, std::string body,
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
    canned_reply reply;
    reply.status = status;
    reply.body = std::move(body);
    reply.headers = std::move(headers);
    return reply;
}

class http_provider_test : public ::testing::Test {
protected:
    http_provider_test() {
        settings.base_url = "http://127.0.0.1:9";
        settings.api_keys.emplace_back("canary-key-1");
    }

    result<completion> ask(provider_api api = provider_api::openai_completions) {
        settings.api = api;
        made = make_provider("acme", settings, client);
        return ask_again();
    }
    result<completion> ask_again() {
        completion_request request;
        request.model = "m-1";
        request.messages = rows;
        return test::run(io, made->complete(request, heard));
    }
    const net::header_list& sent_headers(std::size_t i = 0) { return client.sent.at(i).request.headers; }

    asio::io_context io;
    stub_client client;
    config::provider_settings settings;
    std::unique_ptr<provider> made;
    std::vector<chat_message> rows{user_message("hi")};
    collector heard;
};

struct cut_case {
    provider_api api;
    std::size_t bytes;
};

class cut_test : public http_provider_test, public ::testing::WithParamInterface<cut_case> {};

TEST_P(cut_test, any_cut_gives_the_same_answer) {
    const bool openai = GetParam().api == provider_api::openai_completions;
    client.replies = {stream(openai ? openai_answer : anthropic_answer, GetParam().bytes)};
    const auto out = ask(GetParam().api);
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(out->message.text(), "Grüße, 世界");
    EXPECT_EQ(heard.text, "Grüße, 世界");
    EXPECT_EQ(out->message.usage.input, 5);
    EXPECT_EQ(out->message.usage.output, 2);
    EXPECT_EQ(out->message.provider, "acme");
    EXPECT_EQ(out->message.model, "m-1");
}

std::vector<cut_case> all_cuts() {
    std::vector<cut_case> all;
    for (const auto api : {provider_api::openai_completions, provider_api::anthropic_messages}) {
        for (const std::size_t bytes : {0, 1, 2, 3, 5, 7, 64, 101}) all.push_back({api, bytes});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(bytes, cut_test, ::testing::ValuesIn(all_cuts()));

// A model that does not come to an end.
TEST_F(http_provider_test, an_answer_is_taken_as_far_as_its_bound) {
    const std::string words(1000, 'x');
    const std::string begin = "data: {\"type\":\"content_block_start\",\"index\":0,"
                              "\"content_block\":{\"type\":\"text\"}}\n\n";
    const std::string theirs = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                               "\"text_delta\",\"text\":\"" + words + "\"}}\n\n";
    const std::string ours = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + words +
                             "\"}}]}\n\n";
    for (const auto api : {provider_api::openai_completions, provider_api::anthropic_messages}) {
        const bool openai = api == provider_api::openai_completions;
        std::string endless = openai ? "" : begin;
        for (int i = 0; i < 3000; ++i) endless += openai ? ours : theirs;
        heard.text.clear();
        client.replies = {stream(endless, 4096)};
        const auto out = ask(api);
        ASSERT_TRUE(out) << out.error().message;
        EXPECT_EQ(out->message.stop_reason, "length");
        EXPECT_GT(out->message.text().size(), max_answer);
        EXPECT_LT(out->message.text().size(), max_answer + 8192);
        EXPECT_EQ(heard.text, out->message.text()) << "the user saw what the transcript keeps";
    }
}

TEST_F(http_provider_test, openai_gets_a_bearer_key_and_its_path) {
    client.replies = {stream(openai_answer)};
    settings.base_url = "http://127.0.0.1:9/v1/";
    settings.headers["X-Team"] = "blue";
    settings.first_byte_timeout = std::chrono::milliseconds(77);
    ASSERT_TRUE(ask());
    const auto& sent = client.sent.at(0);
    EXPECT_EQ(sent.to.str(), "http://127.0.0.1:9/v1/chat/completions");
    EXPECT_EQ(sent.request.method, "POST");
    EXPECT_EQ(sent.request.target, "/v1/chat/completions");
    EXPECT_EQ(sent_headers().get("authorization"), "Bearer canary-key-1");
    EXPECT_EQ(sent_headers().get("x-team"), "blue");
    EXPECT_EQ(sent_headers().get("content-type"), "application/json");
    EXPECT_EQ(sent.limits.first_byte, std::chrono::milliseconds(77));
    const auto body = json::parse(sent.request.body);
    EXPECT_EQ(body["model"], "m-1");
    EXPECT_TRUE(body.contains("max_tokens"));
}

TEST_F(http_provider_test, openai_itself_gets_max_completion_tokens) {
    client.replies = {stream(openai_answer)};
    settings.base_url.clear();
    ASSERT_TRUE(ask());
    EXPECT_EQ(client.sent[0].to.str(), "https://api.openai.com/v1/chat/completions");
    EXPECT_TRUE(json::parse(client.sent[0].request.body).contains("max_completion_tokens"));
}

TEST_F(http_provider_test, ollama_is_spoken_to_through_v1) {
    client.replies = {stream(openai_answer)};
    settings.base_url = "http://127.0.0.1:11434";
    settings.api_keys.clear();
    ASSERT_TRUE(ask(provider_api::ollama));
    EXPECT_EQ(client.sent[0].to.str(), "http://127.0.0.1:11434/v1/chat/completions");
    EXPECT_FALSE(sent_headers().has("authorization"));
    EXPECT_EQ(made->api(), "ollama");
}

struct auth_case {
    const char* name;
    const char* key;
    const char* header;   // of the settings; empty: none
    const char* x_api_key;
    const char* authorization;
};

class anthropic_auth_test : public http_provider_test, public ::testing::WithParamInterface<auth_case> {};

TEST_P(anthropic_auth_test, puts_the_key_where_it_belongs) {
    const auto& c = GetParam();
    client.replies = {stream(anthropic_answer)};
    settings.api_keys.clear();
    settings.api_keys.emplace_back(c.key);
    if (c.header[0] != '\0') settings.headers[c.header] = "own";
    ASSERT_TRUE(ask(provider_api::anthropic_messages));
    EXPECT_EQ(client.sent[0].to.str(), "http://127.0.0.1:9/v1/messages");
    EXPECT_EQ(sent_headers().get("x-api-key"), c.x_api_key);
    EXPECT_EQ(sent_headers().get("authorization"), c.authorization);
    EXPECT_EQ(sent_headers().get("anthropic-version"), "2026-10-21");
}

INSTANTIATE_TEST_SUITE_P(keys, anthropic_auth_test, ::testing::Values(
    auth_case{"api_key", "sk-ant-api03-x", "", "sk-ant-api03-x", ""},
    auth_case{"oauth", "sk-ant-oat01-x", "", "", "Bearer sk-ant-oat01-x"},
    auth_case{"own_authorization", "sk-ant-api03-x", "Authorization", "", "own"},
    auth_case{"own_key", "sk-ant-api03-x", "X-API-Key", "own", ""}),
    [](const auto& i) { return i.param.name; });

TEST_F(http_provider_test, an_older_anthropic_version_can_be_chosen) {
    client.replies = {stream(anthropic_answer)};
    settings.api_version = "2023-06-01";
    ASSERT_TRUE(ask(provider_api::anthropic_messages));
    EXPECT_EQ(sent_headers().get("anthropic-version"), "2023-06-01");
}

TEST_F(http_provider_test, an_error_status_becomes_its_class_without_the_key) {
    client.replies = {failure(429, R"({"error":{"message":"slow, canary-key-1","code":"x"}})",
                              {{"Retry-After", "3"}})};
    const auto out = ask();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::rate_limited);
    EXPECT_EQ(out.error().retry_after, std::chrono::seconds(3));
    EXPECT_THAT(out.error().message, HasSubstr("acme: too many requests (HTTP 429): slow, ***"));
    EXPECT_THAT(out.error().to_string(), Not(HasSubstr("canary")));
}

TEST_F(http_provider_test, an_error_after_the_status_becomes_its_class) {
    client.replies = {stream("data: {\"error\":{\"message\":\"x\",\"code\":\"slow_down\"}}\n\n")};
    EXPECT_EQ(ask().error().code, errc::rate_limited);
}

TEST_F(http_provider_test, a_stream_that_breaks_off_is_an_error) {
    client.replies = {stream(openai_answer.substr(0, 200))};
    EXPECT_EQ(ask().error().code, errc::protocol);
    auto reset = stream(openai_answer.substr(0, 200));
    reset.body_failure = error(errc::network, "reset");
    client.replies = {reset};
    EXPECT_EQ(ask().error().code, errc::network);
}

TEST_F(http_provider_test, a_reset_after_the_whole_answer_does_not_matter) {
    auto late = stream(openai_answer.substr(0, openai_answer.find("data: [DONE]")));
    late.body_failure = error(errc::network, "reset");
    client.replies = {late};
    const auto out = ask();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->message.text(), "Grüße, 世界");
}

TEST_F(http_provider_test, an_answer_that_is_not_streamed_is_taken) {
    client.replies = {failure(200, R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})",
                              {{"content-type", "application/json"}})};
    const auto out = ask();
    ASSERT_TRUE(out);
    EXPECT_EQ(out->message.text(), "Hi");
}

TEST_F(http_provider_test, a_web_page_is_no_answer) {
    client.replies = {failure(200, "<html>hello</html>", {{"content-type", "text/html"}})};
    const auto out = ask();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::protocol);
    EXPECT_THAT(out.error().hint, HasSubstr("models.providers.acme"));
}

TEST_F(http_provider_test, transport_errors_keep_their_class_and_name_the_provider) {
    for (const auto code : {errc::network, errc::tls, errc::timed_out}) {
        canned_reply reply;
        reply.failure = error(code, "no way");
        client.replies = {reply};
        const auto out = ask();
        ASSERT_FALSE(out);
        EXPECT_EQ(out.error().code, code);
        EXPECT_EQ(out.error().message, "acme: no way");
        EXPECT_FALSE(out.error().hint.empty());
    }
}

TEST_F(http_provider_test, another_key_is_tried_and_then_preferred) {
    settings.api_keys.emplace_back("canary-key-2");
    client.replies = {failure(401, "{}"), stream(openai_answer)};
    ASSERT_TRUE(ask());
    ASSERT_TRUE(ask_again());
    ASSERT_EQ(client.sent.size(), 3u);
    EXPECT_EQ(sent_headers(0).get("authorization"), "Bearer canary-key-1");
    EXPECT_EQ(sent_headers(1).get("authorization"), "Bearer canary-key-2");
    EXPECT_EQ(sent_headers(2).get("authorization"), "Bearer canary-key-2");
}

TEST_F(http_provider_test, each_key_is_tried_once_and_only_for_errors_about_keys) {
    settings.api_keys.emplace_back("canary-key-2");
    client.replies = {failure(402, "{}")};
    EXPECT_EQ(ask().error().code, errc::billing);
    EXPECT_EQ(client.sent.size(), 2u);
    client.sent.clear();
    client.replies = {failure(500, "{}")};
    EXPECT_EQ(ask().error().code, errc::overloaded);
    EXPECT_EQ(client.sent.size(), 1u);
}

TEST_F(http_provider_test, a_bad_address_is_told_when_it_is_used) {
    settings.base_url = "not a url";
    const auto out = ask();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, errc::rejected);
    EXPECT_TRUE(client.sent.empty());
}

TEST_F(http_provider_test, apis_of_later_versions_say_so) {
    for (const auto api : {provider_api::openai_responses, provider_api::google_generative_ai}) {
        const auto out = ask(api);
        ASSERT_FALSE(out);
        EXPECT_EQ(out.error().code, errc::rejected);
        EXPECT_THAT(out.error().message, HasSubstr("not spoken by this version"));
    }
}

struct ref_case {
    const char* text;
    const char* provider;   // empty: refused
    const char* model;
};

TEST(parse_model_ref_test, splits_at_the_first_slash) {
    for (const auto& c : {ref_case{"a/b", "a", "b"}, ref_case{"or/meta/llama:1", "or", "meta/llama:1"},
                          ref_case{"a", "", ""}, ref_case{"/b", "", ""}, ref_case{"a/", "", ""},
                          ref_case{"", "", ""}}) {
        const auto ref = parse_model_ref(c.text);
        ASSERT_EQ(ref.has_value(), c.provider[0] != '\0') << c.text;
        if (!ref) continue;
        EXPECT_EQ(ref->provider_name, c.provider);
        EXPECT_EQ(ref->model, c.model);
        EXPECT_EQ(ref->str(), c.text);
    }
}

}  // namespace
}  // namespace openclaw::agents
