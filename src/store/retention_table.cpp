#include "store/retention_table.hpp"

namespace openclaw::store {

retention_table::retention_table(database& db)
    : db_(db)
    , sessions_(db, "SELECT id, created, updated FROM sessions WHERE id >= ?1 ORDER BY id LIMIT ?2")
    , first_rows_(db, "SELECT number & 4294967295, at FROM transcript WHERE number BETWEEN ?1 << 32 AND "
                      "?1 << 32 | 4294967295 ORDER BY number LIMIT ?2")
    , drop_rows_(db, "DELETE FROM transcript WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | ?2 AND at < ?3")
    , drop_session_(db, "DELETE FROM sessions WHERE id = ?1")
    , note_last_(db, "UPDATE meta SET value = ?1 WHERE key = 'last_session' AND value < ?1")
    , count_down_(db, "UPDATE meta SET value = value - (SELECT background = 0 FROM sessions WHERE id = ?1) "
                      "WHERE key = 'sessions'")
    , sweep_inbox_(db, "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state >= 2 AND "
                       "ended < ?1 ORDER BY ended LIMIT ?2)")
    , sweep_outbox_(db, "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state > 0 "
                        "AND updated < ?1 ORDER BY updated LIMIT ?2)") {}

swept_history retention_table::sweep_sessions(std::int64_t before_ms, std::size_t limit,
                                              std::int64_t first_session) {
    swept_history swept;
    for (const auto& s : old_sessions(before_ms, limit, first_session, swept.next_session)) {
        swept.rows += sweep_transcript(s.id, before_ms, limit - swept.rows);
        if (swept.rows >= limit) {
            swept.next_session = s.id;  // there may be more of it
            break;
        }
        if (s.updated_ms >= before_ms || !is_empty(s.id)) continue;
        count_down_.run(s.id);
        drop_session_.run(s.id);
        note_last_.run(s.id);
        ++swept.rows;
    }
    return swept;
}

std::vector<retention_table::old_session> retention_table::old_sessions(std::int64_t before_ms,
                                                                        std::size_t limit,
                                                                        std::int64_t first,
                                                                        std::int64_t& next) {
    std::vector<old_session> old;
    std::size_t seen = 0;
    cursor c(sessions_);
    c.bind(first, static_cast<std::int64_t>(limit));
    for (; c.step(); ++seen) {
        next = c.integer(0) + 1;
        if (c.integer(1) < before_ms) old.push_back({c.integer(0), c.integer(2)});
    }
    // Ids grow with the time: behind a slice in which nothing is old enough there is nothing older.
    if (seen < limit || old.empty()) next = 0;
    return old;
}

std::size_t retention_table::sweep_transcript(std::int64_t session_id, std::int64_t before_ms,
                                              std::size_t limit) {
    std::int64_t last = 0;
    {
        cursor c(first_rows_);
        c.bind(session_id, static_cast<std::int64_t>(limit));
        // A clock that was ahead once leaves a row that stays behind for a while.
        while (c.step()) {
            if (c.integer(1) < before_ms) last = c.integer(0);
        }
    }
    if (last == 0) return 0;
    drop_rows_.run(session_id, last, before_ms);
    return db_.failed() ? 0 : static_cast<std::size_t>(db_.changes());
}

bool retention_table::is_empty(std::int64_t session_id) {
    cursor c(first_rows_);
    return !c.bind(session_id, std::int64_t{1}).step();
}

std::size_t retention_table::sweep(statement& s, std::int64_t before_ms, std::size_t limit) {
    if (limit == 0) return 0;
    s.run(before_ms, static_cast<std::int64_t>(limit));
    return db_.failed() ? 0 : static_cast<std::size_t>(db_.changes());
}

std::size_t retention_table::sweep_inbox(std::int64_t ended_before_ms, std::size_t limit) {
    return sweep(sweep_inbox_, ended_before_ms, limit);
}

std::size_t retention_table::sweep_outbox(std::int64_t ended_before_ms, std::size_t limit) {
    return sweep(sweep_outbox_, ended_before_ms, limit);
}

}  // namespace openclaw::store
