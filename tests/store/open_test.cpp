#include "store/schema.hpp"
#include "store/state_folder.hpp"
#include "store_fixture.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace openclaw::store {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0;
}

class open_test : public store_test {
protected:
    void SetUp() override {}

    fs::path state() const { return dir.path() / "state"; }
    std::string database_file() {
        fs::create_directories(state());
        std::ofstream(state() / "openclaw.db", std::ios::app);
        return (state() / "openclaw.db").string();
    }
    std::unique_ptr<database> raw() {
        connection_options how;
        how.path = database_file();
        return database::open(how).value();
    }
    static std::int64_t number(database& db, const std::string& sql) {
        statement ask(db, sql);
        cursor row(ask);
        return row.step() ? row.integer(0) : -1;
    }
};

TEST_F(open_test, makes_a_private_folder) {
    umask(0);
    open();
    accepted("r1");
    EXPECT_EQ(mode_of(state()), 0700u);
    for (const auto* name : {"gateway.lock", "openclaw.db", "openclaw.db-wal", "openclaw.db-shm"}) {
        EXPECT_EQ(mode_of(state() / name), 0600u) << name;
    }
    umask(022);
}

TEST_F(open_test, makes_folders_and_files_private_that_were_not) {
    fs::create_directories(state());
    std::ofstream(state() / "openclaw.json") << "{}";
    chmod(state().c_str(), 0755);
    std::ofstream(state() / "openclaw.db");
    chmod((state() / "openclaw.db").c_str(), 0644);
    open();
    EXPECT_EQ(mode_of(state()), 0700u);
    EXPECT_EQ(mode_of(state() / "openclaw.db"), 0600u);
}

TEST_F(open_test, does_not_lock_others_out_of_a_folder_that_is_not_its_own) {
    fs::create_directories(state());
    std::ofstream(state() / "somebody.txt") << "x";
    chmod(state().c_str(), 0755);
    open();
    EXPECT_EQ(mode_of(state()), 0755u);
}

TEST_F(open_test, a_second_opener_is_told_who_holds_the_folder) {
    open();
    const auto second = open_sqlite(options(), time, metrics, tuning);
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(second.error().code, errc::in_use);
    EXPECT_NE(second.error().message.find("pid " + std::to_string(getpid())), std::string::npos);
    EXPECT_NE(second.error().hint.find("--state-dir"), std::string::npos);
    s->close();
    EXPECT_TRUE(open_sqlite(options(), time, metrics, tuning).has_value());
}

TEST_F(open_test, a_lock_file_left_behind_is_no_lock) {
    fs::create_directories(state());
    std::ofstream(state() / "gateway.lock") << "1\n and more than fits in there";
    open();
    std::ifstream file(state() / "gateway.lock");
    std::string pid;
    std::getline(file, pid);
    EXPECT_EQ(pid, std::to_string(getpid()));
}

TEST_F(open_test, a_file_in_the_place_of_the_folder_is_named) {
    std::ofstream(state()) << "x";
    const auto opened = open_sqlite(options(), time, metrics, tuning);
    ASSERT_TRUE(opened.has_error());
    EXPECT_NE(opened.error().message.find(state().string()), std::string::npos);
}

TEST_F(open_test, every_start_has_a_higher_number) {
    open();
    EXPECT_EQ(s->epoch(), 1);
    reopen();
    reopen();
    EXPECT_EQ(s->epoch(), 3);
}

TEST_F(open_test, what_was_accepted_survives_a_killed_process) {
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        open();
        for (int i = 0; i < 20; ++i) accepted("r" + std::to_string(i));
        const auto done = get(s->commit(turn("direct")));
        _exit(done.has_value() ? 0 : 1);  // no close, no destructor
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    open();
    EXPECT_EQ(s->epoch(), 2);
    EXPECT_EQ(get(s->waiting(0, 100)).value().size(), 20u);
    EXPECT_EQ(get(s->history("agent:a:main", 10, 0)).value().size(), 2u);
}

TEST_F(open_test, upgrades_a_file_of_version_1_and_keeps_its_rows) {
    auto db = raw();
    ASSERT_TRUE(migrate(*db, migrations().first(1)));
    ASSERT_TRUE(db->exec("INSERT INTO inbox(run_id, session, agent, priority, received, epoch, "
                         "body) VALUES('old', 'agent:a:main', 'a', 1, 5, 0, '{}')"));
    const std::array steps{migrations()[0],
                           migration{2, "ALTER TABLE inbox ADD COLUMN extra INTEGER DEFAULT 7"},
                           migration{3, "CREATE TABLE more(x); INSERT INTO more VALUES(3)"}};
    ASSERT_TRUE(migrate(*db, steps));
    EXPECT_EQ(number(*db, "PRAGMA user_version"), 3);
    EXPECT_EQ(number(*db, "SELECT extra FROM inbox WHERE run_id = 'old'"), 7);
    EXPECT_EQ(number(*db, "SELECT x FROM more"), 3);
    ASSERT_TRUE(migrate(*db, steps)) << "again is nothing";
    EXPECT_EQ(number(*db, "SELECT count(*) FROM more"), 1);
}

TEST_F(open_test, opens_a_file_of_version_1) {
    {
        auto db = raw();
        ASSERT_TRUE(migrate(*db, migrations().first(1)));
        ASSERT_TRUE(db->exec("INSERT INTO inbox(run_id, session, agent, priority, received, epoch,"
                             " body) VALUES('old', 'agent:a:main', 'a', 1, 5, 0, '{}')"));
    }
    open();
    EXPECT_TRUE(get(s->find_run("old")).value());
}

