// What the HTTP routes answer: health, metrics, OpenAI's chat completions, webhooks.

#include "support/gateway_fixture.hpp"
#include "support/script_server.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json.hpp"

#include <gtest/gtest.h>

namespace openclaw {
namespace {

using test::gateway_fixture;
using test::wire_client;

json chat_body(const std::string& text, const std::string& model = "openclaw") {
    return {{"model", model},
            {"messages", json::array({{{"role", "user"}, {"content", text}}})}};
}

// The data of each event of a stream.
std::vector<std::string> events_of(const std::string& body) {
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at < body.size()) {
        const auto end = body.find("\n\n", at);
        if (end == std::string::npos) {
            ADD_FAILURE() << "an event without its end";
            break;
        }
        const auto event = body.substr(at, end - at);
        if (event.starts_with("data: ")) out.push_back(event.substr(6));
        at = end + 2;
    }
    return out;
}

config::provider_settings provider_at(const test::script_server& server) {
    config::provider_settings p;
    p.base_url = server.url("/v1");
    p.api_keys.push_back(secret("provider-key"));
    config::model_settings m;
    m.id = "gpt-4";
    p.models.push_back(m);
    return p;
}

class http_api : public testing::Test {
protected:
    gateway_fixture gateway;
};

TEST_F(http_api, health_has_the_shape_of_the_product) {
    const auto r = gateway.ask("GET", "/health", "", "", "");
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.field("cache-control"), "no-store");
    auto body = json::parse(r.body);
    EXPECT_EQ(body["status"], "healthy");
    const std::string at = body["timestamp"].get<std::string>();
    EXPECT_EQ(at.size(), 20u);
    EXPECT_EQ(at.back(), 'Z');
    auto& parts = body["components"];
    EXPECT_EQ(parts.size(), 4u);
    EXPECT_EQ(parts["gateway"]["status"], "healthy");
    EXPECT_EQ(parts["gateway"]["version"], "1.2.3");
    EXPECT_TRUE(parts["gateway"]["uptime"].is_string());
    EXPECT_EQ(parts["channels"], json({{"status", "healthy"}, {"connected", 3}, {"total", 5}}));
    EXPECT_EQ(parts["agents"]["status"], "healthy");
    EXPECT_TRUE(parts["agents"]["active"].is_number_integer());
    EXPECT_TRUE(parts["agents"]["idle"].is_number_integer());
    EXPECT_TRUE(parts["memory"]["used"].is_string());
    EXPECT_TRUE(parts["memory"]["limit"].is_string());
    EXPECT_TRUE(parts["memory"]["percentage"].is_number());
    EXPECT_EQ(r.body.find(test::gateway_token), std::string::npos);
}

TEST_F(http_api, degraded_is_200_and_unhealthy_503) {
    gateway.health().set("providers", metrics::health::degraded, "one is down");
    const auto r = gateway.ask("GET", "/health", "", "", "");
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(json::parse(r.body)["status"], "degraded");
    EXPECT_EQ(r.body.find("one is down"), std::string::npos) << "reasons are not for everybody";
    gateway.health().set("store", metrics::health::unhealthy, "gone");
    const auto detail = gateway.ask("GET", "/health?detail=1");
    EXPECT_EQ(detail.status, 503);
    const auto parts = json::parse(detail.body)["components"];
    EXPECT_EQ(parts["providers"]["reason"], "one is down");
    EXPECT_TRUE(parts.contains("queue"));
    EXPECT_TRUE(parts["store"].contains("size"));
}

TEST_F(http_api, probes) {
    EXPECT_EQ(gateway.ask("GET", "/healthz", "", "", "").body, R"({"ok":true,"status":"live"})");
    for (const char* path : {"/readyz", "/ready"}) {
        const auto r = json::parse(gateway.ask("GET", path, "", "", "").body);
        EXPECT_EQ(r["ready"], true);
        EXPECT_EQ(r["failing"], json::array());
        EXPECT_TRUE(r["uptimeMs"].is_number_integer());
    }
    for (const char* path : {"/startupz", "/startup"}) {
        const auto started = json::parse(gateway.ask("GET", path, "", "", "").body);
        EXPECT_EQ(started["ok"], true);
        EXPECT_EQ(started["status"], "started");
        EXPECT_EQ(started["version"], "1.2.3");
        EXPECT_TRUE(started["uptimeMs"].is_number_integer());
    }
}

