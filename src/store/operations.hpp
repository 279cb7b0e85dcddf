#pragma once

#include "store/tables.hpp"

#include <vector>

namespace openclaw::store {

// The transactions of a message's way. Each is run by the writer inside of a transaction and may
// be run again after a rollback, so it changes nothing but the database. What it is expected to
// refuse, it refuses before its first change: then the rest of its group need not be run again.

result<accept_result> accept_message(tables& t, const accept_request& request);

// A commit with its rows encoded.
struct prepared_commit {
    turn_commit turn;
    std::vector<encoded_row> rows;
    std::int64_t now_ms = 0;
};
// Fills in what the caller left open, and encodes; on the caller's thread.
prepared_commit prepare(turn_commit turn, std::int64_t now_ms);
result<commit_result> commit_turn(tables& t, const prepared_commit& c);

// `body` is the encoded row of the step.
result<void> put_step(tables& t, const turn_step& step, const std::string& body);

// `bodies` are the encoded rows of its steps.
result<void> join_messages(tables& t, const message_join& j, const std::vector<std::string>& bodies);

// The changes of sessions that no turn makes; see store.hpp. `epoch` is the writer's own.
result<std::optional<session_row>> patch_session(tables& t, const session_patch& patch,
                                                 std::int64_t epoch);
result<std::size_t> clear_history(tables& t, const std::string& key, std::size_t limit,
                                  std::int64_t epoch);
result<void> fork_session(tables& t, const session_fork& fork, std::int64_t epoch);
result<bool> delete_session(tables& t, const std::string& key, std::int64_t epoch);

}  // namespace openclaw::store
