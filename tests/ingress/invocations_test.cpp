#include "ingress/invocations.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

class invocations_test : public testing::Test {
protected:
    static invocation asked(const std::string& id, const std::string& key, const std::string& node = "n1") {
        return {id, node, "somebody", key, "digest"};
    }
    static node_answer_ptr answer(std::size_t bytes = 10) {
        node_answer a;
        a.ok = true;
        a.bytes = bytes;
        return std::make_shared<const node_answer>(std::move(a));
    }
    bool begins(const invocation& i) {
        const auto r = table.begin(i, now);
        return r && !*r;
    }
    errc refusal(const invocation& i) { return table.begin(i, now).error().code; }

    invocations table;
    std::int64_t now = 1'000'000;
};

TEST_F(invocations_test, an_answer_ends_what_was_asked) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    EXPECT_TRUE(table.is_pending("i1", "n1"));
    EXPECT_EQ(table.pending(), 1u);
    EXPECT_TRUE(table.end("i1", "n1", answer(), now));
    EXPECT_EQ(table.pending(), 0u);
    EXPECT_FALSE(table.end("i1", "n1", answer(), now)) << "once";
}

TEST_F(invocations_test, only_the_node_that_was_asked_answers) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    EXPECT_FALSE(table.end("i1", "n2", answer(), now));
    EXPECT_FALSE(table.end("i2", "n1", answer(), now));
    EXPECT_FALSE(table.is_pending("i1", "n2"));
    EXPECT_TRUE(table.end("i1", "n1", answer(), now)) << "still open for the right one";
}

TEST_F(invocations_test, the_same_key_gets_the_same_answer_for_five_minutes) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    EXPECT_EQ(refusal(asked("i2", "k1")), errc::conflict) << "not answered yet";
    const auto said = answer();
    ASSERT_TRUE(table.end("i1", "n1", said, now));
    EXPECT_EQ(table.begin(asked("i2", "k1"), now).value(), said);
    auto other = asked("i2", "k1");
    other.digest = "of something else";
    EXPECT_EQ(refusal(other), errc::conflict);
    now += invocations::remembered_ms;
    EXPECT_TRUE(begins(asked("i3", "k1")));
}

TEST_F(invocations_test, a_key_is_of_one_caller_and_one_node) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    EXPECT_TRUE(begins(asked("i2", "k1", "n2")));
    auto other = asked("i3", "k1");
    other.caller = "somebody else";
    EXPECT_TRUE(begins(other));
}

TEST_F(invocations_test, what_was_given_up_may_be_asked_again) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    table.give_up("i1");
    table.give_up("i1");
    EXPECT_FALSE(table.end("i1", "n1", answer(), now)) << "too late";
    EXPECT_TRUE(begins(asked("i2", "k1")));
}

TEST_F(invocations_test, a_node_that_goes_fails_its_own) {
    ASSERT_TRUE(begins(asked("i1", "k1")));
    ASSERT_TRUE(begins(asked("i2", "k2")));
    ASSERT_TRUE(begins(asked("i3", "k3", "n2")));
    EXPECT_EQ(table.fail("n1"), (std::vector<std::string>{"i1", "i2"}));
    EXPECT_TRUE(table.fail("n1").empty());
    EXPECT_TRUE(table.is_pending("i3", "n2"));
    EXPECT_EQ(table.pending(), 1u);
}

TEST_F(invocations_test, one_node_has_so_many_pending) {
    const auto most = invocations::max_pending_per_node;
    for (std::size_t i = 0; i < most; ++i) {
        ASSERT_TRUE(begins(asked("i" + std::to_string(i), "k" + std::to_string(i))));
    }
    const auto refused = table.begin(asked("more", "more"), now);
    EXPECT_EQ(refused.error().code, errc::queue_full);
    EXPECT_GT(refused.error().retry_after.count(), 0);
    EXPECT_TRUE(begins(asked("other", "other", "n2")));
    ASSERT_TRUE(table.end("i0", "n1", answer(), now));
    EXPECT_TRUE(begins(asked("more", "more")));
}

TEST_F(invocations_test, and_all_of_them_together) {
    for (std::size_t i = 0; i < invocations::max_pending; ++i) {
        const auto n = std::to_string(i);
        ASSERT_TRUE(begins(asked("i" + n, "k", "n" + std::to_string(i / 2) + (i % 2 == 0 ? "a" : "b"))));
    }
    EXPECT_EQ(refusal(asked("more", "k", "another")), errc::queue_full);
    EXPECT_TRUE(table.fail("another").empty());
}

TEST_F(invocations_test, answers_are_remembered_within_bounds) {
    const auto ask = [&](const std::string& n, std::size_t bytes) {
        ASSERT_TRUE(begins(asked("i" + n, "k" + n)));
        ASSERT_TRUE(table.end("i" + n, "n1", answer(bytes), now));
    };
    ask("large", (1 << 20) + 1);
    EXPECT_EQ(refusal(asked("again", "klarge")), errc::conflict) << "it ran, and its answer is gone";
    ask("first", 1 << 20);
    for (int i = 0; i < 15; ++i) ask(std::to_string(i), 1 << 20);
    EXPECT_TRUE(*table.begin(asked("again", "kfirst"), now));
    ask("one more", 1);
    EXPECT_TRUE(begins(asked("again", "kfirst"))) << "the oldest went";
    table.give_up("again");
    for (std::size_t i = 0; i < invocations::max_remembered; ++i) ask("s" + std::to_string(i), 1);
    EXPECT_TRUE(begins(asked("again", "kone more")));
}

}  // namespace
}  // namespace openclaw::ingress
