#include "store/file_check.hpp"
#include "store/sqlite_store.hpp"

#include "store/operations.hpp"
#include "store/readers.hpp"
#include "store/row_codec.hpp"
#include "store/schema.hpp"
#include "store/state_folder.hpp"
#include "store/writer.hpp"

#include <sys/statvfs.h>

#include <mutex>
#include <system_error>

namespace openclaw::store {

namespace {

// Ended messages are what redeliveries are told from: however short the history is kept, a service
// may send again within this time.
constexpr std::int64_t shortest_memory_ms = 24 * 3600 * 1000LL;

class sqlite_store final : public store {
public:
    sqlite_store(state_folder folder, std::unique_ptr<database> db, std::int64_t epoch,
                 const store_options& options, const time_source& time,
                 metrics::registry& metrics, connection_options reader, const later_function& later)
        : dir_(folder.dir())
        , folder_(std::move(folder))
        , epoch_(epoch)
        , time_(time)
        , figures_(metrics)
        , connection_(std::make_unique<connection>(std::move(db)))
        , writer_(*connection_, {options.queue_limit, options.on_fatal, options.on_disk_full, later},
                  figures_)
        , readers_(std::move(reader), options.readers, options.queue_limit, figures_, later) {}

    ~sqlite_store() override { close(); }

    void start() { writer_.start(); }
    std::int64_t epoch() const override { return epoch_; }

    task<result<accept_result>> accept(accept_request request) override {
        return writer_.submit<accept_result>(
            [r = std::move(request)](tables& t) { return accept_message(t, r); });
    }

    task<result<void>> step(turn_step step) override {
        auto body = encode_step(step.row);
        return writer_.submit<void>([s = std::move(step), b = std::move(body)](tables& t) {
            return put_step(t, s, b);
        });
    }

    task<result<commit_result>> commit(turn_commit commit) override {
        return writer_.submit<commit_result>(
            [c = prepare(std::move(commit), time_.unix_ms())](tables& t) {
                return commit_turn(t, c);
            });
    }

    task<result<void>> join(message_join join) override {
        std::vector<std::string> bodies;
        for (const auto& s : join.steps) bodies.push_back(encode_step(s.row));
        return writer_.submit<void>([j = std::move(join), b = std::move(bodies)](tables& t) {
            return join_messages(t, j, b);
        });
    }

    void note_started(std::int64_t inbox_id, std::int64_t at_ms) override {
        writer_.note([=, epoch = epoch_](tables& t) { t.inbox.start(inbox_id, at_ms, epoch); });
    }

    task<result<void>> start_again(std::int64_t inbox_id, std::int64_t at_ms) override {
        return writer_.submit<void>([=, epoch = epoch_](tables& t) -> result<void> {
            t.inbox.start(inbox_id, at_ms, epoch);
            return {};
        });
    }

    task<result<void>> call_back(std::vector<std::string> run_ids, std::string reason) override {
        return writer_.submit<void>([runs = std::move(run_ids), why = std::move(reason)](
                                        tables& t) -> result<void> {
            for (const auto& run : runs) t.inbox.call_back(run, why);
            return {};
        });
    }

    void note_left(std::int64_t inbox_id) override {
        writer_.note([=, epoch = epoch_](tables& t) { t.inbox.leave(inbox_id, epoch); });
    }

    task<result<std::vector<run_row>>> dead_letters(std::int64_t after, std::size_t limit) override {
        return readers_.submit<std::vector<run_row>>(
            [=](tables& t) { return t.inbox.dead(after, limit); });
    }

    task<result<std::optional<run_row>>> find_dead_letter(std::string run_id) override {
        return readers_.submit<std::optional<run_row>>(
            [r = std::move(run_id)](tables& t) { return t.inbox.find_dead(r); });
    }

    task<result<void>> discard_dead_letter(std::string run_id) override {
        return writer_.submit<void>([r = std::move(run_id)](tables& t) -> result<void> {
            if (t.inbox.discard_dead(r)) return {};
            return error(errc::not_found, "there is no dead letter " + r);
        });
    }

    task<result<std::vector<run_row>>> waiting(std::int64_t after, std::size_t limit) override {
        return readers_.submit<std::vector<run_row>>(
            [=](tables& t) { return t.inbox.waiting(after, limit); });
    }

    task<result<std::vector<turn_step>>> steps(std::string run_id) override {
        return readers_.submit<std::vector<turn_step>>(
            [r = std::move(run_id)](tables& t) { return t.transcript.steps(r); });
    }

