// deliveries.list and /api/deliveries: what became of replies that go out through channels.

#include "ingress/sessions_fixture.hpp"

namespace openclaw {
namespace {

using store::delivery_state;

class deliveries : public test::ws_client_test {
protected:
    template <class T>
    T wait_for(task<result<T>> work) {
        return asio::co_spawn(gateway.io(), std::move(work), asio::use_future).get().value();
    }
    // The reply to a run, as a turn leaves it in the outbox.
    void add(const std::string& run) {
        auto& store = gateway.dependencies().store;
        store::delivery reply;
        reply.channel = "fake";
        reply.account = "default";
        reply.peer = "anna";
        reply.reply_id = run + ":1";
        reply.session = "agent:main:one";
        reply.run_id = run;
        reply.text = "words";
        store::turn_commit end;
        end.session = reply.session;
        end.agent = "main";
        end.run_id = run;
        end.epoch = store.epoch();
        end.deliveries = {reply};
        wait_for(store.commit(std::move(end)));
    }
    void finish(const std::string& run, delivery_state state, std::string detail, std::int64_t next = 0) {
        auto& store = gateway.dependencies().store;
        for (const auto& d : wait_for(store.due_deliveries("fake", "default", INT64_MAX, 10))) {
            if (d.run_id != run) continue;
            auto work = store.finish_delivery(d.id, state, std::move(detail), next);
            ASSERT_TRUE(asio::co_spawn(gateway.io(), std::move(work), asio::use_future).get());
            return;
        }
        FAIL() << run;
    }
    std::vector<std::string> listed(json params = json::object()) {
        std::vector<std::string> found;
        const auto page = payload("deliveries.list", std::move(params));
        for (const auto& row : page["deliveries"]) found.push_back(row["runId"].get<std::string>());
        return found;
    }
};

using ids = std::vector<std::string>;

TEST_F(deliveries, tell_what_became_of_the_reply_to_a_message) {
    add("r1");
    add("r2");
    finish("r1", delivery_state::pending, "503", 4'000'000'000'000);
    const auto rows = payload("deliveries.list", {{"runId", "r1"}})["deliveries"];
    ASSERT_EQ(rows.size(), 1u);
    const auto& row = rows[0];
    EXPECT_EQ(row["replyId"], "r1:1");
    EXPECT_EQ(row["sessionKey"], "agent:main:one");
    EXPECT_EQ(row["channel"], "fake");
    EXPECT_EQ(row["accountId"], "default");
    EXPECT_EQ(row["peer"], "anna");
    EXPECT_EQ(row["state"], "pending");
    EXPECT_EQ(row["attempts"], 1);
    EXPECT_EQ(row["reason"], "503");
    EXPECT_EQ(row["nextAttemptAt"], 4'000'000'000'000);
    EXPECT_FALSE(row.contains("messageId"));
    EXPECT_EQ(listed({{"runId", "r3"}}), ids{});
}

TEST_F(deliveries, tell_how_they_ended) {
    for (const char* run : {"r1", "r2", "r3", "r4"}) add(run);
    finish("r1", delivery_state::sent, "message 7");
    finish("r2", delivery_state::failed, "no such chat");
    finish("r3", delivery_state::unknown, "the connection broke");
    finish("r4", delivery_state::pending, "on its way", store::delivery_begun);
    const auto rows = payload("deliveries.list")["deliveries"];
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[0]["state"], "pending");
    EXPECT_EQ(rows[0]["reason"], "on its way");
    EXPECT_FALSE(rows[0].contains("nextAttemptAt"));
    EXPECT_EQ(rows[1]["reason"], "the connection broke");
    EXPECT_EQ(rows[2]["reason"], "no such chat");
    EXPECT_EQ(rows[3]["messageId"], "message 7");
    EXPECT_FALSE(rows[3].contains("reason"));
    EXPECT_EQ(listed({{"state", "unknown"}}), ids{"r3"});
    EXPECT_EQ(listed({{"state", "failed"}}), ids{"r2"});
    EXPECT_EQ(refusal("deliveries.list", {{"state", "lost"}})["code"], "INVALID_REQUEST");
}

TEST_F(deliveries, are_listed_in_pages_also_over_rest) {
    for (const char* run : {"r1", "r2", "r3"}) add(run);
    const auto page = payload("deliveries.list", {{"limit", 2}});
    EXPECT_EQ(listed({{"limit", 2}}), (ids{"r3", "r2"}));
    EXPECT_EQ(listed({{"cursor", page["nextCursor"]}}), ids{"r1"});
    const auto over_rest = gateway.ask("GET", "/api/deliveries?runId=r2&state=pending");
    ASSERT_EQ(over_rest.status, 200) << over_rest.body;
    EXPECT_EQ(json::parse(over_rest.body)["deliveries"][0]["runId"], "r2");
}

}  // namespace
}  // namespace openclaw
