#include "store/outbox_table.hpp"

namespace openclaw::store {

namespace {

constexpr std::int64_t looked_through = 20'000;

constexpr const char* report_columns =
    "SELECT id, channel, account, peer, thread, reply_id, session, run_id, attempts, next, state, detail, "
    "updated FROM outbox ";

}  // namespace

outbox_table::outbox_table(database& db)
    : db_(db)
    , insert_(db, "INSERT INTO outbox(channel, account, peer, thread, reply_id, session, run_id, "
                  "body, next, epoch, updated) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
    , due_(db, "SELECT id, channel, account, peer, thread, reply_id, session, run_id, body, "
               "attempts, next FROM outbox AS d INDEXED BY outbox_pending "
               "WHERE state = 0 AND channel = ?1 AND account = ?2 AND next <= ?3 AND NOT EXISTS "
               "(SELECT 1 FROM outbox AS earlier INDEXED BY outbox_pending_by_peer "
               "WHERE earlier.state = 0 AND earlier.channel = ?1 AND earlier.account = ?2 "
               "AND earlier.peer = d.peer AND earlier.thread = d.thread AND earlier.id < d.id "
               "AND earlier.next > ?3) ORDER BY id LIMIT ?4")
    , finish_(db, "UPDATE outbox SET state = ?2, detail = ?3, next = ?4, updated = ?5, "
                  "attempts = attempts + (next <> ?6) WHERE id = ?1 AND state = 0")
    , count_(db, "SELECT count(*) FROM outbox WHERE state = 0")
    // A reply's id begins with its run's, and has an index.
    , of_run_(db, std::string(report_columns) +
                      "WHERE reply_id > ?3 || ':' AND reply_id < ?3 || ';' AND run_id = ?3 AND +id < ?1 "
                      "AND ?2 IN (-1, state) ORDER BY +id DESC LIMIT ?4")
    , backlog_(db, std::string(report_columns) +
                       "INDEXED BY outbox_pending WHERE state = 0 AND id < ?1 ORDER BY id DESC LIMIT ?2")
    , newest_(db, std::string(report_columns) +
                      "WHERE id < ?1 AND id > (SELECT max(id) FROM outbox) - ?3 AND ?2 IN (-1, state) "
                      "ORDER BY id DESC LIMIT ?4") {}

void outbox_table::insert(const delivery& d, std::int64_t epoch, std::int64_t now_ms) {
    insert_.run(d.channel, d.account, d.peer, d.thread, d.reply_id, d.session, d.run_id, d.text,
                d.next_ms, epoch, now_ms);
}

std::vector<delivery> outbox_table::due(const std::string& channel, const std::string& account,
                                        std::int64_t now_ms, std::size_t limit) {
    std::vector<delivery> found;
    cursor c(due_);
    c.bind(channel, account, now_ms, static_cast<std::int64_t>(limit));
    while (c.step()) {
        auto& d = found.emplace_back();
        d.id = c.integer(0);
        d.channel = c.text(1);
        d.account = c.text(2);
        d.peer = c.text(3);
        d.thread = c.text(4);
        d.reply_id = c.text(5);
        d.session = c.text(6);
        d.run_id = c.text(7);
        d.text = c.text(8);
        d.attempts = static_cast<std::uint32_t>(c.integer(9));
        d.next_ms = c.integer(10);
    }
    return found;
}

bool outbox_table::finish(std::int64_t id, delivery_state state, const std::string& detail,
                          std::int64_t next_ms, std::int64_t now_ms) {
    finish_.run(id, static_cast<std::int64_t>(state), detail, next_ms, now_ms, delivery_begun);
    return db_.changes() > 0;
}

std::vector<delivery_report> outbox_table::find(const delivery_query& query) {
    std::vector<delivery_report> found;
    // What waits is looked for everywhere, however much went to others meanwhile.
    const bool backlog = query.run_id.empty() && query.state == delivery_state::pending;
    cursor c(backlog ? backlog_ : query.run_id.empty() ? newest_ : of_run_);
    const auto before = query.before_id > 0 ? query.before_id : INT64_MAX;
    const auto state = query.state ? static_cast<std::int64_t>(*query.state) : -1;
    const auto limit = static_cast<std::int64_t>(query.limit);
    if (backlog) c.bind(before, limit);
    else if (query.run_id.empty()) c.bind(before, state, looked_through, limit);
    else c.bind(before, state, query.run_id, limit);
    while (c.step()) {
        auto& r = found.emplace_back();
        r.reply.id = c.integer(0);
        r.reply.channel = c.text(1);
        r.reply.account = c.text(2);
        r.reply.peer = c.text(3);
        r.reply.thread = c.text(4);
        r.reply.reply_id = c.text(5);
        r.reply.session = c.text(6);
        r.reply.run_id = c.text(7);
        r.reply.attempts = static_cast<std::uint32_t>(c.integer(8));
        r.reply.next_ms = c.integer(9);
        r.state = static_cast<delivery_state>(c.integer(10));
        r.detail = c.text(11);
        r.updated_ms = c.integer(12);
    }
    return found;
}

std::int64_t outbox_table::count_pending() {
    cursor c(count_);
    return c.step() ? c.integer(0) : 0;
}

}  // namespace openclaw::store