TEST_F(http_api, metrics_are_for_this_machine_or_a_credential) {
    const auto r = gateway.ask("GET", "/metrics", "", "", "");
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for (const char* name : {"openclaw_http_requests_total", "process_resident_memory_bytes",
                             "openclaw_http_request_duration_seconds_bucket"}) {
        EXPECT_NE(r.body.find(name), std::string::npos) << name;
    }
    const std::string proxied = "X-Forwarded-For: 203.0.113.9\r\n";
    EXPECT_EQ(gateway.ask("GET", "/metrics", "", proxied, "").status, 401);
    EXPECT_EQ(gateway.ask("GET", "/metrics", "", proxied, "wrong").status, 401);
    EXPECT_EQ(gateway.ask("GET", "/metrics", "", "", "wrong").status, 401);
    EXPECT_EQ(gateway.ask("GET", "/metrics", "", proxied).status, 200);
}

TEST_F(http_api, metrics_count_by_class) {
    gateway.ask("GET", "/nothing");
    gateway.ask("GET", "/nothing");
    const auto body = gateway.ask("GET", "/metrics").body;
    EXPECT_NE(body.find("openclaw_http_requests_total{code=\"4xx\"} 2"), std::string::npos) << body;
}

TEST_F(http_api, models_are_listed_and_looked_up) {
    const auto list = json::parse(gateway.ask("GET", "/v1/models").body);
    EXPECT_EQ(list["object"], "list");
    EXPECT_EQ(list["data"][0], json({{"id", "openclaw"},
                                     {"object", "model"},
                                     {"created", 0},
                                     {"owned_by", "openclaw"},
                                     {"permission", json::array()}}));
    EXPECT_EQ(list["data"][1]["id"], "openclaw/default");
    EXPECT_EQ(list["data"][2]["id"], "openclaw/main");
    EXPECT_EQ(json::parse(gateway.ask("GET", "/v1/models/openclaw%2Fmain").body)["id"],
              "openclaw/main");
    const auto unknown = gateway.ask("GET", "/v1/models/gpt-9");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(json::parse(unknown.body)["error"]["message"], "Invalid model id.");
}

TEST_F(http_api, a_completion_comes_as_a_whole) {
    const auto r = gateway.ask("POST", "/v1/chat/completions", chat_body("hello").dump());
    ASSERT_EQ(r.status, 200) << r.body;
    const auto c = json::parse(r.body);
    EXPECT_TRUE(c["id"].get<std::string>().starts_with("chatcmpl_"));
    EXPECT_EQ(c["object"], "chat.completion");
    EXPECT_TRUE(c["created"].is_number_integer());
    EXPECT_EQ(c["model"], "openclaw");
    const auto& choice = c["choices"][0];
    EXPECT_EQ(choice["index"], 0);
    EXPECT_EQ(choice["finish_reason"], "stop");
    EXPECT_EQ(choice["message"]["role"], "assistant");
    EXPECT_TRUE(choice["message"]["content"].get<std::string>().starts_with("You said: hello"));
    const auto& usage = c["usage"];
    EXPECT_EQ(usage["total_tokens"].get<int>(),
              usage["prompt_tokens"].get<int>() + usage["completion_tokens"].get<int>());
}

