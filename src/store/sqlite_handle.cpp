#include "store/sqlite_handle.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <mutex>

namespace openclaw::store {

namespace {

constexpr std::chrono::seconds full_disk_retry{5};
constexpr int busy_wait_ms = 5000;  // for tools that look into the file from outside

void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        // SQLite's own memory figures cost a process-wide lock on every allocation.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    });
}

int note_wal_pages(void* target, sqlite3*, const char*, int pages) {
    *static_cast<int*>(target) = pages;
    return SQLITE_OK;
}

// Puts the file into WAL mode; false where it stays in another (a file system without shared
// memory between processes, for one).
bool use_wal(database& db) {
    statement ask(db, "PRAGMA journal_mode=WAL");
    cursor row(ask);
    return row.step() && row.view(0) == "wal";
}

bool no_space(int code, int number) {
    return (code & 0xff) == SQLITE_FULL ||
           ((code & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT));
}

}  // namespace

result<std::unique_ptr<database>> database::open(const connection_options& options) {
    configure_library();
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(options.path.c_str(), &raw, flags,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
    std::unique_ptr<database> db(new database(raw, options.path));
    if (code != SQLITE_OK) {
        db->fail(code);
        return describe(*db, code);
    }
    sqlite3_busy_timeout(raw, busy_wait_ms);
    sqlite3_wal_hook(raw, note_wal_pages, &db->wal_pages_);  // also ends automatic checkpoints
    db->exec("PRAGMA cache_size=-" + std::to_string(options.cache_kib));
    db->exec("PRAGMA temp_store=MEMORY");
    if (options.read_only) {
        db->exec("PRAGMA query_only=1");
    } else {
        if (!use_wal(*db) && !db->failed()) {
            return error(errc::storage, "'" + options.path + "' cannot have a write-ahead log",
                         "Put the state folder on a local file system.");
        }
        db->exec("PRAGMA synchronous=FULL");
        db->exec("PRAGMA journal_size_limit=33554432");
    }
    if (db->failed()) return describe(*db, db->failure());
    return db;
}

database::~database() { sqlite3_close_v2(db_); }

bool database::exec(const char* sql) {
    if (failed()) return false;
    const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
    return code == SQLITE_OK;
}

int database::take_failure() noexcept { return std::exchange(failure_, 0); }

void database::fail(int code) noexcept {
    if (failed()) return;
    failure_ = code;
    failure_text_ = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
    failure_errno_ = db_ == nullptr ? 0 : sqlite3_system_errno(db_);
}

void database::rollback() noexcept {
    // Some failures (a full disk, for one) have ended the transaction already.
    if (sqlite3_get_autocommit(db_) == 0) {
        sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

std::int64_t database::last_row_id() const noexcept { return sqlite3_last_insert_rowid(db_); }
std::int64_t database::total_changes() const noexcept { return sqlite3_total_changes64(db_); }
std::int64_t database::changes() const noexcept { return sqlite3_changes64(db_); }

bool database::checkpoint() {
    if (failed()) return false;
    const int code =
        sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return true;
    fail(code);
    return false;
}

void database::release_memory() noexcept { sqlite3_db_release_memory(db_); }

void database::keep_log_on_close() noexcept {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

statement::~statement() { sqlite3_finalize(stmt_); }

sqlite3_stmt* statement::prepare() {
    if (stmt_ != nullptr || db_.failed()) return stmt_;
    const int code =
        sqlite3_prepare_v3(db_.native(), sql_.c_str(), static_cast<int>(sql_.size()) + 1,
                           SQLITE_PREPARE_PERSISTENT, &stmt_, nullptr);
    if (code != SQLITE_OK) db_.fail(code);
    return stmt_;
}

cursor::cursor(statement& s) : db_(s.db_), stmt_(s.prepare()) {}

cursor::~cursor() {
    if (stmt_ == nullptr) return;
    sqlite3_reset(stmt_);
    sqlite3_clear_bindings(stmt_);
}

void cursor::check(int code) {
    if (code != SQLITE_OK) db_.fail(code);
}

void cursor::bind_at(int index, std::int64_t value) {
    if (!db_.failed()) check(sqlite3_bind_int64(stmt_, index, value));
}

void cursor::bind_at(int index, std::string_view value) {
    // A view without data would bind NULL; our columns want the empty text.
    const char* data = value.data() == nullptr ? "" : value.data();
    if (!db_.failed()) {
        check(sqlite3_bind_text64(stmt_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
}

void cursor::bind_at(int index, std::nullptr_t) {
    if (!db_.failed()) check(sqlite3_bind_null(stmt_, index));
}

bool cursor::step() {
    if (db_.failed()) return false;
    const int code = sqlite3_step(stmt_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) db_.fail(code);
    return false;
}

std::int64_t cursor::integer(int column) const { return sqlite3_column_int64(stmt_, column); }

std::string_view cursor::view(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}

error describe(const database& db, int code) {
    const auto where = "'" + db.path() + "'";
    if (no_space(code, db.failure_errno())) {
        error e(errc::disk_full, "no space left for " + where,
                "Free some space on that disk; the gateway goes on by itself then.");
        e.retry_after = full_disk_retry;
        return e;
    }
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        return error(errc::conflict, "the database holds such a row already (" +
                                         db.failure_text() + ")");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return error(errc::storage, "cannot open or write " + where + ": " + db.failure_text(),
                     "Check the owner and the mode of the file and of its folder.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error(errc::storage, where + " is damaged: " + db.failure_text(),
                     "Put a copy of the file from a backup in its place, or move it away to "
                     "begin anew.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error(errc::storage, where + " is locked by another program",
                     "Close the tool that has it open.");
    default:
        return error(errc::storage, "the database " + where + " failed: " + db.failure_text() +
                                        " (" + std::to_string(code) + ")",
                     "Look at the disk and at the kernel's log.");
    }
}

bool breaks_durability(int code) {
    const int kind = code & 0xff;
    return kind == SQLITE_IOERR || kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
}

}  // namespace openclaw::store
