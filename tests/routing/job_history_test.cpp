#include "routing/job_history.hpp"

#include <gtest/gtest.h>

namespace openclaw::routing {
namespace {

json run_of(const std::string& job, int n) { return {{"jobId", job}, {"n", n}}; }

// The store's rows, as whoever calls keeps them.
class job_history_test : public testing::Test {
protected:
    job_history::change add(const std::string& job, int n) {
        job_history::change c;
        history.add(run_of(job, n), c);
        apply(c);
        return c;
    }
    void apply(const job_history::change& c) {
        for (const auto& r : c.put) rows[r.id] = r.body;
        for (const auto& r : c.drop) EXPECT_EQ(rows.erase(r.id), 1u);
    }
    void reload() {
        std::vector<store::record> all;
        for (const auto& [id, body] : rows) all.push_back({job_history::kind, id, body});
        history = {};
        job_history::change c;
        c.drop = history.load(all);
        apply(c);
    }
    job_history history;
    std::map<std::string, std::string> rows;
};

TEST_F(job_history_test, has_the_newest_first_and_so_many_of_each_job) {
    const auto n = static_cast<int>(job_history::per_job);
    add("other", 0);
    for (int i = 0; i < n + 5; ++i) add("a", i);
    reload();
    const auto all = history.list();
    ASSERT_EQ(all.size(), job_history::per_job + 1);
    EXPECT_EQ(*all.front(), run_of("a", n + 4));
    EXPECT_EQ(*all[job_history::per_job - 1], run_of("a", 5));
    EXPECT_EQ(*all.back(), run_of("other", 0));
    EXPECT_EQ(rows.size(), all.size());
}

TEST_F(job_history_test, has_so_many_in_all) {
    for (int i = 0; i < 2'010; ++i) add("job" + std::to_string(i), i);
    EXPECT_EQ(rows.size(), job_history::in_all);
    EXPECT_EQ(*history.list().back(), run_of("job10", 10));
    reload();
    EXPECT_EQ(history.list().size(), job_history::in_all);
}

TEST_F(job_history_test, forgets_a_job_and_takes_back_what_was_not_written) {
    add("a", 1);
    add("b", 2);
    add("a", 3);
    job_history::change c;
    history.forget("a", c);
    apply(c);
    ASSERT_EQ(history.list().size(), 1u);
    EXPECT_EQ(*history.list()[0], run_of("b", 2));
    c = {};
    history.add(run_of("b", 4), c);
    history.take_back(c);
    ASSERT_EQ(history.list().size(), 1u);
    EXPECT_EQ(*history.list()[0], run_of("b", 2));
}

TEST_F(job_history_test, drops_what_it_cannot_read) {
    rows = {{"000000000001", "no json"}, {"x", "{}"}, {"000000000003", R"({"jobId":"a"})"}};
    reload();
    EXPECT_EQ(history.list().size(), 1u);
    EXPECT_EQ(rows.size(), 1u);
    EXPECT_EQ(add("a", 1).put.at(0).id, "000000000004");
}

}  // namespace
}  // namespace openclaw::routing
