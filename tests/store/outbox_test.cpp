#include "store_fixture.hpp"

namespace openclaw::store {
namespace {

class outbox_test : public store_test {
protected:
    void send(std::vector<delivery> all) {
        auto c = turn("run " + all.front().reply_id);
        c.deliveries = std::move(all);
        ASSERT_TRUE(get(s->commit(c)));
    }
    std::vector<delivery> due(std::size_t limit = 100) {
        return get(s->due_deliveries("test", "default", time.unix_ms(), limit)).value();
    }
    std::string ids() {
        std::string out;
        for (const auto& d : due()) out += d.reply_id + " ";
        return out;
    }
};

TEST_F(outbox_test, gives_what_is_due_in_order) {
    send({reply("1"), reply("2"), reply("3", "q")});
    EXPECT_EQ(ids(), "1 2 3 ");
    EXPECT_EQ(due(2).size(), 2u);
    const auto first = due(1).at(0);
    EXPECT_EQ(first.channel, "test");
    EXPECT_EQ(first.account, "default");
    EXPECT_EQ(first.peer, "p");
    EXPECT_EQ(first.text, "text of 1");
    EXPECT_EQ(first.attempts, 0u);
    EXPECT_TRUE(get(s->due_deliveries("test", "other", time.unix_ms(), 9)).value().empty());
    EXPECT_TRUE(get(s->due_deliveries("other", "default", time.unix_ms(), 9)).value().empty());
}

TEST_F(outbox_test, ends_a_delivery_for_good) {
    send({reply("1"), reply("2"), reply("3")});
    const auto all = due();
    ASSERT_TRUE(get(s->finish_delivery(all[0].id, delivery_state::sent, "", 0)));
    ASSERT_TRUE(get(s->finish_delivery(all[1].id, delivery_state::failed, "gone", 0)));
    ASSERT_TRUE(get(s->finish_delivery(all[2].id, delivery_state::unknown, "?", 0)));
    EXPECT_EQ(ids(), "");
    EXPECT_EQ(get(s->finish_delivery(all[0].id, delivery_state::pending, "", 0)).error().code,
              errc::conflict);
    EXPECT_EQ(get(s->finish_delivery(4711, delivery_state::sent, "", 0)).error().code,
              errc::conflict);
}

TEST_F(outbox_test, a_retry_waits_and_holds_back_its_conversation_only) {
    auto in_thread = reply("4");
    in_thread.thread = "t";
    send({reply("1"), reply("2"), reply("3", "q"), in_thread});
    const auto first = due().at(0);
    const auto later = time.unix_ms() + 1000;
    ASSERT_TRUE(get(s->finish_delivery(first.id, delivery_state::pending, "503", later)));
    EXPECT_EQ(ids(), "3 4 ");
    time.advance(milliseconds(1000));
    EXPECT_EQ(ids(), "1 2 3 4 ");
    EXPECT_EQ(due().at(0).attempts, 1u);
    reopen();
    EXPECT_EQ(ids(), "1 2 3 4 ");
}

TEST_F(outbox_test, an_attempt_that_began_counts_once) {
    send({reply("1"), reply("2", "q")});
    const auto first = due().at(0);
    ASSERT_TRUE(get(s->finish_delivery(first.id, delivery_state::pending, "", delivery_begun)));
    reopen();
    EXPECT_EQ(ids(), "2 ") << "its time never comes by itself";
    const auto all = get(s->due_deliveries("test", "default", INT64_MAX, 10)).value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].next_ms, delivery_begun);
    EXPECT_EQ(all[0].attempts, 1u);
    ASSERT_TRUE(get(s->finish_delivery(first.id, delivery_state::pending, "503", time.unix_ms())));
    EXPECT_EQ(due().at(0).attempts, 1u);
    ASSERT_TRUE(get(s->finish_delivery(first.id, delivery_state::pending, "503", time.unix_ms())));
    EXPECT_EQ(due().at(0).attempts, 2u);
}

TEST_F(outbox_test, tells_what_became_of_a_reply) {
    auto c = turn("r1");
    auto mine = reply("r1:1");
    mine.run_id = "r1";
    mine.session = "agent:main:one";
    c.deliveries = {mine};
    ASSERT_TRUE(get(s->commit(c)));
    send({reply("r2:1"), reply("r12:1")});
    const auto later = time.unix_ms() + 1000;
    ASSERT_TRUE(get(s->finish_delivery(due().at(0).id, delivery_state::pending, "503", later)));

    delivery_query query;
    query.run_id = "r1";
    const auto found = get(s->deliveries(query)).value();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].reply.reply_id, "r1:1");
    EXPECT_EQ(found[0].reply.run_id, "r1");
    EXPECT_EQ(found[0].reply.session, "agent:main:one");
    EXPECT_EQ(found[0].reply.channel, "test");
    EXPECT_EQ(found[0].reply.account, "default");
    EXPECT_EQ(found[0].reply.peer, "p");
    EXPECT_EQ(found[0].reply.attempts, 1u);
    EXPECT_EQ(found[0].reply.next_ms, later);
    EXPECT_EQ(found[0].reply.text, "");
    EXPECT_EQ(found[0].state, delivery_state::pending);
    EXPECT_EQ(found[0].detail, "503");
    EXPECT_EQ(found[0].updated_ms, time.unix_ms());
    query.state = delivery_state::sent;
    EXPECT_TRUE(get(s->deliveries(query)).value().empty());
    query.run_id = "r";
    query.state.reset();
    EXPECT_TRUE(get(s->deliveries(query)).value().empty());
}

TEST_F(outbox_test, lists_replies_the_newest_first_and_in_pages) {
    EXPECT_TRUE(get(s->deliveries({})).value().empty());
    send({reply("1"), reply("2"), reply("3"), reply("4")});
    const auto all = due();
    ASSERT_TRUE(get(s->finish_delivery(all[0].id, delivery_state::failed, "gone", 0)));
    ASSERT_TRUE(get(s->finish_delivery(all[2].id, delivery_state::failed, "gone", 0)));
    ASSERT_TRUE(get(s->finish_delivery(all[3].id, delivery_state::unknown, "cut", 0)));
    const auto listed = [&](std::optional<delivery_state> state, std::int64_t before, std::size_t limit) {
        std::string out;
        for (const auto& r : get(s->deliveries({{}, state, before, limit})).value()) {
            out += r.reply.reply_id + " ";
        }
        return out;
    };
    EXPECT_EQ(listed({}, 0, 9), "4 3 2 1 ");
    EXPECT_EQ(listed({}, 0, 2), "4 3 ");
    EXPECT_EQ(listed({}, all[2].id, 9), "2 1 ");
    EXPECT_EQ(listed(delivery_state::failed, 0, 9), "3 1 ");
    EXPECT_EQ(listed(delivery_state::unknown, 0, 9), "4 ");
    EXPECT_EQ(listed(delivery_state::pending, 0, 9), "2 ");
}

}  // namespace
}  // namespace openclaw::store
