#pragma once

#include "openclaw/core/clock.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/metrics/registry.hpp"
#include "openclaw/model/chat_message.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The durable state of the gateway. Every function is a coroutine that may be awaited from any
// executor and resumes there; the work is done on the store's own threads. "Committed" means
// fsynced. Errors: disk_full (nothing was written; try again later), conflict (another owner's
// epoch is newer), storage (the database refused), unavailable (the store is closed).
namespace openclaw::store {

// The states of an accepted message. Numbers are on disk.
enum class run_state : std::uint8_t {
    waiting = 0,  // committed, not begun
    running = 1,  // begun; after a crash it is begun again
    done = 2,     // answered
    failed = 3,   // the failure was reported to the sender
    aborted = 4,  // the sender asked for it to stop
    dead = 5,     // a dead letter: the process ended too often in its turn, as the sender was told
};
std::string_view name_of(run_state s);

struct session_row {
    std::int64_t id = 0;
    std::string key;
    std::string agent;
    std::string label;
    std::string category, icon, color;   // as clients sort and show it
    std::string wanted_model;       // "provider/model" of its answers; empty: the agent's
    std::string provider, model;    // of the last answer
    std::int64_t created_ms = 0, updated_ms = 0;
    std::int64_t last_seq = 0;      // of the transcript; 0: there was none yet
    std::int64_t first_seq = 0;     // of what is kept of it; 0: nothing
    std::int64_t epoch = 0;
    token_usage usage;              // summed over all turns
    bool pinned = false, archived = false, unread = false;  // as clients have marked it
    bool background = false;        // made for one request, and nobody has marked it since
    run_state last_state = run_state::waiting;              // of the last turn; waiting: not known

