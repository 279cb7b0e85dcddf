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

}  // namespace
}  // namespace openclaw::store
