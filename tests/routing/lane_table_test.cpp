#include "routing/lane_table.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

class lane_table_test : public testing::Test {
protected:
    static std::string key_of(const std::string& name) { return "agent:main:" + name; }

    // Keeps a place and fills it, as the router does.
    result<void> put(const std::string& session, const std::string& run, std::int64_t id = 0,
                     priority p = priority::normal) {
        if (auto kept = table.reserve_place(key_of(session)); !kept) return kept;
        fill(session, run, id, p);
        return {};
    }
    void fill(const std::string& session, const std::string& run, std::int64_t id = 0,
              priority p = priority::normal, bool recovered = false) {
        auto item = std::make_unique<queued>();
        item->run = std::make_shared<const run_identity>(run_identity{run, key_of(session), "main"});
        item->inbox_id = id;
        item->recovered = recovered;
        item->message.priority = p;
        table.enqueue(session_key("main", session), key_of(session), std::move(item), now);
    }
    // The next run, kept as working under its name; empty: none may begin.
    std::string begin() {
        auto job = table.next(now);
        if (!job) return {};
        const auto run = job->item->run->run_id;
        working[run] = job->lane;
        return run;
    }
    void end(const std::string& run, bool forget = false) {
        table.finished(working.at(run), now, forget);
        working.erase(run);
    }
    void pass(milliseconds by) { now += by; }
    void limit_running(std::size_t n) {
        lane_limits limits;
        limits.running = n;
        table.set_limits(std::move(limits));
    }
    std::string session_of(const std::string& run) {
        const auto l = table.find_run(run);
        return l ? l->canonical : "";
    }

    asio::io_context io;
    lane_table table{io};
    steady_time now{std::chrono::hours(1)};
    std::map<std::string, std::shared_ptr<lane>> working;
};

TEST_F(lane_table_test, one_session_works_on_one_message_at_a_time) {
    ASSERT_TRUE(put("s", "1") && put("s", "2") && put("t", "3"));
    EXPECT_EQ(begin(), "1");
    EXPECT_EQ(begin(), "3");
    EXPECT_EQ(begin(), "");
    end("1");
    EXPECT_EQ(begin(), "2");
}

TEST_F(lane_table_test, what_was_left_comes_before_what_has_come_meanwhile) {
    fill("s", "accepted now", 7);
    fill("s", "waits for its answer");
    fill("s", "left first", 3, priority::normal, true);
    fill("s", "left second", 4, priority::normal, true);
    fill("s", "accepted before", 6);
    for (const char* run :
         {"left first", "left second", "accepted before", "accepted now", "waits for its answer"}) {
        EXPECT_EQ(begin(), run);
        end(run);
    }
}

TEST_F(lane_table_test, no_more_sessions_work_than_allowed) {
    limit_running(2);
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(put(name, name));
    EXPECT_EQ(begin(), "a");
    EXPECT_EQ(begin(), "b");
    EXPECT_EQ(begin(), "");
    end("a");
    EXPECT_EQ(begin(), "c");
    EXPECT_EQ(table.stats().running, 2u);
}

TEST_F(lane_table_test, a_session_queues_in_the_order_of_acceptance) {
    ASSERT_TRUE(put("s", "0", 10));
    ASSERT_EQ(begin(), "0");
    for (const auto& [run, id] : {std::pair{"3", 13}, {"1", 11}, {"4", 14}, {"2", 12}}) {
        ASSERT_TRUE(put("s", run, id));
    }
    for (const char* run : {"0", "1", "2", "3"}) {
        end(run);
        EXPECT_EQ(begin(), std::to_string(std::stoi(run) + 1));
    }
}

TEST_F(lane_table_test, a_message_without_a_number_stays_behind_those_before_it) {
    ASSERT_TRUE(put("s", "first", 5) && put("s", "caller waits") && put("s", "third", 6));
    EXPECT_EQ(begin(), "first");
    end("first");
    EXPECT_EQ(begin(), "caller waits");
    end("caller waits");
    EXPECT_EQ(begin(), "third");
}