    // How many rows are kept; places are given without gaps.
    std::int64_t row_count() const { return first_seq == 0 ? 0 : last_seq - first_seq + 1; }
};

// What a client changes of a session; unset: stays. A session that is changed is none of the background
// any more.
struct session_patch {
    std::string key;
    std::int64_t id = 0;            // conflict unless the session is this one; 0: any
    std::optional<std::string> label, category, icon, color, wanted_model;
    std::optional<bool> pinned, archived, unread;
};

// A message to be kept before its sender is told so.
struct accept_request {
    std::string session, agent;
    std::string run_id;             // unique
    std::string dedupe;             // unique when not empty: "<scope>:<channel>:<account>:<id>"
    std::int64_t session_id = 0;    // conflict unless the session is this one; 0: any
    std::uint8_t priority = 1;
    std::int64_t received_ms = 0;
    std::string body;               // the inbound message as JSON; read back by waiting()
    std::int64_t epoch = 0;
    bool background = false;        // of the session, if this makes it
};

// What is known of a run.
struct run_row {
    std::int64_t inbox_id = 0;
    std::string run_id, session, agent;
    run_state state = run_state::waiting;
    std::uint8_t priority = 1;
    std::uint32_t attempts = 0;
    std::int64_t received_ms = 0, started_ms = 0, ended_ms = 0;
    std::int64_t epoch = 0;         // of the process that wrote it last
    std::int64_t joined = 0;        // the message in whose turn it takes part; 0: it has its own
    std::string called_back;        // why its sender wants it stopped; empty: nobody has asked for that
    std::string body;               // filled by waiting() and for dead letters only
    std::string outcome;            // JSON, once ended: {"text":…} or {"error":…}
};

struct accept_result {
    bool fresh = true;              // false: the dedupe key was seen before; `run` is that one
    run_row run;
};

// A reply on its way to a channel.
struct delivery {
    std::int64_t id = 0;
    std::string channel, account, peer, thread;
    std::string reply_id;           // stable over retries, unique: "<run>:<part>"
    std::string session, run_id;
    std::string text;
    std::uint32_t attempts = 0;
    std::int64_t next_ms = 0;       // not before this Unix time
};
enum class delivery_state : std::uint8_t { pending = 0, sent = 1, failed = 2, unknown = 3 };
std::string_view name_of(delivery_state s);

// The next_ms of a pending delivery whose attempt has begun and whose end is not on record. The begin
// counts as the attempt, its end does not once more.
inline constexpr std::int64_t delivery_begun = INT64_MAX;

// What became of a reply so far.
struct delivery_report {
    delivery reply;                 // without its text
    delivery_state state = delivery_state::pending;
    std::string detail;             // the service's id of the message, or why it is not sent
    std::int64_t updated_ms = 0;    // when it was made, or its last attempt began or ended
};
struct delivery_query {
    std::string run_id;             // its replies alone; empty: the newest 20,000 are looked through
    std::optional<delivery_state> state;
    std::int64_t before_id = 0;     // page on; 0: the newest
    std::size_t limit = 50;
};

// A finished step inside a turn, so that a restart goes on after it.
struct turn_step {
    std::string run_id;
    std::int64_t number = 0;        // from 1
    std::int64_t epoch = 0;
    chat_message row;               // the assistant row with the calls, or one tool's result
};

// Messages whose words go into the turn of another one of their session: they end with it, as it does.
struct message_join {
    std::int64_t into = 0;          // inbox rows
    std::vector<std::int64_t> messages;
    std::vector<turn_step> steps;   // of the turn, which hold the words; none: it begins with them
    std::int64_t at_ms = 0;
    std::int64_t epoch = 0;
};

// Everything that the end of a turn changes, in one transaction: the transcript grows, the inbox
// row ends, the deliveries appear. A message that was never accepted apart from this (with_answer)
// has no inbox row and leaves none: its caller got the answer, and there is nothing to redeliver.
struct turn_commit {
    std::string session, agent, run_id;
    std::int64_t inbox_id = 0;      // 0: none
    // With inbox_id 0: an accept() of this run was begun and its end is not known. It came before
    // this in the writer's queue, so what is there now is all there will be.
    bool may_be_accepted = false;
    std::int64_t epoch = 0;         // refused with conflict when the session's is newer
    std::vector<chat_message> rows; // seq is given by the store, in order
    run_state state = run_state::done;
    std::string outcome;
    token_usage usage;
    std::string provider, model;
    std::int64_t started_ms = 0, ended_ms = 0;
    std::vector<delivery> deliveries;
    bool background = false;        // of the session, if this makes it
    bool wants_session = false;     // the result says how the session is afterwards
};
struct commit_result {
    std::int64_t first_seq = 0;     // of the rows just written
    std::optional<session_row> session;
};

struct session_query {
    std::size_t limit = 50;
    bool background = false;        // those of the background too; without an index for `agent`
    std::string agent;              // empty: any
    // In key and label, ASCII letters in either case; empty: any. The newest 20,000 sessions of
    // the page's range are looked through, so that the time stays bounded.
    std::string search;
    // Looked for in the newest 20,000 as well.
    std::string label;              // exactly this one; empty: any
    std::optional<bool> archived;
    std::int64_t updated_since_ms = 0;
    std::int64_t id = 0;            // this session alone; 0: any
    std::int64_t before_updated_ms = 0;  // page on: the last row's updated_ms and id; 0: first page
    std::int64_t before_id = 0;
};

// A session to be made of another one's begin: what was said in it up to the end of a run.
struct session_fork {
    std::string from, run_id;
    std::string key, agent;         // of the new one
    std::size_t limit = 0;          // rows: the newest of them, and at most max_read_bytes
    std::int64_t at_ms = 0;
};

struct audit_record {
    std::string kind;               // authentication, authorization, configuration_change, …
    std::string who, what, outcome;
    json detail = json::object();   // already masked
    std::int64_t at_ms = 0;
};

// One of a small set that its owner keeps in memory; `body` is JSON of the owner's making.
struct record {
    std::string kind, id, body;
};

struct swept_history {
    std::size_t rows = 0;           // deleted, sessions included
    std::int64_t next_session = 0;  // where the next slice goes on; 0: that was the last one
};

struct store_stats {
    std::int64_t sessions = 0;      // but for those of the background
    std::int64_t archived_sessions = 0, waiting = 0, pending_deliveries = 0;
    std::int64_t dead_letters = 0;
    std::int64_t file_bytes = 0;    // of the database and its log
    std::int64_t free_bytes = 0;    // on the disk that holds them
};

inline constexpr std::size_t max_read_bytes = 8 << 20;   // of rows that one call returns

class store {
public:
    virtual ~store() = default;