TEST_F(http_api, a_completion_comes_as_a_stream) {
    auto body = chat_body("hello");
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
    wire_client client(gateway.port());
    const auto r = client.ask(gateway.request("POST", "/v1/chat/completions", body.dump()));
    ASSERT_EQ(r.status, 200);
    EXPECT_EQ(r.field("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_FALSE(r.field("x-request-id").empty());
    const auto events = events_of(r.body);
    ASSERT_GE(events.size(), 5u);
    EXPECT_EQ(events.back(), "[DONE]");
    EXPECT_EQ(json::parse(events[0])["choices"][0]["delta"]["role"], "assistant");
    std::string text;
    for (std::size_t i = 0; i + 3 < events.size(); ++i) {
        const auto chunk = json::parse(events[i]);
        EXPECT_EQ(chunk["object"], "chat.completion.chunk");
        EXPECT_EQ(chunk["id"], json::parse(events[0])["id"]);
        EXPECT_TRUE(chunk["choices"][0]["finish_reason"].is_null());
        text += chunk["choices"][0]["delta"].value("content", "");
    }
    EXPECT_TRUE(text.starts_with("You said: hello"));
    const auto last = json::parse(events[events.size() - 3]);
    EXPECT_EQ(last["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(last["choices"][0]["delta"], json::object());
    const auto usage = json::parse(events[events.size() - 2]);
    EXPECT_EQ(usage["choices"], json::array());
    EXPECT_GT(usage["usage"]["total_tokens"], 0);
    EXPECT_EQ(client.ask(gateway.request("GET", "/healthz")).status, 200) << "keep-alive holds";
}

TEST_F(http_api, a_stream_without_chunks_ends_with_the_connection) {
    auto body = chat_body("hello");
    body["stream"] = true;
    auto request = gateway.request("POST", "/v1/chat/completions", body.dump());
    request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
    wire_client client(gateway.port());
    const auto r = client.ask(request);
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.field("transfer-encoding"), "");
    EXPECT_EQ(events_of(r.body).back(), "[DONE]");
}

TEST_F(http_api, completions_name_what_is_wrong) {
    const auto message_of = [&](const json& body) {
        const auto r = gateway.ask("POST", "/v1/chat/completions", body.dump());
        EXPECT_EQ(r.status, 400) << r.body;
        const auto e = json::parse(r.body)["error"];
        EXPECT_EQ(e["type"], "invalid_request_error");
        return e["message"].get<std::string>();
    };
    EXPECT_EQ(message_of(chat_body("x", "openclaw/nobody")), "Unknown agent 'nobody'.");
    EXPECT_TRUE(message_of(chat_body("x", "gpt-4")).starts_with("Invalid `model`. Use `openclaw`"));
    EXPECT_TRUE(message_of(chat_body("x", "mock/gpt-4")).starts_with("Invalid `model`."));
    json body = chat_body("x");
    body["messages"] = json::array();
    EXPECT_EQ(message_of(body), "Missing user message in `messages`.");
}

TEST_F(http_api, a_user_keeps_a_session_and_strangers_get_fresh_ones) {
    auto body = chat_body("first");
    body["user"] = "ann";
    const auto content_of = [&](const json& b, const std::string& fields = {}) {
        const auto r = gateway.ask("POST", "/v1/chat/completions", b.dump(), fields);
        EXPECT_EQ(r.status, 200) << r.body;
        return json::parse(r.body)["choices"][0]["message"]["content"].get<std::string>();
    };
    const std::string introduction = "no model is configured yet";
    EXPECT_NE(content_of(body).find(introduction), std::string::npos);
    EXPECT_EQ(content_of(body).find(introduction), std::string::npos) << "it remembers";
    EXPECT_NE(content_of(chat_body("first")).find(introduction), std::string::npos);
    const std::string key = "X-OpenClaw-Session-Key: agent:main:own\r\n";
    EXPECT_NE(content_of(chat_body("a"), key).find(introduction), std::string::npos);
    EXPECT_EQ(content_of(chat_body("b"), key).find(introduction), std::string::npos);
}

TEST(http_provider_errors, are_told_without_the_providers_words) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        while (true) {
            auto request = co_await peer.request();
            if (request.empty()) co_return;
            auto answer = test::http_answer(
                R"({"error":{"message":"bad key provider-key of account 7","type":"x"}})",
                "401 Unauthorized", "Content-Type: application/json\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    });
    auto settings = test::gateway_settings();
    settings.providers["mock"] = provider_at(provider);
    settings.agents.defaults.model.primary = "mock/gpt-4";
    gateway_fixture gateway(settings);
    for (const bool stream : {false, true}) {
        auto body = chat_body("x");
        body["stream"] = stream;
        const auto r = gateway.ask("POST", "/v1/chat/completions", body.dump());
        EXPECT_EQ(r.status, 502) << r.body;
        EXPECT_EQ(r.body.find("account 7"), std::string::npos) << r.body;
        EXPECT_EQ(json::parse(r.body)["error"]["code"], "auth_provider");
    }
}

TEST(http_pass_through, hands_on_what_the_provider_says) {
    std::string seen;
    test::script_server provider([&](test::script_peer& peer, unsigned) -> task<> {
        while (true) {
            auto request = co_await peer.request();
            if (request.empty()) co_return;
            seen = request;
            auto answer = test::http_answer(R"({"id":"x","object":"chat.completion"})", "200 OK",
                                            "Content-Type: application/json\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    });
    auto settings = test::gateway_settings();
    settings.providers["mock"] = provider_at(provider);
    gateway_fixture gateway(settings);
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    const auto body = [&](const std::string& model) {
        return R"({"z":{"b":1.0,"a":)" + deep + R"(}, "model" : ")" + model + R"(","messages":[]})";
    };
    const auto r = gateway.ask("POST", "/v1/chat/completions", body("mock/gpt-4"));
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.body, R"({"id":"x","object":"chat.completion"})");
    EXPECT_FALSE(r.field("x-request-id").empty());
    EXPECT_NE(seen.find("Bearer provider-key"), std::string::npos) << seen;
    EXPECT_EQ(seen.substr(seen.find("\r\n\r\n") + 4), body("gpt-4"));
    EXPECT_EQ(seen.find(test::gateway_token), std::string::npos) << "our token is not theirs";
}

TEST(http_pass_through, tells_a_refused_key_as_agents_do) {
    test::script_server provider([](test::script_peer& peer, unsigned) -> task<> {
        while (true) {
            auto request = co_await peer.request();
            if (request.empty()) co_return;
            const bool bad_key = request.find("/chat/") != std::string::npos;
            auto answer = test::http_answer(
                R"({"error":{"message":"Incorrect key: Bearer provider-key"}})",
                bad_key ? "401 Unauthorized" : "400 Bad Request",
                "Content-Type: application/json\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    });
    auto settings = test::gateway_settings();
    settings.providers["mock"] = provider_at(provider);
    gateway_fixture gateway(settings);
    const auto body = chat_body("x", "mock/gpt-4").dump();
    const auto refused = gateway.ask("POST", "/v1/chat/completions", body);
    EXPECT_EQ(refused.status, 502) << refused.body;
    EXPECT_EQ(json::parse(refused.body)["error"]["code"], "auth_provider");
    EXPECT_EQ(refused.body.find("provider-key"), std::string::npos) << refused.body;
    const auto wrong = gateway.ask("POST", "/v1/responses", body);
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(wrong.body, R"({"error":{"message":"Incorrect key: ***"}})");
}

// What begins with 200 can still be an error that quotes the key.
TEST(http_pass_through, masks_keys_in_the_errors_of_a_stream) {
    const std::string said = "data: {\"choices\":[{\"delta\":{\"content\":\"sk-example\"}}]}\n\n";
    test::script_server provider([&](test::script_peer& peer, unsigned) -> task<> {
        while (true) {
            const auto request = co_await peer.request();
            if (request.empty()) co_return;
            const bool whole = request.find("\"whole\"") != std::string::npos;
            const std::string error = R"({"error":{"message":"quota of provider-key is used up"}})";
            auto answer = test::http_answer(whole ? error : said + "data: " + error + "\n\n", "200 OK",
                                            whole ? "Content-Type: application/json\r\n"
                                                  : "Content-Type: text/event-stream\r\n");
            if (!co_await peer.send(std::move(answer))) co_return;
        }
    });
    auto settings = test::gateway_settings();
    settings.providers["mock"] = provider_at(provider);
    gateway_fixture gateway(settings);
    auto body = chat_body("x", "mock/gpt-4");
    const auto stream = gateway.ask("POST", "/v1/chat/completions", body.dump());
    const std::string masked = R"({"error":{"message":"quota of *** is used up"}})";
    EXPECT_EQ(stream.body, said + "data: " + masked + "\n\n");
    body["user"] = "whole";
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", body.dump()).body, masked);
}

config::settings with_hooks() {
    auto s = test::gateway_settings();
    config::hook_settings plain;
    plain.key = secret("hook-token");
    s.hooks["plain"] = plain;
    config::hook_settings github;
    github.verify = "github";
    github.key = secret("github-secret");
    github.text = "{{sender.login}} pushed {{commits.0.id}}";
    github.path = "/hooks/repo";
    s.hooks["github"] = github;
    return s;
}

class http_hooks : public testing::Test {
protected:
    test::wire_response post(const std::string& name, const std::string& body,
                             const std::string& fields = "X-OpenClaw-Token: hook-token\r\n") const {
        return gateway.ask("POST", "/hooks/" + name, body, fields, "");
    }
    gateway_fixture gateway{with_hooks()};
};

TEST_F(http_hooks, a_redelivery_starts_no_second_turn) {
    const std::string fields = "X-OpenClaw-Token: hook-token\r\nIdempotency-Key: k-1\r\n";
    const auto first = post("plain", R"({"message":"x"})", fields);
    EXPECT_EQ(first.status, 202) << first.body;
    const auto run = json::parse(first.body);
    EXPECT_EQ(run["ok"], true);
    EXPECT_FALSE(run["runId"].get<std::string>().empty());
    for (int i = 0; i < 3; ++i) {
        const auto again = post("plain", R"({"message":"x"})", fields);
        EXPECT_EQ(again.status, 200) << again.body;
        EXPECT_EQ(json::parse(again.body), run);
    }
    const auto other = post("plain", R"({"message":"x"})",
                            "X-OpenClaw-Token: hook-token\r\nIdempotency-Key: k-2\r\n");
    EXPECT_EQ(other.status, 202);
    EXPECT_NE(json::parse(other.body)["runId"], run["runId"]);
}

TEST_F(http_hooks, the_key_may_stand_in_the_body_of_a_plain_hook) {
    const std::string body = R"({"message":"x","idempotencyKey":"in-body"})";
    EXPECT_EQ(post("plain", body).status, 202);
    EXPECT_EQ(post("plain", body).status, 200);
}

TEST_F(http_hooks, without_proof_nothing_happens) {
    const std::string body = R"({"message":"x"})";
    for (const std::string fields : {"", "X-OpenClaw-Token: wrong\r\n",
                                     "Authorization: Bearer \r\n",
                                     "X-Hub-Signature-256: sha256=00\r\n"}) {
        const auto r = post("plain", body, fields);
        EXPECT_EQ(r.status, 401);
        EXPECT_EQ(r.body, "Unauthorized");
    }
    EXPECT_EQ(gateway.ask("POST", "/hooks/plain", body).status, 401)
        << "the gateway's token is not the hook's";
    EXPECT_EQ(post("plain", "not json {", "").status, 401) << "proof before parsing";
    EXPECT_EQ(post("plain?token=hook-token", body, "").status, 400);
}

TEST_F(http_hooks, signed_bodies_and_templates) {
    const std::string body = R"({"sender":{"login":"ann"},"commits":[{"id":"c0ffee"}]})";
    const auto signature = "X-Hub-Signature-256: sha256=" +
                           to_hex(hmac_sha256("github-secret", body)) + "\r\n";
    EXPECT_EQ(post("repo", body, signature + "X-GitHub-Delivery: d1\r\n").status, 202);
    EXPECT_EQ(post("repo", body, signature + "X-GitHub-Delivery: d1\r\n").status, 200);
    EXPECT_EQ(post("repo", body + " ", signature).status, 401);
    EXPECT_EQ(post("github", body, signature).status, 404) << "its path is another one";
}

TEST_F(http_hooks, wrong_uses) {
    EXPECT_EQ(post("nothing", "{}").status, 404);
    EXPECT_EQ(post("plain/more", "{}").status, 404);
    EXPECT_EQ(post("plain", std::string(262'145, 'a')).status, 413);
    EXPECT_EQ(post("plain", std::string(262'144, 'a')).status, 202);
    EXPECT_EQ(gateway.ask("GET", "/hooks/plain", "", "", "").status, 405);
    const auto empty = gateway.ask("POST", "/hooks/plain", "",
                                   "X-OpenClaw-Token: hook-token\r\nContent-Length: 0\r\n", "");
    EXPECT_EQ(empty.status, 400);
    EXPECT_EQ(json::parse(empty.body), json({{"ok", false}, {"error", "message required"}}));
}

TEST(chat_completions, a_header_names_the_agent_where_the_model_does_not) {
    auto settings = test::gateway_settings();
    for (const char* id : {"main", "other"}) {
        config::agent_settings agent;
        agent.id = id;
        settings.agents.list.push_back(agent);
    }
    gateway_fixture gateway(settings);
    const auto ask = [&](const char* path, const std::string& model, const std::string& header) {
        const auto body = R"({"model":")" + model + R"(","max_tokens":9,"input":"x","user":"u",)"
                          R"("messages":[{"role":"user","content":"hi"}]})";
        return gateway.ask("POST", path, body, header + "\r\n");
    };
    for (const char* path : {"/v1/chat/completions", "/v1/responses", "/v1/messages"}) {
        EXPECT_EQ(ask(path, "openclaw", "X-OpenClaw-Agent-Id: other").status, 200) << path;
        EXPECT_EQ(ask(path, "openclaw/main", "X-OpenClaw-Agent-Id: nobody").status, 200) << path;
        const auto unknown = ask(path, "openclaw", "X-OpenClaw-Agent-Id: nobody");
        EXPECT_EQ(unknown.status, 400) << path << unknown.body;
        EXPECT_NE(unknown.body.find("nobody"), std::string::npos) << unknown.body;
        const auto model = ask(path, "openclaw", "X-OpenClaw-Model: house/m");
        EXPECT_EQ(model.status, 400) << path << model.body;
        EXPECT_NE(model.body.find("X-OpenClaw-Model"), std::string::npos) << model.body;
    }
    const auto key = ask("/v1/chat/completions", "openclaw",
                         "X-OpenClaw-Agent-Id: other\r\nX-OpenClaw-Session-Key: agent:other:k");
    EXPECT_EQ(key.status, 200) << key.body;
    const auto all = json::parse(gateway.ask("GET", "/api/sessions").body);
    EXPECT_NE(all.dump().find("agent:other:openai-user"), std::string::npos) << all;
}

}  // namespace
}  // namespace openclaw
