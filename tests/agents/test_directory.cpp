#include "openclaw/agents/directory.hpp"

#include "agents/model_choice.hpp"
#include "openclaw/config/foreseen.hpp"
#include "openclaw/agents/relay.hpp"

#include "agents/stubs.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

#include <set>

namespace openclaw::agents {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using namespace test_stubs;

class directory_test : public ::testing::Test {
protected:
    std::unique_ptr<directory> build() {
        return directory::build(
            settings, client,
            [this](const std::string& name) -> std::optional<std::string> {
                const auto at = variables.find(name);
                return at == variables.end() ? std::nullopt : std::optional(at->second);
            },
            [this](std::uint16_t port) {
                probed.push_back(port);
                return open_ports.contains(port);
            });
    }
    static std::string primary(const directory& d) {
        const auto& candidates = d.default_agent().candidates;
        return candidates.empty() ? "" : candidates.front().ref.str();
    }

    config::settings settings;
    stub_client client;
    std::map<std::string, std::string> variables;
    std::set<std::uint16_t> open_ports;
    std::vector<std::uint16_t> probed;
};

struct choice_case {
    const char* name;
    std::map<std::string, std::string> variables;
    std::set<std::uint16_t> ports;
    const char* model;
    const char* note;
};

// The configuration warns of models of providers that it does not know, and so has to know these.
TEST(known_providers, are_known_to_the_configuration) {
    for (const auto& known : known_providers()) {
        EXPECT_TRUE(config::is_known_provider(known.name)) << known.name;
    }
    EXPECT_FALSE(config::is_known_provider("nope"));
}

class model_choice_test : public directory_test, public ::testing::WithParamInterface<choice_case> {};

TEST_P(model_choice_test, takes_the_first_there_is) {
    variables = GetParam().variables;
    open_ports = GetParam().ports;
    const auto made = build();
    EXPECT_EQ(primary(*made), GetParam().model);
    EXPECT_EQ(made->configured(), std::string_view(GetParam().model) != "local/echo");
    EXPECT_THAT(made->notes(), Contains(HasSubstr(GetParam().note)));
    EXPECT_EQ(made->default_agent().id, "main");
}

INSTANTIATE_TEST_SUITE_P(order, model_choice_test, ::testing::Values(
    choice_case{"anthropic", {{"ANTHROPIC_API_KEY", "k"}, {"OPENAI_API_KEY", "k"}}, {11434},
                "anthropic/claude-sonnet-4-20250514", "ANTHROPIC_API_KEY"},
    choice_case{"openai", {{"ANTHROPIC_API_KEY", ""}, {"OPENAI_API_KEY", "k"}}, {11434},
                "openai/gpt-4o-mini", "OPENAI_API_KEY"},
    choice_case{"gemini_is_skipped", {{"GEMINI_API_KEY", "k"}}, {11434}, "ollama/llama3.2",
                "GEMINI_API_KEY is set, but"},
    choice_case{"ollama", {}, {11434, 1234}, "ollama/llama3.2", "port 11434"},
    choice_case{"lmstudio", {}, {1234}, "lmstudio/local-model", "port 1234"},
    choice_case{"echo", {}, {}, "local/echo", "local/echo answers"}),
    [](const auto& i) { return i.param.name; });

TEST_F(directory_test, a_named_model_takes_its_key_from_the_environment_and_nothing_is_probed) {
    settings.agents.defaults.model = {"openai/gpt-x", {"anthropic/claude-x"}};
    variables = {{"OPENAI_API_KEY", "k1"}, {"ANTHROPIC_API_KEY", "k2"}};
    const auto made = build();
    EXPECT_TRUE(probed.empty());
    const auto& candidates = made->default_agent().candidates;
    ASSERT_EQ(candidates.size(), 2u);
    EXPECT_EQ(candidates[0].ref.str(), "openai/gpt-x");
    EXPECT_EQ(candidates[0].provider->api(), "openai-completions");
    EXPECT_EQ(candidates[1].provider->api(), "anthropic-messages");
    EXPECT_EQ(candidates[1].model.context_window, 200'000u);
    EXPECT_EQ(made->provider_settings("openai")->api_keys.at(0).reveal(), "k1");
}

TEST_F(directory_test, a_missing_key_leaves_no_candidate_and_says_what_to_do) {
    settings.agents.defaults.model.primary = "anthropic/claude-x";
    const auto made = build();
    const auto& a = made->default_agent();
    EXPECT_TRUE(a.candidates.empty());
    EXPECT_FALSE(made->configured());
    EXPECT_EQ(a.no_model.code, errc::auth_provider);
    EXPECT_THAT(a.no_model.hint, HasSubstr("ANTHROPIC_API_KEY"));
    EXPECT_THAT(a.no_model.hint, HasSubstr("openclaw config set models.providers.anthropic.apiKey"));
    EXPECT_THAT(made->notes(), Contains(HasSubstr("anthropic/claude-x cannot be used")));
}

TEST_F(directory_test, a_usable_fallback_stands_in_for_an_unusable_primary) {
    settings.agents.defaults.model = {"nobody/x", {"nonsense", "local/echo"}};
    const auto made = build();
    EXPECT_EQ(primary(*made), "local/echo");
    EXPECT_EQ(made->notes().size(), 2u);
}

TEST_F(directory_test, a_configured_provider_comes_before_the_environment) {
    variables = {{"ANTHROPIC_API_KEY", "k"}};
    auto& own = settings.providers["house"];
    own.base_url = "http://10.0.0.1/v1";
    own.models.resize(1);
    own.models[0].id = "big";
    own.models[0].context_window = 1234;
    const auto made = build();
    EXPECT_EQ(primary(*made), "house/big");
    EXPECT_EQ(made->default_agent().candidates[0].model.context_window, 1234u);
}

TEST_F(directory_test, a_provider_block_with_a_key_alone_is_enough) {
    settings.providers["anthropic"].api_keys.emplace_back("k");
    const auto made = build();
    EXPECT_EQ(primary(*made), "anthropic/claude-sonnet-4-20250514");
    EXPECT_EQ(made->default_agent().candidates[0].provider->api(), "anthropic-messages");
}

TEST_F(directory_test, an_environment_key_never_goes_to_another_address) {
    variables = {{"OPENAI_API_KEY", "k"}};
    settings.providers["openai"].base_url = "http://evil.example/v1";
    const auto made = build();
    EXPECT_TRUE(made->provider_settings("openai")->api_keys.empty());
}

TEST_F(directory_test, a_provider_without_an_address_is_not_sent_to_openai) {
    settings.providers["house"].api_keys.emplace_back("k");
    settings.agents.defaults.model.primary = "house/x";
    const auto made = build();
    EXPECT_TRUE(made->default_agent().candidates.empty());
    EXPECT_EQ(made->default_agent().no_model.code, errc::config);
}

TEST_F(directory_test, agents_have_their_own_limits_and_the_model_of_the_defaults) {
    settings.agents.defaults.model.primary = "local/echo";
    settings.agents.list.resize(2);
    settings.agents.list[0].id = "one";
    settings.agents.list[1].id = "two";
    settings.agents.list[1].is_default = true;
    settings.agents.list[1].system_prompt = "own";
    settings.agents.list[1].limits.max_steps = 3;
    settings.agents.list[1].limits.turn_timeout = std::chrono::milliseconds(77);
    const auto made = build();
    EXPECT_EQ(made->default_agent().id, "two");
    EXPECT_FALSE(made->find("one")->system_prompt.empty());
    EXPECT_EQ(made->find("one")->max_steps, 25u);
    EXPECT_EQ(made->find("two")->system_prompt, "own");
    EXPECT_EQ(made->find("two")->max_steps, 3u);
    EXPECT_EQ(made->find("two")->turn_timeout, std::chrono::milliseconds(77));
    EXPECT_EQ(made->find("two")->candidates[0].ref.str(), "local/echo");
    EXPECT_EQ(made->find("three"), nullptr);
}

TEST_F(directory_test, models_are_found_by_list_or_freely) {
    auto& listing = settings.providers["listing"];
    listing.base_url = "http://10.0.0.1/v1";
    listing.models.resize(1);
    listing.models[0].id = "a";
    settings.providers["free"].base_url = "http://10.0.0.2/v1";
    const auto made = build();
    EXPECT_TRUE(made->find_model({"listing", "a"}));
    EXPECT_FALSE(made->find_model({"listing", "b"}));
    EXPECT_TRUE(made->find_model({"free", "anything/at:all"}));
    EXPECT_FALSE(made->find_model({"nobody", "a"}));
    EXPECT_TRUE(made->find_model({"local", "echo"}));
    std::vector<std::string> names;
    for (const auto& ref : made->models()) names.push_back(ref.str());
    EXPECT_THAT(names, ::testing::ElementsAre("listing/a", "local/echo"));
}

// An id with a slash in it looks like a name in full.
TEST_F(directory_test, a_model_named_in_full_goes_to_its_own_provider) {
    for (const char* name : {"aaa", "bbb"}) {
        auto& provider = settings.providers[name];
        provider.base_url = "http://10.0.0.1/v1";
        provider.models.resize(2);
        provider.models[0].id = std::string_view(name) == "aaa" ? "bbb/m1" : "m1";
        provider.models[1].id = "both";
    }
    const auto made = build();
    EXPECT_EQ(made->model_named("bbb/m1")->ref.str(), "bbb/m1");
    EXPECT_EQ(made->model_named("bbb/m1")->ref.provider_name, "bbb");
    EXPECT_EQ(made->model_named("aaa/bbb/m1")->ref.provider_name, "aaa");
    EXPECT_EQ(made->model_named("m1")->ref.str(), "bbb/m1");
    EXPECT_EQ(made->model_named("both").error().code, errc::invalid_input) << "two have it";
    EXPECT_FALSE(made->model_named("nobody/m1"));
    EXPECT_FALSE(made->model_named("m9"));
}

class relay_test : public directory_test {
protected:
    relay_test() {
        auto& house = settings.providers["house"];
        house.base_url = "http://10.0.0.1/v1";
        house.api_keys.emplace_back("canary");
        settings.providers["claude"].api = config::provider_api::anthropic_messages;
        settings.providers["claude"].base_url = "http://10.0.0.2";
        settings.providers["claude"].api_keys.emplace_back("canary");
        canned_reply reply;
        reply.status = 418;
        reply.body = "short and stout";
        client.replies = {reply};
    }
    result<net::streaming_response> relay(const model_ref& ref, std::string body,
                                          relayed_api api = relayed_api::chat_completions) {
        const auto made = build();
        relayed_request request;
        request.api = api;
        request.body = std::move(body);
        if (api == relayed_api::messages) request.headers.add("anthropic-version", "2023-06-01");
        return test::run(io, agents::relay(*made, client, ref, std::move(request)));
    }
    asio::io_context io;
};

TEST_F(relay_test, hands_the_body_on_with_the_models_own_name_and_the_key) {
    const auto out = relay({"house", "m"}, R"( {"z":{"b":1,"a":1.50}, "model" : "house/m","a":"\u00e9"})");
    ASSERT_TRUE(out);
    EXPECT_EQ(out->status, 418);
    EXPECT_EQ(client.sent[0].request.body, R"( {"z":{"b":1,"a":1.50}, "model" : "m","a":"\u00e9"})");
    EXPECT_EQ(client.sent[0].to.str(), "http://10.0.0.1/v1/chat/completions");
    EXPECT_EQ(client.sent[0].request.headers.get("authorization"), "Bearer canary");
}

TEST_F(relay_test, knows_where_each_api_is) {
    settings.providers["answers"].api = config::provider_api::openai_responses;
    settings.providers["answers"].base_url = "http://10.0.0.3/v1";
    client.replies.resize(4, client.replies.front());
    const std::string body = R"({"model":"x"})";
    ASSERT_TRUE(relay({"house", "m"}, body, relayed_api::responses));
    ASSERT_TRUE(relay({"house", "m"}, body, relayed_api::embeddings));
    ASSERT_TRUE(relay({"answers", "m"}, body, relayed_api::responses));
    ASSERT_TRUE(relay({"claude", "m"}, body, relayed_api::messages));
    EXPECT_EQ(client.sent[0].to.str(), "http://10.0.0.1/v1/responses");
    EXPECT_EQ(client.sent[1].to.str(), "http://10.0.0.1/v1/embeddings");
    EXPECT_EQ(client.sent[2].to.str(), "http://10.0.0.3/v1/responses");
    EXPECT_EQ(client.sent[3].to.str(), "http://10.0.0.2/v1/messages");
    EXPECT_EQ(client.sent[3].request.headers.get("x-api-key"), "canary");
    EXPECT_EQ(client.sent[3].request.headers.get("anthropic-version"), "2023-06-01");
    EXPECT_FALSE(client.sent[3].request.headers.has("authorization"));
    EXPECT_EQ(relay({"answers", "m"}, body).error().code, errc::invalid_input);
    EXPECT_EQ(relay({"claude", "m"}, body, relayed_api::responses).error().code, errc::invalid_input);
    EXPECT_EQ(relay({"house", "m"}, body, relayed_api::messages).error().code, errc::invalid_input);
}

TEST_F(relay_test, refuses_what_it_cannot_relay) {
    EXPECT_EQ(relay({"claude", "m"}, R"({"model":"x"})").error().code, errc::invalid_input);
    EXPECT_EQ(relay({"nobody", "m"}, R"({"model":"x"})").error().code, errc::not_found);
    EXPECT_EQ(relay({"local", "echo"}, R"({"model":"x"})").error().code, errc::invalid_input);
    EXPECT_EQ(relay({"house", "m"}, "{}").error().code, errc::invalid_input);
    EXPECT_TRUE(client.sent.empty());
}

struct refusal_case {
    const char* body;
    const char* shown;
};

class refusal_test : public relay_test, public ::testing::WithParamInterface<refusal_case> {};

TEST_P(refusal_test, masks_the_keys_in_an_error) {
    auto& reply = client.replies.front();
    reply.status = 400;
    reply.body = GetParam().body;
    reply.cut = 7;
    const auto made = build();
    relayed_request request;
    request.body = R"({"model":"x"})";
    auto out = test::run(io, agents::relay(*made, client, {"house", "m"}, std::move(request)));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->status, 400);
    EXPECT_EQ(test::run(io, out->read_all(1000)).value(), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(bodies, refusal_test, ::testing::Values(
    refusal_case{R"({"z":1, "a":"nothing to hide"})", R"({"z":1, "a":"nothing to hide"})"},
    refusal_case{R"({"error":{"message":"Incorrect API key: Bearer canary."}})",
                 R"({"error":{"message":"Incorrect API key: ***"}})"},
    refusal_case{R"({"error":"key can\u0061ry"})", R"({"error":"key ***"})"},
    refusal_case{R"([{"canary":["sk-else-123"]}])", R"([{"***":["***"]}])"},
    refusal_case{"<p>canary and sk-else-123</p>", "<p>*** and ***</p>"}));

TEST_F(relay_test, a_refused_key_is_the_gateways_affair) {
    for (const int status : {401, 403}) {
        client.replies.front().status = status;
        client.replies.front().body = R"({"error":{"message":"who is canary?"}})";
        const auto out = relay({"house", "m"}, R"({"model":"x"})");
        ASSERT_FALSE(out);
        EXPECT_EQ(out.error().code, errc::auth_provider);
        EXPECT_EQ(out.error().message.find("canary"), std::string::npos) << out.error().message;
    }
}

TEST_F(relay_test, tries_the_next_key_and_prefers_the_one_that_worked) {
    auto& keys = settings.providers["house"].api_keys;
    keys.emplace_back("second");
    keys.emplace_back("third");
    const canned_reply answer;
    canned_reply refused, limited;
    refused.status = 403;
    limited.status = 429;
    client.replies = {refused, limited, answer};
    const auto made = build();
    const auto ask = [&] {
        relayed_request request;
        request.body = R"({"model":"x"})";
        return test::run(io, agents::relay(*made, client, {"house", "m"}, std::move(request)));
    };
    EXPECT_EQ(ask().value().status, 200);
    EXPECT_EQ(ask().value().status, 200);
    ASSERT_EQ(client.sent.size(), 4u);
    const char* tried[] = {"canary", "second", "third", "third"};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(client.sent[i].request.headers.get("authorization"), std::string("Bearer ") + tried[i]);
        EXPECT_EQ(client.sent[i].request.body, R"({"model":"m"})");
    }
}

TEST_F(relay_test, tries_each_key_once_and_only_for_errors_about_keys) {
    settings.providers["house"].api_keys.emplace_back("second");
    client.replies.front().status = 429;
    client.replies.front().body = "slow down, second";
    auto out = relay({"house", "m"}, R"({"model":"x"})");
    EXPECT_EQ(client.sent.size(), 2u);
    EXPECT_EQ(out.value().status, 429);
    EXPECT_EQ(test::run(io, out->read_all(1000)).value(), "slow down, ***");
    client.sent.clear();
    client.replies.front().status = 400;
    EXPECT_EQ(relay({"house", "m"}, R"({"model":"x"})").value().status, 400);
    EXPECT_EQ(client.sent.size(), 1u);
}

TEST_F(relay_test, explains_a_failed_connection) {
    client.replies.front().failure = error(errc::network, "no way, canary");
    const auto out = relay({"house", "m"}, R"({"model":"x"})");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().message, "house: no way, ***");
}

}  // namespace
}  // namespace openclaw::agents