    // Begins the writer. The number of this start, higher than every one before: the epoch of
    // all that this process writes.
    virtual std::int64_t epoch() const = 0;

    // --- the way of a message; durable when they return
    // A run id that is there already in the same session is a redelivery as well; in another
    // session it is a conflict.
    virtual task<result<accept_result>> accept(accept_request request) = 0;
    // not_found when the run was never accepted, conflict when it has ended.
    virtual task<result<void>> step(turn_step step) = 0;
    // conflict when the turn, or one of the messages, has ended; nothing changes then.
    virtual task<result<void>> join(message_join join) = 0;
    // Ends what has joined the turn, too.
    // conflict when the accepted message has ended, or a delivery's reply_id is taken; nothing
    // changes then.
    // The body of a failed message and of a dead letter is kept, that of others goes.
    virtual task<result<commit_result>> commit(turn_commit commit) = 0;
    // Marks the run begun and counts the attempt; written with the next group, not awaited.
    virtual void note_started(std::int64_t inbox_id, std::int64_t at_ms) = 0;
    // The same for a message of an earlier process, durable when it returns: what is begun once more
    // may be what ended that process.
    virtual task<result<void>> start_again(std::int64_t inbox_id, std::int64_t at_ms) = 0;
    // Those of the runs that have not ended are to end as aborted, whatever happens to this process.
    virtual task<result<void>> call_back(std::vector<std::string> run_ids, std::string reason) = 0;
    // Takes the attempt back of a run that is left to the next process in good order; not awaited.
    virtual void note_left(std::int64_t inbox_id) = 0;

    // --- what was left behind by the last process; rows in the order of arrival
    virtual task<result<std::vector<run_row>>> waiting(std::int64_t after_inbox_id,
                                                       std::size_t limit) = 0;
    virtual task<result<std::vector<turn_step>>> steps(std::string run_id) = 0;

    // --- dead letters, with their bodies
    // Those behind the inbox row `after_inbox_id`, the oldest first.
    virtual task<result<std::vector<run_row>>> dead_letters(std::int64_t after_inbox_id,
                                                            std::size_t limit) = 0;
    virtual task<result<std::optional<run_row>>> find_dead_letter(std::string run_id) = 0;
    // Makes it a failed run without words. not_found: there is no such dead letter.
    virtual task<result<void>> discard_dead_letter(std::string run_id) = 0;

    // --- reading
    virtual task<result<std::optional<session_row>>> find_session(std::string key) = 0;
    virtual task<result<std::vector<session_row>>> list_sessions(session_query query) = 0;
    // At most `limit` rows before `before_seq` (0: the newest), oldest first; fewer when they are
    // larger than max_read_bytes, but two at least.
    virtual task<result<std::vector<chat_message>>> history(std::string key, std::size_t limit,
                                                            std::int64_t before_seq) = 0;
    // At most `limit` rows from the place `seq` on, oldest first; as few as history().
    virtual task<result<std::vector<chat_message>>> history_from(std::string key, std::int64_t seq,
                                                                 std::size_t limit) = 0;
    // The row of this id, looked for in the newest 20,000 of the session.
    virtual task<result<std::optional<chat_message>>> find_message(std::string key,
                                                                   std::string id) = 0;
    virtual task<result<std::optional<run_row>>> find_run(std::string run_id) = 0;
    virtual task<result<store_stats>> stats() = 0;

