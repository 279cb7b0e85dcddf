#include "routing/lane_table.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

using enum queue_mode;

// What the modes of a queue, the bounds and the lease do to the table.
class lane_modes_test : public testing::Test {
protected:
    static constexpr milliseconds debounce{500};
    static std::string key_of(const std::string& name) { return "agent:main:" + name; }

    void SetUp() override {
        limits.debounce = debounce;
        table.set_limits(limits);
    }
    void change(void (*how)(lane_limits&)) {
        how(limits);
        table.set_limits(limits);
    }
    queued_ptr make(const std::string& session, const std::string& run, queue_mode mode) {
        auto item = std::make_unique<queued>();
        item->run = std::make_shared<const run_identity>(run_identity{run, key_of(session), "main"});
        item->inbox_id = ++last_id;
        item->mode = mode;
        return item;
    }
    // The session whose turn is to be stopped for it; empty: none.
    std::string put(const std::string& session, queued_ptr item) {
        EXPECT_TRUE(table.reserve_place(key_of(session), item->bytes, item->quota));
        const session_key key("main", session);
        const auto stopped = table.enqueue(key, key_of(session), std::move(item), now);
        return stopped ? stopped->canonical : "";
    }
    std::string put(const std::string& session, const std::string& run, queue_mode mode) {
        return put(session, make(session, run, mode));
    }
    // The next turn: its run and those that join it, "a+b"; empty: none may begin.
    std::string begin() {
        auto job = table.next(now);
        if (!job) return {};
        auto names = job->item->run->run_id;
        last = job->lane;
        for (const auto& guest : job->item->joined) names += "+" + guest->run->run_id;
        host = std::move(job->item);
        lanes[names] = job->lane;
        return names;
    }
    void end(const std::string& names) {
        table.finished(lanes.at(names), now, false);
        lanes.erase(names);
    }
    std::string take_words() {
        std::string names;
        taken = table.take_steering(*last, *host);
        for (const auto& guest : taken) names += "+" + guest->run->run_id;
        return names;
    }

    asio::io_context io;
    lane_limits limits;
    lane_table table{io};
    steady_time now{std::chrono::hours(1)};
    std::int64_t last_id = 0;
    std::shared_ptr<lane> last;
    queued_ptr host;
    std::vector<queued_ptr> taken;
    std::map<std::string, std::shared_ptr<lane>> lanes;
};

TEST_F(lane_modes_test, what_is_to_be_collected_shares_a_turn_after_a_rest) {
    put("s", "1", collect);
    EXPECT_EQ(begin(), "");
    now += debounce - milliseconds(1);
    put("s", "2", collect);
    now += milliseconds(1);
    EXPECT_EQ(begin(), "") << "the second one began the rest anew";
    ASSERT_TRUE(table.wakes_at());
    EXPECT_EQ(*table.wakes_at(), now + debounce - milliseconds(1));
    now += debounce;
    EXPECT_EQ(begin(), "1+2");
    EXPECT_FALSE(table.wakes_at());
}

TEST_F(lane_modes_test, a_rest_ends_however_much_comes) {
    put("s", "1", collect);
    for (int i = 0; i < longest_rest * 2 - 1; ++i) {
        now += debounce / 2;
        EXPECT_EQ(begin(), "");
        put("s", "x" + std::to_string(i), collect);
    }
    now += debounce / 2;
    EXPECT_TRUE(begin().starts_with("1+x0+x1"));
}

TEST_F(lane_modes_test, what_is_not_collected_ends_the_rest_and_is_not_shared) {
    put("s", "1", collect);
    put("s", "2", collect);
    put("s", "3", followup);
    put("s", "4", collect);
    EXPECT_EQ(begin(), "1+2");
    end("1+2");
    EXPECT_EQ(begin(), "3");
    end("3");
    EXPECT_EQ(begin(), "");
    now += debounce;
    EXPECT_EQ(begin(), "4");
}

TEST_F(lane_modes_test, only_words_of_one_sender_for_one_place_share_a_turn) {
    const auto differs = [this](auto change) {
        put("s", "1", collect);
        auto other = make("s", "2", collect);
        change(*other);
        put("s", std::move(other));
        now += debounce;
        const auto first = begin();
        end(first);
        now += debounce;
        if (first == "1") end(begin());
        return first == "1";
    };
    EXPECT_TRUE(differs([](queued& q) { q.message.origin.sender = "another"; }));
    EXPECT_TRUE(differs([](queued& q) { q.message.origin.thread = "another"; }));
    EXPECT_TRUE(differs([](queued& q) { q.message.model = "house/other"; }));
    EXPECT_TRUE(differs([](queued& q) { q.message.results.emplace_back(); }));
    EXPECT_TRUE(differs([](queued& q) { q.abort_reason = "rpc"; }));
    EXPECT_TRUE(differs([](queued& q) { q.bytes = max_joined_bytes + 1; }));
    EXPECT_FALSE(differs([](queued&) {}));
}

