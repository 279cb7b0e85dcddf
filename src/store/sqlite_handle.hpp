#pragma once

#include "openclaw/core/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace openclaw::store {

class statement;

// How a connection is made. Tests bring a file system of their own.
struct connection_options {
    std::string path;
    std::string vfs;              // empty: the system's
    bool read_only = false;
    std::int64_t cache_kib = 2048;
};

// One connection. Used by one thread at a time.
//
// A failure sticks: the first error code stays, and every statement after it does nothing and
// gives no row, until take_failure(). So an operation of many statements is written without a
// check after each one, and its runner looks once at the end.
class database {
public:
    // Opens the file, which exists, in WAL mode with every commit synced.
    static result<std::unique_ptr<database>> open(const connection_options& options);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // Statements without rows and parameters.
    bool exec(const char* sql);
    bool exec(const std::string& sql) { return exec(sql.c_str()); }
    bool failed() const noexcept { return failure_ != 0; }
    // The extended result code that stuck (0: none), and forgets it.
    int take_failure() noexcept;
    int failure() const noexcept { return failure_; }
    // What SQLite said when the failure stuck.
    const std::string& failure_text() const noexcept { return failure_text_; }
    // errno of the system call behind the failure, 0 if there was none.
    int failure_errno() const noexcept { return failure_errno_; }

    // Ends an open transaction without its changes. Failures of this are of no interest.
    void rollback() noexcept;
    std::int64_t last_row_id() const noexcept;
    // Rows changed since the connection was opened.
    std::int64_t total_changes() const noexcept;
    // Rows changed by the last statement.
    std::int64_t changes() const noexcept;
    const std::string& path() const noexcept { return path_; }
    sqlite3* native() const noexcept { return db_; }

    // Pages in the write-ahead log after the last commit of this connection.
    int wal_pages() const noexcept { return wal_pages_; }
    // Moves what readers allow from the log into the file; false when that failed.
    bool checkpoint();
    // Gives cached pages back to the system.
    void release_memory() noexcept;
    // The file is left with its log when the connection goes.
    void keep_log_on_close() noexcept;

private:
    friend class statement;
    friend class cursor;
    database(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
    void fail(int code) noexcept;

    sqlite3* db_;
    std::string path_;
    std::string failure_text_;
    int failure_ = 0;
    int failure_errno_ = 0;
    int wal_pages_ = 0;
};

// One execution of a statement: bind, step, read columns. Ends with its scope. Bound text is not
// copied: it must live as long.
class cursor {
public:
    explicit cursor(statement& s);
    ~cursor();
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    // Binds the parameters in order from ?1.
    template <class... Args>
    cursor& bind(const Args&... args) {
        int index = 0;
        (bind_at(++index, args), ...);
        return *this;
    }
    // True while there is a row; false at the end and on failure.
    bool step();
    // For statements that give no rows.
    void run() { (void)step(); }

    std::int64_t integer(int column) const;
    std::string text(int column) const { return std::string(view(column)); }
    // Valid until the next step.
    std::string_view view(int column) const;

private:
    void bind_at(int index, std::int64_t value);
    void bind_at(int index, std::string_view value);
    void bind_at(int index, const std::string& value) { bind_at(index, std::string_view(value)); }
    void bind_at(int index, std::nullptr_t);
    void bind_at(int index, const std::optional<std::string>& value) {
        if (value) return bind_at(index, *value);
        bind_at(index, nullptr);
    }
    void bind_at(int index, const std::optional<bool>& value) {
        if (value) return bind_at(index, std::int64_t{*value});
        bind_at(index, nullptr);
    }
    void check(int code);

    database& db_;
    sqlite3_stmt* stmt_;
};

// A statement that is compiled when it is first used and kept.
class statement {
public:
    statement(database& db, std::string sql) : db_(db), sql_(std::move(sql)) {}
    ~statement();
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    // A fresh execution with its parameters bound.
    template <class... Args>
    void run(const Args&... args) {
        cursor c(*this);
        c.bind(args...).run();
    }
    const std::string& sql() const noexcept { return sql_; }

private:
    friend class cursor;
    sqlite3_stmt* prepare();

    database& db_;
    std::string sql_;
    sqlite3_stmt* stmt_ = nullptr;
};

// The story of a failure of `db`, by its code: disk_full, conflict, storage.
error describe(const database& db, int code);
// Whether a commit that failed so may leave data that was thought safe unsafe.
bool breaks_durability(int code);

}  // namespace openclaw::store