    // --- changes of sessions that no turn makes; durable when they return
    // The session as it is afterwards; nothing when there is none.
    virtual task<result<std::optional<session_row>>> patch_session(session_patch patch) = 0;
    // Makes a session of the background; its rows have the places that they have in the other one.
    // not_found when that has no rows of the run, conflict when the key is taken.
    virtual task<result<void>> fork_session(session_fork fork) = 0;
    // Deletes up to `limit` rows of the transcript, the oldest first; how many went. With the last
    // slice (fewer than `limit`) places and token figures begin anew. What the inbox holds of the
    // turns that said them loses its words with them, and a dead letter is none any more; that they
    // were, and how they ended, stays until retention, so that a message that comes again still
    // starts nothing.
    virtual task<result<std::size_t>> clear_history(std::string key, std::size_t limit) = 0;
    // Whether there was such a session. conflict while it has a transcript.
    virtual task<result<bool>> delete_session(std::string key) = 0;

    // --- deliveries; in the order they were made. One stays behind an earlier one to the same
    // peer and thread that waits for its next attempt.
    virtual task<result<std::vector<delivery>>> due_deliveries(std::string channel,
                                                               std::string account,
                                                               std::int64_t now_ms,
                                                               std::size_t limit) = 0;
    // Ends an attempt: sent, failed or unknown for good, or pending again at `next_ms`. Notes that one
    // begins: pending at delivery_begun. conflict when it is not pending any more.
    virtual task<result<void>> finish_delivery(std::int64_t id, delivery_state state,
                                               std::string detail, std::int64_t next_ms) = 0;
    // The newest first.
    virtual task<result<std::vector<delivery_report>>> deliveries(delivery_query query) = 0;

    // --- small sets
    virtual task<result<std::vector<record>>> records(std::string kind) = 0;
    // Writes `put` and removes `drop` (by kind and id), all or nothing.
    virtual task<result<void>> change_records(std::vector<record> put, std::vector<record> drop) = 0;

    // --- upkeep
    // One slice of a walk through the sessions, which begins with `first_session` 0: looks at up to
    // `limit` of them and deletes up to `limit` rows older than `before_ms`, and sessions that are
    // as old and empty.
    virtual task<result<swept_history>> sweep_history(std::int64_t before_ms, std::size_t limit,
                                                      std::int64_t first_session) = 0;
    // Deletes up to `limit` messages and deliveries that ended before `before_ms`, and a day ago at
    // least; how many went.
    virtual task<result<std::size_t>> sweep_messages(std::int64_t before_ms, std::size_t limit) = 0;
    // Written with the next group, not awaited: what it tells of has happened. Any thread.
    virtual void audit(audit_record record) = 0;

    // Commits what is queued and closes; later calls fail with unavailable. Blocks.
    virtual void close() = 0;
};

// Deletes all that was said in a session, in slices that hold nobody up.
task<result<void>> clear_all_history(store& from, std::string key);

struct store_options {
    std::filesystem::path state_dir;
    // Called once, from a store thread, when a commit could not be made durable (fsync failed):
    // nothing more is acknowledged and the process must end.
    std::function<void(const error&)> on_fatal;
    // The disk is full (true), or takes what is written again. On the writer's thread.
    std::function<void(bool)> on_disk_full;
    std::size_t queue_limit = 20'000;   // waiting transactions; beyond: queue_full
    std::size_t readers = 2;            // threads and connections for reading
};

// Opens or creates <state_dir>/openclaw.db and migrates it. Error in_use names the pid of the
// gateway that holds the state folder; permission and disk errors name the file and the remedy.
result<std::unique_ptr<store>> open_sqlite(const store_options& options,
                                           const time_source& time, metrics::registry& metrics);

}  // namespace openclaw::store