TEST_F(lane_modes_test, a_message_goes_into_the_turn_unless_another_one_is_before_it) {
    put("s", "1", followup);
    ASSERT_EQ(begin(), "1");
    put("s", "2", steer);
    put("s", "3", steer);
    put("s", "4", followup);
    put("s", "5", steer);
    EXPECT_EQ(take_words(), "+2+3");
    EXPECT_TRUE(last->works_on("3"));
    EXPECT_EQ(take_words(), "");
    EXPECT_EQ(table.stats().waiting, 2u);
}

TEST_F(lane_modes_test, what_did_not_go_into_the_turn_waits_where_it_was) {
    put("s", "1", followup);
    ASSERT_EQ(begin(), "1");
    put("s", "2", steer);
    put("s", "3", steer);
    EXPECT_EQ(take_words(), "+2+3");
    put("s", "4", followup);
    table.give_back(*last, std::move(taken), now);
    EXPECT_FALSE(last->works_on("2"));
    EXPECT_EQ(table.stats().waiting, 3u);
    for (const char* run : {"1", "2", "3"}) {
        end(run);
        EXPECT_EQ(begin(), std::to_string(std::stoi(run) + 1));
    }
}

TEST_F(lane_modes_test, only_a_turn_in_progress_is_interrupted) {
    EXPECT_EQ(put("s", "1", interrupt), "");
    EXPECT_EQ(put("s", "2", interrupt), "");
    ASSERT_EQ(begin(), "1");
    EXPECT_EQ(put("t", "3", interrupt), "");
    EXPECT_EQ(put("s", "4", followup), "");
    EXPECT_EQ(put("s", "5", interrupt), key_of("s"));
}

TEST_F(lane_modes_test, an_agent_has_no_more_turns_than_its_bound) {
    change([](lane_limits& l) { l.agents["main"] = 1; });
    put("s", "1", followup);
    put("t", "2", followup);
    ASSERT_EQ(begin(), "1");
    EXPECT_EQ(begin(), "");
    end("1");
    EXPECT_EQ(begin(), "2");
    change([](lane_limits& l) { l.agents["main"] = 2; });
    put("u", "3", followup);
    EXPECT_EQ(begin(), "3");
    put("v", "4", followup);
    EXPECT_EQ(begin(), "");
    change([](lane_limits& l) { l.agents.clear(); });
    EXPECT_EQ(begin(), "4");
}

TEST_F(lane_modes_test, what_goes_alone_takes_no_place_while_it_waits) {
    change([](lane_limits& l) { l.running = 2; });
    for (const char* session : {"s", "t"}) {
        auto item = make(session, session, followup);
        item->alone = true;
        put(session, std::move(item));
    }
    put("u", "u", followup);
    EXPECT_EQ(begin(), "s");
    EXPECT_EQ(begin(), "u");
    end("s");
    EXPECT_EQ(begin(), "t");
}

TEST_F(lane_modes_test, a_sender_has_a_bound_over_all_sessions) {
    change([](lane_limits& l) { l.per_sender = 2; });
    const auto from = [this](const std::string& session, const std::string& sender) {
        auto item = make(session, session, followup);
        item->quota = sender;
        return item;
    };
    put("s", from("s", "ann"));
    put("t", from("t", "ann"));
    EXPECT_FALSE(table.reserve_place(key_of("u"), 0, "ann"));
    EXPECT_TRUE(table.reserve_place(key_of("u"), 0, "bob"));
    ASSERT_EQ(begin(), "s");
    EXPECT_TRUE(table.reserve_place(key_of("u"), 0, "ann"));
    EXPECT_FALSE(table.reserve_place(key_of("u"), 0, "ann"));
    table.release_place(key_of("u"), 0, "ann");
    EXPECT_TRUE(table.reserve_place(key_of("u"), 0, "ann"));
}

TEST_F(lane_modes_test, a_session_that_is_released_goes_on_without_its_turn) {
    change([](lane_limits& l) { l.running = 1; });
    put("s", "1", followup);
    ASSERT_EQ(begin(), "1");
    put("s", "2", followup);
    put("t", "3", followup);
    const auto held = last;
    table.release(held, now);
    EXPECT_NE(table.find(key_of("s")), held);
    EXPECT_EQ(begin(), "3");
    end("3");
    EXPECT_EQ(begin(), "2");
    table.finished(held, now, false);   // at last; it is nobody's end
    EXPECT_EQ(table.stats().running, 1u);
    end("2");
    EXPECT_EQ(table.stats().running, 0u);
}

}  // namespace
}  // namespace openclaw::routing