    task<result<std::optional<session_row>>> find_session(std::string key) override {
        return readers_.submit<std::optional<session_row>>(
            [k = std::move(key)](tables& t) { return t.sessions.find(k); });
    }

    task<result<std::vector<session_row>>> list_sessions(session_query query) override {
        return readers_.submit<std::vector<session_row>>(
            [q = std::move(query)](tables& t) { return t.sessions.list(q); });
    }

    task<result<std::vector<chat_message>>> history(std::string key, std::size_t limit,
                                                    std::int64_t before_seq) override {
        return readers_.submit<std::vector<chat_message>>(
            [k = std::move(key), limit, before_seq](tables& t) {
                return t.transcript.window(k, limit, before_seq);
            });
    }

    task<result<std::vector<chat_message>>> history_from(std::string key, std::int64_t seq,
                                                         std::size_t limit) override {
        return readers_.submit<std::vector<chat_message>>(
            [k = std::move(key), seq, limit](tables& t) {
                return t.transcript.onward(k, seq, limit);
            });
    }

    task<result<std::optional<chat_message>>> find_message(std::string key,
                                                           std::string id) override {
        return readers_.submit<std::optional<chat_message>>(
            [k = std::move(key), i = std::move(id)](tables& t) { return t.transcript.find(k, i); });
    }

    task<result<std::optional<run_row>>> find_run(std::string run_id) override {
        return readers_.submit<std::optional<run_row>>(
            [r = std::move(run_id)](tables& t) -> std::optional<run_row> {
                auto found = t.inbox.find_by_run(r);
                if (!found) return std::nullopt;
                return std::move(found->run);
            });
    }

    task<result<store_stats>> stats() override {
        return readers_.submit<store_stats>([this](tables& t) { return count(t); });
    }

    task<result<std::optional<session_row>>> patch_session(session_patch patch) override {
        return writer_.submit<std::optional<session_row>>(
            [p = std::move(patch), epoch = epoch_](tables& t) {
                return openclaw::store::patch_session(t, p, epoch);
            });
    }

    task<result<void>> fork_session(session_fork fork) override {
        return writer_.submit<void>([f = std::move(fork), epoch = epoch_](tables& t) {
            return openclaw::store::fork_session(t, f, epoch);
        });
    }

    task<result<std::size_t>> clear_history(std::string key, std::size_t limit) override {
        return writer_.submit<std::size_t>(
            [k = std::move(key), limit, epoch = epoch_](tables& t) {
                return openclaw::store::clear_history(t, k, limit, epoch);
            });
    }

    task<result<bool>> delete_session(std::string key) override {
        return writer_.submit<bool>([k = std::move(key), epoch = epoch_](tables& t) {
            return openclaw::store::delete_session(t, k, epoch);
        });
    }

    task<result<std::vector<delivery>>> due_deliveries(std::string channel, std::string account,
                                                       std::int64_t now_ms,
                                                       std::size_t limit) override {
        return readers_.submit<std::vector<delivery>>(
            [c = std::move(channel), a = std::move(account), now_ms, limit](tables& t) {
                return t.outbox.due(c, a, now_ms, limit);
            });
    }

    task<result<void>> finish_delivery(std::int64_t id, delivery_state state, std::string detail,
                                       std::int64_t next_ms) override {
        return writer_.submit<void>([=, d = std::move(detail), now = time_.unix_ms()](
                                        tables& t) -> result<void> {
            if (t.outbox.finish(id, state, d, next_ms, now)) return {};
            return error(errc::conflict,
                         "delivery " + std::to_string(id) + " is not pending any more");
        });
    }

    task<result<std::vector<delivery_report>>> deliveries(delivery_query query) override {
        return readers_.submit<std::vector<delivery_report>>(
            [q = std::move(query)](tables& t) { return t.outbox.find(q); });
    }

    task<result<std::vector<record>>> records(std::string kind) override {
        return readers_.submit<std::vector<record>>(
            [k = std::move(kind)](tables& t) { return t.records.all(k); });
    }

    task<result<void>> change_records(std::vector<record> put, std::vector<record> drop) override {
        return writer_.submit<void>(
            [p = std::move(put), d = std::move(drop)](tables& t) -> result<void> {
                for (const auto& r : p) t.records.put(r);
                for (const auto& r : d) t.records.drop(r);
                return {};
            });
    }

