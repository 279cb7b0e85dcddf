#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

namespace openclaw::store {

// Deletes what is older than the history is kept.
//
// Rows of a transcript have no index by time: it would cost every turn what a walk through the
// sessions costs once an hour. The oldest rows of a session come first in it, so a session with
// nothing to delete takes one look.
class retention_table {
public:
    explicit retention_table(database& db);

    // Looks at up to `limit` sessions from `first_session` on and deletes up to `limit` of their rows
    // older than `before_ms`, and the sessions that nobody used since and of which no row is left.
    // The walk ends with the sessions that are old enough.
    swept_history sweep_sessions(std::int64_t before_ms, std::size_t limit, std::int64_t first_session);
    // Each deletes at most `limit` of the oldest rows before that time; how many went.
    std::size_t sweep_inbox(std::int64_t ended_before_ms, std::size_t limit);
    std::size_t sweep_outbox(std::int64_t ended_before_ms, std::size_t limit);

private:
    struct old_session {
        std::int64_t id, updated_ms;
    };
    // Those made before that time among the `limit` from `first` on; `next` is the one behind them,
    // 0 at the end.
    std::vector<old_session> old_sessions(std::int64_t before_ms, std::size_t limit,
                                          std::int64_t first, std::int64_t& next);
    std::size_t sweep_transcript(std::int64_t session_id, std::int64_t before_ms, std::size_t limit);
    bool is_empty(std::int64_t session_id);
    std::size_t sweep(statement& s, std::int64_t before_ms, std::size_t limit);

    database& db_;
    statement sessions_, first_rows_, drop_rows_, drop_session_, note_last_, count_down_, sweep_inbox_,
        sweep_outbox_;
};

}  // namespace openclaw::store
