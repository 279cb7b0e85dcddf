#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

namespace openclaw::store {

// Retention, audit records and the counter of starts.
class upkeep_table {
public:
    explicit upkeep_table(database& db);

    // Each deletes at most `limit` of the oldest rows before that time; how many went.
    std::size_t sweep_transcript(std::int64_t before_ms, std::size_t limit);
    std::size_t sweep_inbox(std::int64_t ended_before_ms, std::size_t limit);
    // Sessions that nobody used since and of which no row is left.
    std::size_t sweep_sessions(std::int64_t before_ms, std::size_t limit);
    std::size_t sweep_outbox(std::int64_t ended_before_ms, std::size_t limit);

    void add_audit(const audit_record& record, const std::string& detail);

    // Counts this start; its number.
    std::int64_t count_start();
    // Bytes in the file, by what the database knows.
    std::int64_t file_bytes();

private:
    std::size_t sweep(statement& s, std::int64_t before_ms, std::size_t limit);

    database& db_;
    statement sweep_transcript_, sweep_inbox_, sweep_outbox_, sweep_sessions_, count_down_, audit_,
        count_start_, file_bytes_;
};

}  // namespace openclaw::store