    task<result<swept_history>> sweep_history(std::int64_t before_ms, std::size_t limit,
                                              std::int64_t first_session) override {
        return writer_.submit<swept_history>([=](tables& t) {
            return t.retention.sweep_sessions(before_ms, limit, first_session);
        });
    }

    task<result<std::size_t>> sweep_messages(std::int64_t before_ms, std::size_t limit) override {
        const auto ended_before = std::min(before_ms, time_.unix_ms() - shortest_memory_ms);
        return writer_.submit<std::size_t>([=](tables& t) {
            const auto gone = t.retention.sweep_inbox(ended_before, limit);
            return gone + t.retention.sweep_outbox(ended_before, limit - gone);
        });
    }

    void audit(audit_record record) override {
        if (record.at_ms == 0) record.at_ms = time_.unix_ms();
        auto detail = dump(record.detail);
        writer_.note([r = std::move(record), d = std::move(detail)](tables& t) {
            t.upkeep.add_audit(r, d);
        });
    }

    void close() override {
        std::lock_guard lock(closing_);
        // Readers first: the last connection to go moves the log into the file and removes it.
        readers_.close();
        writer_.close();
        connection_.reset();
        folder_.reset();
    }

private:
    store_stats count(tables& t) const {
        store_stats s;
        s.sessions = t.sessions.count();
        s.archived_sessions = t.sessions.count_archived();
        s.waiting = t.inbox.count_unfinished();
        s.pending_deliveries = t.outbox.count_pending();
        s.dead_letters = t.inbox.count_dead();
        s.file_bytes = t.upkeep.file_bytes();
        std::error_code ec;
        const auto log = std::filesystem::file_size(t.db.path() + "-wal", ec);
        if (!ec) s.file_bytes += static_cast<std::int64_t>(log);
        struct statvfs disk {};
        if (statvfs(dir_.c_str(), &disk) == 0) {
            s.free_bytes = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
        }
        return s;
    }

    const std::filesystem::path dir_;
    std::optional<state_folder> folder_;
    const std::int64_t epoch_;
    const time_source& time_;
    store_figures figures_;
    std::unique_ptr<connection> connection_;
    writer writer_;
    reader_pool readers_;
    std::mutex closing_;
};

// Counts this start, durably: the number fences off all that earlier ones left running.
result<std::int64_t> next_epoch(database& db) {
    db.exec("BEGIN IMMEDIATE");
    const auto epoch = upkeep_table(db).count_start();
    db.exec("COMMIT");
    if (db.failed()) {
        auto failure = describe(db, db.failure());
        db.take_failure();
        db.rollback();
        return failure;
    }
    return epoch;
}

}  // namespace

std::string_view name_of(delivery_state s) {
    switch (s) {
    case delivery_state::pending: return "pending";
    case delivery_state::sent: return "sent";
    case delivery_state::failed: return "failed";
    case delivery_state::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name_of(run_state s) {
    switch (s) {
    case run_state::waiting: return "waiting";
    case run_state::running: return "running";
    case run_state::done: return "done";
    case run_state::failed: return "failed";
    case run_state::aborted: return "aborted";
    case run_state::dead: return "dead";
    }
    return "unknown";
}

result<std::unique_ptr<store>> open_sqlite(const store_options& options, const time_source& time,
                                           metrics::registry& metrics,
                                           const sqlite_tuning& tuning) {
    auto folder = state_folder::claim(options.state_dir);
    if (!folder) return folder.error();
    // Made before SQLite sees it, so that it and the files beside it are private from the start.
    const auto file = folder->private_file("openclaw.db");
    if (!file) return file.error();
    if (auto whole = check_length(*file); !whole) return whole.error();
    connection_options how;
    how.path = file->string();
    how.vfs = tuning.vfs;
    auto db = database::open(how);
    if (!db) return db.error();
    if (auto migrated = migrate(**db, migrations()); !migrated) return migrated.error();
    const auto epoch = next_epoch(**db);
    if (!epoch) return epoch.error();
    how.read_only = true;
    auto opened = std::make_unique<sqlite_store>(std::move(*folder), std::move(*db), *epoch,
                                                 options, time, metrics, std::move(how),
                                                 tuning.later);
    opened->start();
    return std::unique_ptr<store>(std::move(opened));
}

result<std::unique_ptr<store>> open_sqlite(const store_options& options, const time_source& time,
                                           metrics::registry& metrics) {
    return open_sqlite(options, time, metrics, sqlite_tuning{});
}

}  // namespace openclaw::store