TEST_F(open_test, knows_the_sessions_of_one_request_in_a_file_of_version_6) {
    {
        auto db = raw();
        ASSERT_TRUE(migrate(*db, migrations().first(6)));
        ASSERT_TRUE(db->exec("INSERT INTO sessions(key, agent, label, created, updated, last_seq, epoch) "
                             "VALUES('agent:a:openai:1', 'a', '', 1, 1, 0, 0), "
                             "('agent:a:anthropic:1', 'a', '', 1, 1, 0, 0), "
                             "('agent:a:openai:2', 'a', 'mine', 1, 2, 0, 0), "
                             "('agent:a:openai-user:1', 'a', '', 1, 3, 0, 0), "
                             "('agent:a:my:openai:1', 'a', '', 1, 4, 0, 0);"
                             "UPDATE meta SET value = 5 WHERE key = 'sessions'"));
    }
    open();
    std::string listed;
    for (const auto& row : get(s->list_sessions({})).value()) listed += row.key + " ";
    EXPECT_EQ(listed, "agent:a:my:openai:1 agent:a:openai-user:1 agent:a:openai:2 ");
    EXPECT_EQ(get(s->stats()).value().sessions, 3);
}

TEST_F(open_test, has_dead_letters_in_a_file_of_version_8) {
    {
        auto db = raw();
        ASSERT_TRUE(migrate(*db, migrations().first(8)));
        ASSERT_TRUE(db->exec("INSERT INTO inbox(run_id, session, agent, priority, received, epoch, body, "
                             "state) VALUES('old', 'agent:a:main', 'a', 1, 5, 0, '{}', 3), "
                             "('waits', 'agent:a:main', 'a', 1, 5, 0, '{}', 0)"));
    }
    open();
    EXPECT_TRUE(get(s->dead_letters(0, 10)).value().empty());
    auto dead = turn("waits", get(s->find_run("waits")).value()->inbox_id);
    dead.state = run_state::dead;
    ASSERT_TRUE(get(s->commit(std::move(dead))));
    EXPECT_EQ(get(s->dead_letters(0, 10)).value().at(0).run_id, "waits");
    s->close();
    auto db = raw();
    statement plan(*db, "EXPLAIN QUERY PLAN SELECT body FROM inbox WHERE id > 0 AND state = 5 "
                        "ORDER BY id LIMIT 9");
    cursor row(plan);
    ASSERT_TRUE(row.step());
    EXPECT_NE(row.text(3).find("inbox_dead"), std::string::npos) << row.text(3);
}

TEST_F(open_test, keeps_the_transcripts_of_a_file_of_version_5_in_order) {
    {
        auto db = raw();
        ASSERT_TRUE(migrate(*db, migrations().first(5)));
        ASSERT_TRUE(db->exec("INSERT INTO sessions(id, key, agent, created, updated, last_seq, epoch) "
                             "VALUES(7, 'agent:a:x', 'a', 1, 1, 12, 0), (8, 'agent:a:y', 'a', 1, 1, 1, 0);"
                             "INSERT INTO transcript(session_id, seq, id, role, run_id, at, epoch, body) "
                             "VALUES(8, 1, 'y1', 'user', 'r', 5, 0, '{}'), (7, 12, 'x12', 'user', 'r', 6, "
                             "0, '{}'), (7, 11, 'x11', 'user', 'r', 5, 0, '{}')"));
    }
    open();
    const auto rows = get(s->history("agent:a:x", 10, 0)).value();
    ASSERT_EQ(rows.size(), 2u) << "not those of the other session";
    EXPECT_EQ(rows[0].id + " " + rows[1].id, "x11 x12");
    EXPECT_EQ(rows[0].seq, 11);
    EXPECT_EQ(get(s->history("agent:a:y", 10, 0)).value().at(0).seq, 1);
}

TEST_F(open_test, a_migration_that_fails_changes_nothing) {
    auto db = raw();
    const std::array steps{migrations()[0],
                           migration{2, "CREATE TABLE half(x); INSERT INTO nowhere VALUES(1)"}};
    const auto failed = migrate(*db, steps);
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().code, errc::storage);
    EXPECT_EQ(number(*db, "PRAGMA user_version"), 0);
    EXPECT_EQ(number(*db, "SELECT count(*) FROM sqlite_schema"), 0);
}

TEST_F(open_test, refuses_the_file_of_a_newer_binary) {
    raw()->exec("PRAGMA user_version=4711");
    const auto opened = open_sqlite(options(), time, metrics, tuning);
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().code, errc::storage);
    EXPECT_NE(opened.error().message.find("4711"), std::string::npos);
    EXPECT_FALSE(opened.error().hint.empty());
}

TEST_F(open_test, refuses_a_damaged_file_with_a_remedy) {
    std::ofstream(database_file()) << std::string(8192, 'x');
    const auto opened = open_sqlite(options(), time, metrics, tuning);
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().code, errc::storage);
    EXPECT_NE(opened.error().hint.find("backup"), std::string::npos);
}

TEST_F(open_test, syncs_every_commit_into_a_log) {
    auto db = raw();
    EXPECT_EQ(number(*db, "PRAGMA synchronous"), 2);
    statement ask(*db, "PRAGMA journal_mode");
    cursor row(ask);
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.view(0), "wal");
    EXPECT_EQ(number(*db, "PRAGMA mmap_size"), 0);
}

TEST_F(open_test, a_database_that_was_cut_off_is_refused) {
    open();
    accepted("r1");
    s->close();
    s.reset();
    const auto file = options().state_dir / "openclaw.db";
    ASSERT_GT(std::filesystem::file_size(file), 5000u);
    std::filesystem::resize_file(file, 5000);
    const auto opened = open_sqlite(options(), time, metrics, tuning);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::storage);
    EXPECT_NE(opened.error().to_string().find("has 5000 of its "), std::string::npos);
}

}  // namespace
}  // namespace openclaw::store
