// deadLetters.* and /api/dead-letters: messages that were put aside.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

class dead_letters : public test::ws_client_test {
protected:
    // A message of `session` whose turn ended the process too often, as the router leaves it.
    void put_aside(const std::string& run, const std::string& text,
                   const std::string& session = "agent:main:one") {
        auto& store = gateway.dependencies().store;
        store::accept_request request;
        request.session = session;
        request.agent = "main";
        request.run_id = run;
        request.received_ms = 1'700'000'000'000;
        request.body = dump(json{{"channel", "test"}, {"peer", "anna"}, {"text", text}});
        request.epoch = store.epoch();
        store::turn_commit end;
        end.session = session;
        end.agent = "main";
        end.run_id = run;
        end.epoch = store.epoch();
        end.state = store::run_state::dead;
        end.outcome = R"({"error":{"code":"unavailable","message":"ended 5 times"}})";
        const auto taken =
            asio::co_spawn(gateway.io(), store.accept(std::move(request)), asio::use_future).get();
        end.inbox_id = taken.value().run.inbox_id;
        ASSERT_TRUE(asio::co_spawn(gateway.io(), store.commit(std::move(end)), asio::use_future).get());
    }
    std::vector<std::string> listed(json params = json::object()) {
        std::vector<std::string> found;
        const auto page = payload("deadLetters.list", std::move(params));
        for (const auto& letter : page["letters"]) {
            found.push_back(letter["runId"].get<std::string>());
        }
        return found;
    }
};

using ids = std::vector<std::string>;

TEST_F(dead_letters, are_listed_the_oldest_first_and_in_pages) {
    EXPECT_EQ(listed(), ids{});
    for (const char* run : {"r1", "r2", "r3"}) put_aside(run, "words of " + std::string(run));
    const auto page = payload("deadLetters.list", {{"limit", 2}});
    ASSERT_EQ(page["letters"].size(), 2u);
    const auto& first = page["letters"][0];
    EXPECT_EQ(first["runId"], "r1");
    EXPECT_EQ(first["sessionKey"], "agent:main:one");
    EXPECT_EQ(first["agentId"], "main");
    EXPECT_EQ(first["channel"], "test");
    EXPECT_EQ(first["peer"], "anna");
    EXPECT_EQ(first["text"], "words of r1");
    EXPECT_EQ(first["error"], "ended 5 times");
    EXPECT_EQ(first["receivedAt"], 1'700'000'000'000);
    EXPECT_EQ(listed({{"cursor", page["nextCursor"]}}), ids{"r3"});
    EXPECT_EQ(payload("deadLetters.list")["nextCursor"], nullptr);
}

TEST_F(dead_letters, show_the_whole_text_one_by_one) {
    const std::string text = std::string(199, 'a') + "\u00e9" + std::string(5000, 'b');
    put_aside("r1", text);
    EXPECT_EQ(payload("deadLetters.get", {{"runId", "r1"}})["letter"]["text"], text);
    EXPECT_EQ(payload("deadLetters.list")["letters"][0]["text"], std::string(199, 'a'))
        << "no half of a character";
}

TEST_F(dead_letters, are_said_again_once) {
    put_aside("r1", "hello again");
    const auto again = payload("deadLetters.retry", {{"runId", "r1"}});
    const auto run = again["runId"].get<std::string>();
    EXPECT_NE(run, "r1");
    EXPECT_EQ(again["sessionKey"], "agent:main:one");
    EXPECT_EQ(payload("agent.wait", {{"runId", run}, {"timeoutMs", 10'000}})["status"], "ok");
    EXPECT_EQ(listed(), ids{});
    EXPECT_EQ(refusal("deadLetters.retry", {{"runId", "r1"}})["code"], "INVALID_REQUEST");
    const auto history = payload("chat.history", {{"sessionKey", "agent:main:one"}});
    ASSERT_EQ(history["messages"].size(), 2u);
    EXPECT_EQ(history["messages"][0]["content"][0]["text"], "hello again");
}

TEST_F(dead_letters, of_a_job_are_said_again_in_its_session) {
    put_aside("r1", "what is new?", "agent:main:cron:news:1");
    const auto again = payload("deadLetters.retry", {{"runId", "r1"}});
    EXPECT_EQ(payload("agent.wait", {{"runId", again["runId"]}})["status"], "ok");
}

TEST_F(dead_letters, are_thrown_away) {
    put_aside("r1", "one");
    put_aside("r2", "two");
    EXPECT_EQ(payload("deadLetters.discard", {{"runId", "r1"}}), (json{{"ok", true}, {"runId", "r1"}}));
    EXPECT_EQ(listed(), ids{"r2"});
    EXPECT_EQ(refusal("deadLetters.get", {{"runId", "r1"}})["message"],
              "there is no dead letter r1. openclaw sessions dead-letters list shows those that there are.");
}

TEST_F(dead_letters, are_the_same_over_rest) {
    put_aside("r1", "one");
    put_aside("r2", "two");
    const auto list = gateway.ask("GET", "/api/dead-letters?limit=1");
    EXPECT_EQ(list.status, 200);
    EXPECT_EQ(json::parse(list.body)["letters"][0]["runId"], "r1");
    EXPECT_EQ(json::parse(gateway.ask("GET", "/api/dead-letters/r2").body)["letter"]["text"], "two");
    EXPECT_EQ(gateway.ask("POST", "/api/dead-letters/r1/retry").status, 202);
    EXPECT_EQ(gateway.ask("DELETE", "/api/dead-letters/r2").status, 200);
    EXPECT_EQ(gateway.ask("DELETE", "/api/dead-letters/r2").status, 404);
    EXPECT_EQ(listed(), ids{});
}

TEST_F(dead_letters, are_counted_in_the_detailed_health) {
    put_aside("r1", "one");
    const auto health = json::parse(gateway.ask("GET", "/health/detail").body);
    EXPECT_EQ(health["components"]["queue"]["deadLetters"], 1) << health;
}

TEST_F(dead_letters, a_run_that_was_put_aside_has_ended_with_an_error) {
    put_aside("r1", "one");
    EXPECT_EQ(payload("agent.wait", {{"runId", "r1"}, {"timeoutMs", 0}})["status"], "error");
}

}  // namespace
}  // namespace openclaw
