#include "store/upkeep_table.hpp"

namespace openclaw::store {

upkeep_table::upkeep_table(database& db)
    : db_(db)
    , sweep_transcript_(db, "DELETE FROM transcript WHERE (session_id, seq) IN (SELECT session_id, "
                            "seq FROM transcript WHERE at < ?1 ORDER BY at LIMIT ?2)")
    , sweep_inbox_(db, "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state >= 2 AND "
                       "ended < ?1 ORDER BY ended LIMIT ?2)")
    , sweep_outbox_(db, "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state > 0 "
                        "AND updated < ?1 ORDER BY updated LIMIT ?2)")
    , sweep_sessions_(db, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions s WHERE "
                          "updated < ?1 AND NOT EXISTS (SELECT 1 FROM transcript WHERE "
                          "session_id = s.id) ORDER BY updated LIMIT ?2)")
    , count_down_(db, "UPDATE meta SET value = value - ?1 WHERE key = 'sessions'")
    , audit_(db, "INSERT INTO audit(at, kind, who, what, outcome, detail) "
                 "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    , count_start_(db, "UPDATE meta SET value = value + 1 WHERE key = 'starts' RETURNING value")
    , file_bytes_(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") {}

std::size_t upkeep_table::sweep(statement& s, std::int64_t before_ms, std::size_t limit) {
    if (limit == 0) return 0;
    s.run(before_ms, static_cast<std::int64_t>(limit));
    return db_.failed() ? 0 : static_cast<std::size_t>(db_.changes());
}

std::size_t upkeep_table::sweep_transcript(std::int64_t before_ms, std::size_t limit) {
    return sweep(sweep_transcript_, before_ms, limit);
}

std::size_t upkeep_table::sweep_inbox(std::int64_t ended_before_ms, std::size_t limit) {
    return sweep(sweep_inbox_, ended_before_ms, limit);
}

std::size_t upkeep_table::sweep_outbox(std::int64_t ended_before_ms, std::size_t limit) {
    return sweep(sweep_outbox_, ended_before_ms, limit);
}

std::size_t upkeep_table::sweep_sessions(std::int64_t before_ms, std::size_t limit) {
    const auto gone = sweep(sweep_sessions_, before_ms, limit);
    if (gone > 0) count_down_.run(static_cast<std::int64_t>(gone));
    return gone;
}

void upkeep_table::add_audit(const audit_record& r, const std::string& detail) {
    audit_.run(r.at_ms, r.kind, r.who, r.what, r.outcome, detail);
}

std::int64_t upkeep_table::count_start() {
    cursor c(count_start_);
    const auto number = c.step() ? c.integer(0) : 0;
    c.run();  // the statement writes when it has been run to its end
    return number;
}

std::int64_t upkeep_table::file_bytes() {
    cursor c(file_bytes_);
    return c.step() ? c.integer(0) : 0;
}

}  // namespace openclaw::store