TEST_F(lane_table_test, a_session_holds_no_more_than_its_bound) {
    for (std::size_t i = 0; i < lane_limits().per_session; ++i) {
        ASSERT_TRUE(put("s", std::to_string(i)));
    }
    const auto refused = table.reserve_place(key_of("s"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::queue_full);
    EXPECT_GT(refused.error().retry_after.count(), 0);
    EXPECT_TRUE(put("t", "other"));
    ASSERT_EQ(begin(), "0");
    EXPECT_TRUE(put("s", "next"));
}

TEST_F(lane_table_test, places_that_are_kept_count) {
    for (std::size_t i = 0; i < lane_limits().per_session; ++i) {
        ASSERT_TRUE(table.reserve_place(key_of("s")));
    }
    EXPECT_FALSE(table.reserve_place(key_of("s")));
    EXPECT_EQ(table.stats().waiting, lane_limits().per_session);
    table.release_place(key_of("s"));
    EXPECT_TRUE(table.reserve_place(key_of("s")));
    // A place that became a message counts once.
    fill("s", "run");
    EXPECT_EQ(table.stats().waiting, lane_limits().per_session);
    EXPECT_FALSE(table.reserve_place(key_of("s")));
}

TEST_F(lane_table_test, releasing_what_nobody_kept_changes_nothing) {
    table.release_place(key_of("s"));
    EXPECT_EQ(table.stats().waiting, 0u);
}

TEST_F(lane_table_test, the_gateway_holds_no_more_than_its_bound) {
    for (std::size_t i = 0; i < max_waiting; ++i) {
        ASSERT_TRUE(table.reserve_place(key_of(std::to_string(i))));
    }
    const auto refused = table.reserve_place(key_of("one more"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::queue_full);
    table.release_place(key_of("7"));
    EXPECT_TRUE(table.reserve_place(key_of("one more")));
}

TEST_F(lane_table_test, the_longest_idle_session_makes_room) {
    limit_running(2);
    for (const char* name : {"a", "b"}) {
        ASSERT_TRUE(put(name, name));
        ASSERT_EQ(begin(), name);
        end(name);
        pass(milliseconds(1));
    }
    // Used again: "a" is now the younger one.
    ASSERT_TRUE(put("a", "again"));
    ASSERT_EQ(begin(), "again");
    end("again");
    ASSERT_TRUE(put("c", "c"));
    ASSERT_EQ(begin(), "c");
    EXPECT_NE(table.find(key_of("a")), nullptr);
    EXPECT_EQ(table.find(key_of("b")), nullptr);
    EXPECT_EQ(table.stats().lanes, 2u);
}

TEST_F(lane_table_test, a_session_with_work_makes_no_room) {
    limit_running(1);
    ASSERT_TRUE(put("a", "a1") && put("a", "a2") && put("b", "b1"));
    ASSERT_EQ(begin(), "a1");
    EXPECT_NE(table.find(key_of("b")), nullptr);
    pass(milliseconds(1));
    end("a1");
    EXPECT_EQ(begin(), "b1");
    EXPECT_NE(table.find(key_of("a")), nullptr);
    end("b1");
    EXPECT_EQ(begin(), "a2");
}

TEST_F(lane_table_test, drop_idle_takes_those_that_are_idle_too_long) {
    for (const char* name : {"old", "young", "busy"}) {
        ASSERT_TRUE(put(name, name));
        ASSERT_EQ(begin(), name);
        if (std::string(name) != "busy") end(name);
        pass(milliseconds(10));
    }
    table.drop_idle(now - milliseconds(20));
    EXPECT_EQ(table.find(key_of("old")), nullptr);
    EXPECT_NE(table.find(key_of("young")), nullptr);
    table.drop_idle(now);
    EXPECT_EQ(table.find(key_of("young")), nullptr);
    EXPECT_NE(table.find(key_of("busy")), nullptr);
}

TEST_F(lane_table_test, a_forgotten_session_leaves_at_once_unless_it_has_work) {
    ASSERT_TRUE(put("s", "1") && put("s", "2"));
    ASSERT_EQ(begin(), "1");
    end("1", true);
    EXPECT_NE(table.find(key_of("s")), nullptr);
    ASSERT_EQ(begin(), "2");
    end("2", true);
    EXPECT_EQ(table.find(key_of("s")), nullptr);
    EXPECT_EQ(table.stats().lanes, 0u);
}

TEST_F(lane_table_test, working_lists_the_sessions_in_a_turn) {
    ASSERT_TRUE(put("a", "a") && put("b", "b"));
    EXPECT_TRUE(table.working().empty());
    ASSERT_EQ(begin(), "a");
    ASSERT_EQ(table.working().size(), 1u);
    EXPECT_EQ(table.working()[0]->canonical, key_of("a"));
    end("a");
    EXPECT_TRUE(table.working().empty());
}

TEST_F(lane_table_test, a_high_message_takes_the_next_free_place) {
    limit_running(1);
    ASSERT_TRUE(put("a", "a") && put("b", "b") && put("c", "c", 0, priority::high));
    EXPECT_EQ(begin(), "c");
    end("c");
    EXPECT_EQ(begin(), "a");
}

TEST_F(lane_table_test, finds_the_session_of_a_run_that_waits) {
    ASSERT_TRUE(put("a", "first"));
    ASSERT_TRUE(put("b", "second"));
    EXPECT_EQ(session_of("second"), key_of("b"));
    EXPECT_EQ(session_of("third"), "");
    EXPECT_EQ(begin(), "first");
    EXPECT_EQ(session_of("second"), key_of("b"));
}

}  // namespace
}  // namespace openclaw::routing
