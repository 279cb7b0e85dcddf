#include "store/schema.hpp"
#include "store/tables.hpp"
#include "store_fixture.hpp"

#include <sqlite3.h>

namespace openclaw::store {
namespace {

// Collects the text of every statement that runs from here on.
void collect_statements(database& db, std::vector<std::string>& into) {
    const auto note = [](unsigned, void* target, void* stmt, void*) {
        auto* list = static_cast<std::vector<std::string>*>(target);
        list->emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(stmt)));
        return 0;
    };
    sqlite3_trace_v2(db.native(), SQLITE_TRACE_STMT, note, &into);
}

class reading_test : public store_test {
protected:
    void add(const std::string& key, const std::string& agent = "a") {
        auto c = turn("run of " + key, 0, key);
        c.agent = agent;
        ASSERT_TRUE(get(s->commit(c)));
    }
    std::vector<std::string> keys(const session_query& query) {
        std::vector<std::string> out;
        for (const auto& row : get(s->list_sessions(query)).value()) out.push_back(row.key);
        return out;
    }
};

TEST_F(reading_test, lists_sessions_newest_first_page_by_page) {
    for (int i = 0; i < 10; ++i) {
        add("k" + std::to_string(i));
        if (i % 2 == 1) time.advance(milliseconds(1));  // pairs have the same time
    }
    session_query query;
    query.limit = 3;
    std::string all;
    while (true) {
        const auto page = get(s->list_sessions(query)).value();
        if (page.empty()) break;
        for (const auto& row : page) all += row.key + " ";
        query.before_updated_ms = page.back().updated_ms;
        query.before_id = page.back().id;
    }
    EXPECT_EQ(all, "k9 k8 k7 k6 k5 k4 k3 k2 k1 k0 ");
}

TEST_F(reading_test, a_turn_brings_its_session_to_the_front) {
    add("k1");
    time.advance(milliseconds(1));
    add("k2");
    time.advance(milliseconds(1));
    ASSERT_TRUE(get(s->commit(turn("more", 0, "k1"))));
    EXPECT_EQ(keys({}), (std::vector<std::string>{"k1", "k2"}));
}

TEST_F(reading_test, lists_by_agent_and_by_text) {
    add("agent:x:Mail", "x");
    add("agent:y:mail", "y");
    add("agent:x:notes_1", "x");
    session_query query;
    query.agent = "x";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"agent:x:notes_1", "agent:x:Mail"}));
    query.search = "MAIL";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"agent:x:Mail"}));
    query.agent = "";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"agent:y:mail", "agent:x:Mail"}));
    query.limit = 1;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"agent:y:mail"}));
    query.search = "%";
    EXPECT_TRUE(keys(query).empty()) << "no pattern language";
    query.search = "s_1";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"agent:x:notes_1"}));
}

TEST_F(reading_test, lists_by_what_clients_have_marked) {
    for (const std::string key : {"k1", "k2", "k3"}) {
        add(key);
        time.advance(milliseconds(10));
    }
    session_patch patch;
    patch.key = "k2";
    patch.label = "Mine";
    patch.archived = true;
    const auto changed = get(s->patch_session(patch)).value();
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->label, "Mine");
    EXPECT_TRUE(changed->archived);
    EXPECT_FALSE(changed->pinned);
    session_query query;
    query.archived = false;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"k3", "k1"}));
    query.archived = true;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"k2"}));
    query = {};
    query.label = "Mine";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"k2"}));
    query.search = "k3";
    EXPECT_TRUE(keys(query).empty());
    query = {};
    query.updated_since_ms = changed->updated_ms;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"k3", "k2"}));
    query = {};
    query.id = changed->id;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"k2"}));
    patch.key = "nobody";
    EXPECT_FALSE(get(s->patch_session(patch)).value().has_value());
}

