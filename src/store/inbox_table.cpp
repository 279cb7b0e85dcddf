#include "store/inbox_table.hpp"

namespace openclaw::store {

namespace {

const std::string columns = "id, run_id, session, agent, state, priority, attempts, received, "
                            "started, ended, outcome, epoch, joined, called_back";

inbox_table::entry read_entry(const cursor& c) {
    inbox_table::entry e;
    e.run.inbox_id = c.integer(0);
    e.run.run_id = c.text(1);
    e.run.session = c.text(2);
    e.run.agent = c.text(3);
    e.run.state = static_cast<run_state>(c.integer(4));
    e.run.priority = static_cast<std::uint8_t>(c.integer(5));
    e.run.attempts = static_cast<std::uint32_t>(c.integer(6));
    e.run.received_ms = c.integer(7);
    e.run.started_ms = c.integer(8);
    e.run.ended_ms = c.integer(9);
    e.run.outcome = c.text(10);
    e.epoch = e.run.epoch = c.integer(11);
    e.run.joined = c.integer(12);
    e.run.called_back = c.text(13);
    return e;
}

std::optional<inbox_table::entry> read_one(cursor& c) {
    if (!c.step()) return std::nullopt;
    return read_entry(c);
}

std::vector<run_row> read_with_bodies(cursor& c) {
    std::vector<run_row> rows;
    while (c.step()) {
        rows.push_back(read_entry(c).run);
        rows.back().body = c.text(14);
    }
    return rows;
}

}  // namespace

inbox_table::inbox_table(database& db)
    : db_(db)
    , by_id_(db, "SELECT " + columns + " FROM inbox WHERE id = ?1")
    , by_run_(db, "SELECT " + columns + " FROM inbox WHERE run_id = ?1")
    , by_dedupe_(db, "SELECT " + columns + " FROM inbox WHERE dedupe = ?1")
    , insert_(db, "INSERT INTO inbox(run_id, session, agent, priority, received, epoch, body) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    , insert_keyed_(db, "INSERT INTO inbox(run_id, session, agent, priority, received, epoch, "
                        "body, dedupe) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
    , start_(db, "UPDATE inbox SET state = 1, attempts = attempts + 1, started = ?2, epoch = ?3 "
                 "WHERE id = ?1 AND state < 2 AND epoch <= ?3")
    , leave_(db, "UPDATE inbox SET attempts = attempts - 1 WHERE id = ?1 AND state = 1 AND "
                 "attempts > 0 AND epoch = ?2")
    , call_back_(db, "UPDATE inbox SET called_back = ?2 WHERE run_id = ?1 AND state < 2")
    // The body of a failed or dead message stays: somebody may want it tried again.
    , end_(db, "UPDATE inbox SET state = ?2, started = iif(started = 0, ?3, started), ended = ?4, "
               "outcome = ?5, epoch = ?6, body = iif(?2 IN (3, 5), body, '') WHERE id = ?1")
    , end_joined_(db, "UPDATE inbox SET state = ?2, ended = ?3, outcome = ?4, epoch = ?5, "
                      "body = iif(?2 IN (3, 5), body, '') WHERE joined = ?1 AND joined <> 0 AND state < 2")
    , join_(db, "UPDATE inbox SET state = 1, attempts = attempts + 1, "
                "started = iif(started = 0, ?2, started), epoch = ?3, joined = ?4 WHERE id = ?1")
    // Dead letters keep their words: somebody may want them said again.
    , forget_(db, "UPDATE inbox SET body = '', outcome = '' WHERE state >= 2 AND state <> 5 AND "
                  "session = (SELECT key FROM sessions WHERE id = ?1) AND run_id IN "
                  "(SELECT run_id FROM transcript WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295 "
                  "ORDER BY number LIMIT ?2)")
    , forget_joined_(db, "UPDATE inbox SET body = '', outcome = '' "
                         "WHERE joined <> 0 AND state >= 2 AND state <> 5 AND joined IN "
                         "(SELECT id FROM inbox WHERE run_id IN (SELECT run_id FROM transcript "
                         "WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295 "
                         "ORDER BY number LIMIT ?2))")
    , waiting_(db, "SELECT " + columns + ", body FROM inbox WHERE id > ?1 AND state < 2 "
                   "ORDER BY id LIMIT ?2")
    , count_(db, "SELECT count(*) FROM inbox WHERE state < 2")
    , dead_(db, "SELECT " + columns + ", body FROM inbox WHERE id > ?1 AND state = 5 "
                "ORDER BY id LIMIT ?2")
    , dead_by_run_(db, "SELECT " + columns + ", body FROM inbox WHERE run_id = ?1 AND state = 5")
    , discard_(db, "UPDATE inbox SET state = 3, body = '' WHERE run_id = ?1 AND state = 5")
    , forget_dead_(db, "UPDATE inbox SET body = '', outcome = '', state = 3 WHERE state = 5 AND session = ?1")
    , count_dead_(db, "SELECT count(*) FROM inbox WHERE state = 5") {}

std::optional<inbox_table::entry> inbox_table::find_by_id(std::int64_t id) {
    cursor c(by_id_);
    return read_one(c.bind(id));
}

std::optional<inbox_table::entry> inbox_table::find_by_run(const std::string& run_id) {
    cursor c(by_run_);
    return read_one(c.bind(run_id));
}

std::optional<inbox_table::entry> inbox_table::find_by_dedupe(const std::string& dedupe) {
    cursor c(by_dedupe_);
    return read_one(c.bind(dedupe));
}

std::int64_t inbox_table::insert(const accept_request& r) {
    const std::int64_t priority = r.priority;
    if (r.dedupe.empty()) {
        insert_.run(r.run_id, r.session, r.agent, priority, r.received_ms, r.epoch, r.body);
    } else {
        insert_keyed_.run(r.run_id, r.session, r.agent, priority, r.received_ms, r.epoch, r.body,
                          r.dedupe);
    }
    return db_.last_row_id();
}

void inbox_table::start(std::int64_t id, std::int64_t at_ms, std::int64_t epoch) {
    start_.run(id, at_ms, epoch);
}

void inbox_table::end(std::int64_t id, const turn_commit& c) {
    const auto state = static_cast<std::int64_t>(c.state);
    end_.run(id, state, c.started_ms, c.ended_ms, c.outcome, c.epoch);
    end_joined_.run(id, state, c.ended_ms, c.outcome, c.epoch);
}

void inbox_table::join(std::int64_t id, const message_join& j) {
    join_.run(id, j.at_ms, j.epoch, j.into);
}

void inbox_table::forget_words(std::int64_t session_id, std::size_t rows) {
    forget_joined_.run(session_id, static_cast<std::int64_t>(rows));
    forget_.run(session_id, static_cast<std::int64_t>(rows));
}

void inbox_table::call_back(const std::string& run_id, const std::string& reason) {
    call_back_.run(run_id, reason);
}

void inbox_table::leave(std::int64_t id, std::int64_t epoch) {
    leave_.run(id, epoch);
}

std::vector<run_row> inbox_table::waiting(std::int64_t after_id, std::size_t limit) {
    cursor c(waiting_);
    return read_with_bodies(c.bind(after_id, static_cast<std::int64_t>(limit)));
}

std::vector<run_row> inbox_table::dead(std::int64_t after_id, std::size_t limit) {
    cursor c(dead_);
    return read_with_bodies(c.bind(after_id, static_cast<std::int64_t>(limit)));
}

std::optional<run_row> inbox_table::find_dead(const std::string& run_id) {
    cursor c(dead_by_run_);
    auto rows = read_with_bodies(c.bind(run_id));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

bool inbox_table::discard_dead(const std::string& run_id) {
    discard_.run(run_id);
    return !db_.failed() && db_.changes() > 0;
}

void inbox_table::forget_dead(const std::string& session) {
    forget_dead_.run(session);
}

std::int64_t inbox_table::count_dead() {
    cursor c(count_dead_);
    return c.step() ? c.integer(0) : 0;
}

std::int64_t inbox_table::count_unfinished() {
    cursor c(count_);
    return c.step() ? c.integer(0) : 0;
}

}  // namespace openclaw::store
