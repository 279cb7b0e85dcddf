#include "store/transcript_table.hpp"

#include "store/row_codec.hpp"

#include <algorithm>

namespace openclaw::store {

namespace {

// seq, id, role, run_id, at, body
chat_message read_row(const cursor& c) {
    chat_message row;
    row.seq = c.integer(0);
    row.id = c.text(1);
    row.role = role_from(c.view(2));
    row.run_id = c.text(3);
    row.timestamp_ms = c.integer(4);
    decode_body(c.view(5), row);
    return row;
}

// Of the session ?1, the number that a row at place 0 would have.
const std::string first_number = "(SELECT id << 32 FROM sessions WHERE key = ?1)";
const std::string selected_rows =
    "SELECT number & 4294967295, id, role, run_id, at, body FROM transcript WHERE ";
constexpr std::int64_t max_seq = 0xffff'ffff;

// The first row whatever its size, then as many as max_read_bytes hold.
std::vector<chat_message> read_rows(cursor& c) {
    std::vector<chat_message> rows;
    std::size_t bytes = 0;
    while (bytes <= max_read_bytes && c.step()) {
        rows.push_back(read_row(c));
        if (rows.size() > 1) bytes += size_of(rows.back());
    }
    return rows;
}

}  // namespace

transcript_table::transcript_table(database& db)
    : db_(db)
    , append_(db, "INSERT INTO transcript(number, id, role, run_id, at, epoch, body) "
                  "VALUES(?1 << 32 | ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
    , window_(db, selected_rows + "number >= " + first_number + " AND number < " + first_number +
                  " + ?2 ORDER BY number DESC LIMIT ?3")
    , onward_(db, selected_rows + "number >= " + first_number + " + ?2 AND number < " + first_number +
                  " + 4294967296 ORDER BY number LIMIT ?3")
    , find_(db, "SELECT t.number & 4294967295, t.id, t.role, t.run_id, t.at, t.body FROM sessions s "
                "JOIN transcript t ON t.number BETWEEN s.id << 32 | max(0, s.last_seq - 20000) AND "
                "s.id << 32 | s.last_seq WHERE s.key = ?1 AND t.id = ?2 ORDER BY t.number DESC LIMIT 1")
    , last_of_run_(db, "SELECT number & 4294967295 FROM transcript WHERE number BETWEEN ?1 << 32 | "
                       "max(0, ?2 - 20000) AND ?1 << 32 | ?2 AND run_id = ?3 ORDER BY number DESC LIMIT 1")
    , sizes_(db, "SELECT number & 4294967295, length(body) FROM transcript WHERE number BETWEEN ?1 << 32 AND "
                 "?1 << 32 | ?2 ORDER BY number DESC LIMIT ?3")
    , copy_(db, "INSERT INTO transcript(number, id, role, run_id, at, epoch, body) SELECT ?2 << 32 | "
                "(number & 4294967295), id, role, run_id, at, ?5, body FROM transcript WHERE number "
                "BETWEEN ?1 << 32 | ?3 AND ?1 << 32 | ?4")
    , drop_oldest_(db, "DELETE FROM transcript WHERE number IN (SELECT number FROM transcript WHERE "
                       "number BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295 ORDER BY number LIMIT ?2)")
    , first_(db, "SELECT 1 FROM transcript WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | 4294967295 LIMIT 1")
    , put_step_(db, "INSERT OR REPLACE INTO turn_steps(run_id, number, epoch, role, body) "
                    "VALUES(?1, ?2, ?3, ?4, ?5)")
    , drop_steps_(db, "DELETE FROM turn_steps WHERE run_id = ?1")
    , steps_(db, "SELECT number, epoch, role, body FROM turn_steps WHERE run_id = ?1 "
                 "ORDER BY number") {}

void transcript_table::append(std::int64_t session_id, std::int64_t seq, const encoded_row& row,
                              const std::string& run_id, std::int64_t epoch) {
    append_.run(session_id, seq, row.id, name_of(row.role), run_id, row.at_ms, epoch, row.body);
}

std::vector<chat_message> transcript_table::window(const std::string& session, std::size_t limit,
                                                   std::int64_t before_seq) {
    const auto before = before_seq > 0 ? std::min(before_seq, max_seq) : max_seq;
    cursor c(window_);
    auto rows = read_rows(c.bind(session, before, static_cast<std::int64_t>(limit)));
    std::reverse(rows.begin(), rows.end());
    return rows;
}

std::vector<chat_message> transcript_table::onward(const std::string& session, std::int64_t seq,
                                                   std::size_t limit) {
    cursor c(onward_);
    const auto from = std::clamp<std::int64_t>(seq, 0, max_seq);
    return read_rows(c.bind(session, from, static_cast<std::int64_t>(limit)));
}

std::optional<chat_message> transcript_table::find(const std::string& session,
                                                   const std::string& id) {
    cursor c(find_);
    if (!c.bind(session, id).step()) return std::nullopt;
    return read_row(c);
}

std::int64_t transcript_table::last_of_run(std::int64_t session_id, std::int64_t last_seq,
                                           const std::string& run_id) {
    cursor c(last_of_run_);
    return c.bind(session_id, last_seq, run_id).step() ? c.integer(0) : 0;
}

void transcript_table::copy(std::int64_t from, std::int64_t to, std::int64_t last_seq, std::size_t limit,
                            std::int64_t epoch) {
    auto first = last_seq;
    {
        cursor c(sizes_);
        c.bind(from, last_seq, static_cast<std::int64_t>(limit));
        for (std::int64_t bytes = 0; c.step(); first = c.integer(0)) {
            bytes += c.integer(1);
            if (bytes > static_cast<std::int64_t>(max_read_bytes)) break;
        }
    }
    copy_.run(from, to, first, last_seq, epoch);
}

std::size_t transcript_table::drop_oldest(std::int64_t session_id, std::size_t limit) {
    drop_oldest_.run(session_id, static_cast<std::int64_t>(limit));
    return db_.failed() ? 0 : static_cast<std::size_t>(db_.changes());
}

bool transcript_table::is_empty(std::int64_t session_id) {
    cursor c(first_);
    return !c.bind(session_id).step();
}

void transcript_table::put_step(const turn_step& step, const std::string& body) {
    put_step_.run(step.run_id, step.number, step.epoch, name_of(step.row.role), body);
}

void transcript_table::drop_steps(const std::string& run_id) { drop_steps_.run(run_id); }

std::vector<turn_step> transcript_table::steps(const std::string& run_id) {
    std::vector<turn_step> found;
    cursor c(steps_);
    c.bind(run_id);
    while (c.step()) {
        auto& step = found.emplace_back();
        step.run_id = run_id;
        step.number = c.integer(0);
        step.epoch = c.integer(1);
        step.row.role = role_from(c.view(2));
        step.row.run_id = run_id;
        decode_body(c.view(3), step.row);
    }
    return found;
}

}  // namespace openclaw::store