// Thousands of sessions of one request hide no conversation.
TEST_F(reading_test, what_is_in_the_background_is_listed_for_those_who_ask) {
    add("talk");
    auto once = turn("r1", 0, "once");
    once.background = true;
    ASSERT_TRUE(get(s->commit(once)));
    auto waiting = message("r2", "waiting");
    waiting.background = true;
    ASSERT_TRUE(get(s->accept(waiting)));
    session_query query;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"talk"}));
    query.agent = "a";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"talk"}));
    query.background = true;
    EXPECT_EQ(keys(query), (std::vector<std::string>{"waiting", "once", "talk"}));
    query.agent = "b";
    EXPECT_TRUE(keys(query).empty());
    query.agent.clear();
    query.search = "ONCE";
    EXPECT_EQ(keys(query), (std::vector<std::string>{"once"}));
    query.background = false;
    EXPECT_TRUE(keys(query).empty());
    EXPECT_TRUE(get(s->find_session("once")).value()->background);
    EXPECT_EQ(get(s->stats()).value().sessions, 1);

    session_patch patch;
    patch.key = "once";
    patch.label = "kept";
    ASSERT_TRUE(get(s->patch_session(patch)));
    EXPECT_EQ(keys({}), (std::vector<std::string>{"once", "talk"})) << "somebody has marked it";
    EXPECT_EQ(get(s->stats()).value().sessions, 2);
    ASSERT_TRUE(get(s->delete_session("waiting")).value());
    EXPECT_EQ(get(s->stats()).value().sessions, 2);
    ASSERT_TRUE(get(s->clear_history("once", 100)));
    ASSERT_TRUE(get(s->delete_session("once")).value());
    EXPECT_EQ(get(s->stats()).value().sessions, 1);
}

TEST_F(reading_test, figures) {
    accepted("r1");
    accepted("r2");
    auto c = turn("r3", 0, "k");
    c.deliveries = {reply("1"), reply("2"), reply("3")};
    ASSERT_TRUE(get(s->commit(c)));
    const auto stats = get(s->stats()).value();
    EXPECT_EQ(stats.sessions, 2);
    EXPECT_EQ(stats.waiting, 2);
    EXPECT_EQ(stats.pending_deliveries, 3);
    EXPECT_GT(stats.file_bytes, 4096);
    EXPECT_GT(stats.free_bytes, 0);
}

// No statement may look at more rows than it gives: that is what keeps a gateway with a million
// sessions as quick as one with ten.
TEST_F(reading_test, no_statement_scans_a_table) {
    ASSERT_TRUE(get(s->commit(turn("r1"))));  // something to sweep
    s->close();
    connection_options how;
    how.path = (dir.path() / "state/openclaw.db").string();
    connection c(database::open(how).value());
    std::vector<std::string> seen;
    collect_statements(*c.db, seen);
    auto& t = c.rows;
    t.sessions.find_head("k");
    t.sessions.find("k");
    t.sessions.list({});
    session_query by_agent;
    by_agent.agent = "a";
    t.sessions.list(by_agent);
    session_query everything;
    everything.background = true;
    t.sessions.list(everything);
    t.sessions.count();
    t.inbox.find_by_id(1);
    t.inbox.find_by_run("r");
    t.inbox.find_by_dedupe("d");
    t.inbox.waiting(0, 10);
    t.inbox.start(1, 1, 1);
    t.transcript.window("k", 10, 0);
    t.transcript.last_of_run(1, 2, "r1");
    t.transcript.steps("r");
    t.transcript.drop_steps("r");
    t.outbox.due("c", "a", 1, 10);
    t.retention.sweep_sessions(time.unix_ms() + 1, 10, 0);
    t.retention.sweep_inbox(1, 10);
    t.retention.sweep_outbox(1, 10);
    ASSERT_FALSE(c.db->failed()) << c.db->failure_text();
    ASSERT_GE(seen.size(), 24u);
    sqlite3_trace_v2(c.db->native(), 0, nullptr, nullptr);
    for (const auto& sql : seen) {
        statement explain(*c.db, "EXPLAIN QUERY PLAN " + sql);
        cursor row(explain);
        while (row.step()) {
            const auto detail = row.text(3);
            EXPECT_EQ(detail.find("SCAN"), std::string::npos) << detail << "\n" << sql;
            EXPECT_EQ(detail.find("TEMP B-TREE"), std::string::npos) << detail << "\n" << sql;
        }
        ASSERT_FALSE(c.db->failed()) << c.db->failure_text() << sql;
    }
}

}  // namespace
}  // namespace openclaw::store
