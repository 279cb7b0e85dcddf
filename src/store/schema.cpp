#include "store/schema.hpp"

#include "openclaw/core/log.hpp"

#include <array>
#include <string>

namespace openclaw::store {

namespace {

// Version 1. Times are Unix milliseconds; states are the numbers of the enums in store.hpp.
// Every row that a lane writes carries the lane's epoch, so that several gateways can share the
// tables one day.
constexpr const char* first_schema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('starts', 0), ('sessions', 0);

CREATE TABLE sessions(
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  agent TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  provider TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  tokens_input INTEGER NOT NULL DEFAULT 0,
  tokens_output INTEGER NOT NULL DEFAULT 0,
  tokens_cache_read INTEGER NOT NULL DEFAULT 0,
  tokens_cache_write INTEGER NOT NULL DEFAULT 0);
CREATE INDEX sessions_by_update ON sessions(updated, id);
CREATE INDEX sessions_by_agent ON sessions(agent, updated, id);

CREATE TABLE inbox(
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  dedupe TEXT,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  priority INTEGER NOT NULL,
  received INTEGER NOT NULL,
  started INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0,
  state INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL,
  body TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX inbox_by_dedupe ON inbox(dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX inbox_unfinished ON inbox(id) WHERE state < 2;
CREATE INDEX inbox_by_end ON inbox(ended) WHERE state >= 2;

CREATE TABLE turn_steps(
  run_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  role TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY(run_id, number)) WITHOUT ROWID;

CREATE TABLE transcript(
  session_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  role TEXT NOT NULL,
  run_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY(session_id, seq)) WITHOUT ROWID;

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  peer TEXT NOT NULL,
  thread TEXT NOT NULL,
  reply_id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL,
  run_id TEXT NOT NULL,
  body TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  epoch INTEGER NOT NULL,
  updated INTEGER NOT NULL);
CREATE INDEX outbox_pending ON outbox(channel, account, id) WHERE state = 0;
CREATE INDEX outbox_pending_by_peer ON outbox(channel, account, peer, thread, id) WHERE state = 0;
CREATE INDEX outbox_by_end ON outbox(updated) WHERE state > 0;

CREATE TABLE tokens(
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  subject TEXT NOT NULL,
  role TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL DEFAULT 0,
  revoked INTEGER NOT NULL DEFAULT 0,
  last_used INTEGER NOT NULL DEFAULT 0);

CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL);
)sql";

// The retention walks through the sessions since.
constexpr const char* drop_time_index = "DROP INDEX IF EXISTS transcript_by_time";

// What clients mark, and how the last turn ended: a run_state, 0 for not known.
constexpr const char* session_marks = R"sql(
ALTER TABLE sessions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_state INTEGER NOT NULL DEFAULT 0;
)sql";

// Small sets that a module keeps in memory, as JSON: devices, requests to be paired, keys.
constexpr const char* add_records =
    "CREATE TABLE records(kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, "
    "PRIMARY KEY(kind, id)) WITHOUT ROWID";

// The highest id of a session that is gone: clients tell sessions of the same name apart by their
// ids, so that none may come twice.
constexpr const char* add_last_session = "INSERT INTO meta VALUES('last_session', 0)";

// A row's number is its session's id, and its place there in the lower 32 bits: rows of new
// sessions come at the table's end, where SQLite fills page after page and touches no other. A key of
// two columns is kept like an index, and each full page shared out among its neighbours.
constexpr const char* rows_by_number = R"sql(
CREATE TABLE numbered(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  role TEXT NOT NULL,
  run_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  body TEXT NOT NULL);
INSERT INTO numbered SELECT session_id << 32 | seq, id, role, run_id, at, epoch, body FROM transcript
  ORDER BY session_id, seq;
DROP TABLE transcript;
ALTER TABLE numbered RENAME TO transcript;
)sql";

// How clients sort and show a session, and the model they chose for it.
constexpr const char* session_choices = R"sql(
ALTER TABLE sessions ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN icon TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN color TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN wanted_model TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_archived ON sessions(id) WHERE archived = 1;
)sql";

// Sessions that were made for one request are many and nobody's: lists and figures leave them out, and the
// indexes of lists do not hold them.
constexpr const char* add_background = R"sql(
ALTER TABLE sessions ADD COLUMN background INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET background = 1 WHERE label = '' AND pinned = 0 AND archived = 0 AND
  (substr(key, length(agent) + 8) GLOB 'openai:*' OR substr(key, length(agent) + 8) GLOB 'anthropic:*');
CREATE INDEX sessions_listed ON sessions(updated, id) WHERE background = 0;
DROP INDEX sessions_by_agent;
CREATE INDEX sessions_by_agent ON sessions(agent, updated, id) WHERE background = 0;
UPDATE meta SET value = (SELECT count(*) FROM sessions WHERE background = 0) WHERE key = 'sessions';
)sql";

constexpr const char* find_dead_letters = "CREATE INDEX inbox_dead ON inbox(id) WHERE state = 5";

// Messages that take part in the turn of another one.
constexpr const char* add_joined = R"sql(
ALTER TABLE inbox ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
CREATE INDEX inbox_joined ON inbox(joined) WHERE joined <> 0;
)sql";

// Why its sender has called a message back, from then on until its end.
constexpr const char* add_called_back = "ALTER TABLE inbox ADD COLUMN called_back TEXT NOT NULL DEFAULT ''";

constexpr std::array all_migrations{migration{1, first_schema}, migration{2, drop_time_index},
                                    migration{3, session_marks}, migration{4, add_records},
                                    migration{5, add_last_session},
                                    migration{6, rows_by_number},
                                    migration{7, session_choices}, migration{8, add_background},
                                    migration{9, find_dead_letters}, migration{10, add_joined},
                                    migration{11, add_called_back}};

int read_version(database& db) {
    statement ask(db, "PRAGMA user_version");
    cursor row(ask);
    return row.step() ? static_cast<int>(row.integer(0)) : 0;
}

}  // namespace

std::span<const migration> migrations() { return all_migrations; }

result<void> migrate(database& db, std::span<const migration> steps) {
    const int version = read_version(db);
    if (db.failed()) return describe(db, db.take_failure());
    const int newest = steps.empty() ? 0 : steps.back().number;
    if (version > newest) {
        return error(errc::storage,
                     "'" + db.path() + "' was written by a newer openclaw (schema " +
                         std::to_string(version) + ", this one knows " + std::to_string(newest) +
                         ")",
                     "Install that version again, or restore a backup made before the upgrade.");
    }
    if (version == newest) return {};
    db.exec("BEGIN IMMEDIATE");
    for (const auto& step : steps) {
        if (step.number > version) db.exec(step.sql);
    }
    db.exec("PRAGMA user_version=" + std::to_string(newest));
    db.exec("COMMIT");
    if (db.failed()) {
        auto failure = describe(db, db.take_failure());
        db.rollback();
        failure.message += "; schema " + std::to_string(newest) + " was not applied";
        return failure;
    }
    if (version > 0) log::info("store", "schema upgraded", {{"from", version}, {"to", newest}});
    return {};
}

}  // namespace openclaw::store
