#include "store/writer.hpp"

#include "openclaw/core/log.hpp"

#include <sqlite3.h>

#include <chrono>

namespace openclaw::store {

namespace {

constexpr std::size_t max_group = 512;              // bounds how long the first of a group waits
constexpr int large_log_pages = 4096;               // 16 MiB of log
constexpr std::chrono::milliseconds idle_time{500};  // then the log is moved into the file

// Failures that one transaction brings about, whatever stands beside it.
bool is_of_one_transaction(int code) {
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_MISUSE: return true;
    default: return false;
    }
}

bool is_failed_sync(int code) {
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace

store_figures::store_figures(metrics::registry& r)
    : transactions(r.make_counter("openclaw_store_transactions_total",
                                  "Transactions that were committed."))
    , commits(r.make_counter("openclaw_store_commits_total",
                             "Groups of transactions, each committed with one sync."))
    , commit_duration(r.make_histogram("openclaw_store_commit_duration_seconds",
                                       "Time to run and commit a group.",
                                       metrics::latency_buckets()))
    , queue_depth(r.make_gauge("openclaw_store_queue_depth",
                               "Transactions that wait for the writer."))
    , registry_(r) {
    // There from the start: a rate over a counter that first shows as 1 misses the first error.
    for (const auto kind : {errc::storage, errc::disk_full, errc::io}) errors(kind);
}

metrics::counter store_figures::errors(errc kind) const {
    return registry_.make_counter("openclaw_store_errors_total",
                                  "Transactions and reads that failed, by kind.",
                                  {{"kind", std::string(name_of(kind))}});
}

void store_figures::count_error(const error& e) const { errors(e.code).add(); }

writer::writer(connection& c, options o, const store_figures& figures)
    : connection_(c), options_(std::move(o)), figures_(figures), checkpoint_at_(large_log_pages) {}

writer::~writer() { close(); }

void writer::start() {
    if (!options_.later) thread_ = std::thread([this] { loop(); });
}

result<void> writer::push(std::shared_ptr<write_op> op, std::size_t extra) {
    {
        std::lock_guard lock(mutex_);
        if (fatal_) return *fatal_;
        if (closing_) return error(errc::unavailable, "the store is closed");
        if (queue_.size() >= options_.queue_limit + extra) {
            error full(errc::queue_full, "the disk cannot keep up: " +
                                             std::to_string(queue_.size()) +
                                             " transactions wait to be written");
            full.retry_after = std::chrono::seconds(1);
            figures_.count_error(full);
            return full;
        }
        queue_.push_back(std::move(op));
        figures_.queue_depth.set(static_cast<double>(queue_.size()));
    }
    call();
    return {};
}

// Tells the thread, or who stands in for it, that there is work.
void writer::call() {
    if (!options_.later) return wake_.notify_one();
    {
        std::lock_guard lock(mutex_);
        if (std::exchange(called_, true)) return;
    }
    options_.later([this] { step(); });
}

// One round of the loop, without a thread.
void writer::step() {
    std::vector<std::shared_ptr<write_op>> group;
    bool more = false;
    {
        std::lock_guard lock(mutex_);
        called_ = false;
        if (!collect(group)) return;
        more = !queue_.empty();
    }
    write(group);
    if (more) call();
}

void writer::close() {
    {
        std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    else loop();
}

void writer::loop() {
    std::vector<std::shared_ptr<write_op>> group;
    group.reserve(max_group);
    while (take(group)) write(group);
}

void writer::write(std::vector<std::shared_ptr<write_op>>& group) {
    run(group);
    group.clear();
    checkpoint_when_large();
}

// Waits for work; false when there is none left and the store closes.
bool writer::take(std::vector<std::shared_ptr<write_op>>& group) {
    const auto ready = [this] { return closing_ || !queue_.empty(); };
    std::unique_lock lock(mutex_);
    if (log_dirty_ && !wake_.wait_for(lock, idle_time, ready)) {
        lock.unlock();
        rest();
        lock.lock();
    }
    wake_.wait(lock, ready);
    return collect(group);
}

// With the mutex held: what goes next as one group; false when nothing waits.
bool writer::collect(std::vector<std::shared_ptr<write_op>>& group) {
    while (!queue_.empty() && group.size() < max_group) {
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    figures_.queue_depth.set(static_cast<double>(queue_.size()));
    return !group.empty();
}

void writer::run(group_view group) {
    {
        std::unique_lock lock(mutex_);
        if (fatal_) {
            const auto e = *fatal_;
            lock.unlock();
            return fail_all(group, e);
        }
    }
    error failure;
    switch (attempt(group, failure)) {
    case verdict::settled:
        for (const auto& op : group) op->settle();
        break;
    case verdict::apart:
        for (std::size_t i = 0; i < group.size(); ++i) run(group.subspan(i, 1));
        break;
    case verdict::failed: fail_all(group, failure); break;
    }
}

// Runs all of the group in one transaction. `apart` never comes back for a group of one.
writer::verdict writer::attempt(group_view group, error& failure) {
    auto& db = *connection_.db;
    const auto begun = std::chrono::steady_clock::now();
    std::size_t refused = 0;
    db.exec("BEGIN IMMEDIATE");
    for (const auto& op : group) {
        const auto changes = db.total_changes();
        op->run(connection_.rows);
        if (db.failed()) return give_up(group, false, failure);
        if (!op->refused()) continue;
        ++refused;
        // Refused before its first change, as expected refusals are: nothing to undo.
        if (db.total_changes() == changes) continue;
        db.rollback();
        return group.size() == 1 ? verdict::settled : verdict::apart;
    }
    db.exec("COMMIT");
    if (db.failed()) return give_up(group, true, failure);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    figures_.commit_duration.observe(took.count());
    figures_.commits.add();
    figures_.transactions.add(static_cast<double>(group.size() - refused));
    log_dirty_ = true;
    if (std::exchange(disk_full_, false)) {
        log::info("store", "there is space; writing goes on");
        if (options_.on_disk_full) options_.on_disk_full(false);
    }
    return verdict::settled;
}

// Ends the transaction of a group after a failure of the database.
writer::verdict writer::give_up(group_view group, bool committing, error& failure) {
    auto& db = *connection_.db;
    const int code = db.failure();
    failure = describe(db, code);
    db.take_failure();
    db.rollback();
    if (failure.code != errc::disk_full &&
        (is_failed_sync(code) || (committing && breaks_durability(code)))) {
        stop_for_good(failure);
        return verdict::failed;
    }
    if (group.size() > 1 && is_of_one_transaction(code)) return verdict::apart;
    report(failure);
    return verdict::failed;
}

void writer::fail_all(group_view group, const error& e) {
    for (const auto& op : group) {
        figures_.count_error(e);
        op->fail(e);
    }
}

void writer::report(const error& e) {
    // One line for a full disk, however many groups it refuses.
    if (e.code == errc::disk_full && std::exchange(disk_full_, true)) return;
    if (e.code == errc::disk_full && options_.on_disk_full) options_.on_disk_full(true);
    log::error("store", e.message, {{"kind", name_of(e.code)}, {"hint", e.hint}});
}

void writer::stop_for_good(const error& e) {
    // After a failed sync the kernel may have dropped the pages: what is in the file now is not
    // known, so nothing that comes later may build on it.
    {
        std::lock_guard lock(mutex_);
        if (fatal_) return;
        fatal_ = error(errc::storage, "the store stopped: " + e.message, e.hint);
    }
    connection_.db->keep_log_on_close();
    log::fatal("store", "a commit could not be made durable", {{"error", e.message}});
    if (options_.on_fatal) options_.on_fatal(e);
}

void writer::checkpoint_when_large() {
    if (connection_.db->wal_pages() < checkpoint_at_) return;
    checkpoint();
    // When a reader held it up, the log has not begun anew: try again when it has grown by some.
    checkpoint_at_ = std::max(large_log_pages, connection_.db->wal_pages() + large_log_pages / 4);
}

void writer::checkpoint() {
    auto& db = *connection_.db;
    {
        std::lock_guard lock(mutex_);
        if (fatal_) return;
    }
    if (db.checkpoint()) return;
    const int code = db.failure();
    const auto failure = describe(db, code);
    db.take_failure();
    if (is_failed_sync(code)) return stop_for_good(failure);
    figures_.count_error(failure);
    report(failure);
}

void writer::rest() {
    checkpoint();
    connection_.db->release_memory();
    log_dirty_ = false;
    checkpoint_at_ = large_log_pages;
}

}  // namespace openclaw::store
