#include "store/session_table.hpp"

#include <algorithm>
#include <limits>

namespace openclaw::store {

namespace {

constexpr std::int64_t looked_through = 20'000;  // sessions, for what has no index

const std::string columns =
    "id, key, agent, label, provider, model, created, updated, last_seq, epoch, tokens_input, "
    "tokens_output, tokens_cache_read, tokens_cache_write, pinned, archived, unread, last_state, "
    "category, icon, color, wanted_model, background";

const std::string listed = " FROM sessions WHERE background = 0 AND ";
const std::string newest_first = "(updated, id) < (?1, ?2) ORDER BY updated DESC, id DESC LIMIT ";
const std::string found_in = " WHERE (?4 = '' OR agent = ?4) AND (instr(lower(key), ?5) > 0 OR "
                             "instr(lower(label), ?5) > 0) ORDER BY updated DESC, id DESC LIMIT ?3";

session_row read_row(const cursor& c) {
    session_row row;
    row.id = c.integer(0);
    row.key = c.text(1);
    row.agent = c.text(2);
    row.label = c.text(3);
    row.provider = c.text(4);
    row.model = c.text(5);
    row.created_ms = c.integer(6);
    row.updated_ms = c.integer(7);
    row.last_seq = c.integer(8);
    row.epoch = c.integer(9);
    row.usage = {c.integer(10), c.integer(11), c.integer(12), c.integer(13)};
    row.pinned = c.integer(14) != 0;
    row.archived = c.integer(15) != 0;
    row.unread = c.integer(16) != 0;
    row.last_state = static_cast<run_state>(c.integer(17));
    row.category = c.text(18);
    row.icon = c.text(19);
    row.color = c.text(20);
    row.wanted_model = c.text(21);
    row.background = c.integer(22) != 0;
    return row;
}

bool is_filtered(const session_query& q) {
    return !q.label.empty() || q.archived || q.updated_since_ms != 0 ||
           (q.background && !q.agent.empty());
}

// So many rows does a statement have to give: those that the filter drops come on top.
std::int64_t depth_of(const session_query& q) {
    return is_filtered(q) ? looked_through : static_cast<std::int64_t>(q.limit);
}

// The rows of `c`, newest first, that `q` asks for. The statement runs no further than needed.
std::vector<session_row> read_matching(cursor& c, const session_query& q) {
    std::vector<session_row> rows;
    while (rows.size() < q.limit && c.step()) {
        if (c.integer(7) < q.updated_since_ms) break;
        if (q.archived && *q.archived != (c.integer(15) != 0)) continue;
        if (!q.label.empty() && c.view(3) != q.label) continue;
        if (!q.agent.empty() && c.view(2) != q.agent) continue;
        rows.push_back(read_row(c));
    }
    return rows;
}

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();

// Where a page begins: below the last row of the one before.
std::pair<std::int64_t, std::int64_t> start_of(const session_query& q) {
    if (q.before_updated_ms == 0) return {last, last};
    return {q.before_updated_ms, q.before_id == 0 ? last : q.before_id};
}

}  // namespace

session_table::session_table(database& db)
    : db_(db)
    , head_(db, "SELECT id, last_seq, epoch, background FROM sessions WHERE key = ?1")
    , insert_(db, "INSERT INTO sessions(id, key, agent, provider, model, created, updated, last_seq, "
                  "epoch, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, last_state, "
                  "background) "
                  "VALUES(max((SELECT ifnull(max(id), 0) FROM sessions), (SELECT value FROM meta "
                  "WHERE key = 'last_session')) + 1, ?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
                  "?13)")
    , count_up_(db, "UPDATE meta SET value = value + 1 WHERE key = 'sessions'")
    , grow_(db, "UPDATE sessions SET updated = max(updated, ?2), last_seq = last_seq + ?3, "
                "epoch = ?4, tokens_input = tokens_input + ?5, tokens_output = tokens_output + ?6, "
                "tokens_cache_read = tokens_cache_read + ?7, "
                "tokens_cache_write = tokens_cache_write + ?8, "
                "provider = iif(?9 = '', provider, ?9), model = iif(?10 = '', model, ?10), "
                "last_state = iif(?3 = 0, last_state, ?11) "
                "WHERE id = ?1")
    , find_(db, "SELECT " + columns + " FROM sessions WHERE key = ?1")
    , find_by_id_(db, "SELECT " + columns + " FROM sessions WHERE id = ?1")
    , list_(db, "SELECT " + columns + listed + newest_first + "?3")
    , list_all_(db, "SELECT " + columns + " FROM sessions WHERE " + newest_first + "?3")
    , list_of_agent_(db, "SELECT " + columns + listed + "agent = ?4 AND " + newest_first + "?3")
    // A text inside of keys has no index. The newest 20,000 are looked through, so that the time
    // stays bounded however many there are.
    , search_(db, "SELECT " + columns + " FROM (SELECT *" + listed + newest_first + "20000)" + found_in)
    , search_all_(db, "SELECT " + columns + " FROM (SELECT * FROM sessions WHERE " + newest_first +
                      "20000)" + found_in)
    , first_seq_(db, "SELECT min(number) & 4294967295 FROM transcript WHERE number BETWEEN ?1 << 32 AND "
                     "?1 << 32 | 4294967295")
    , count_(db, "SELECT value FROM meta WHERE key = 'sessions'")
    , count_archived_(db, "SELECT count(*) FROM sessions WHERE archived = 1")
    , count_marked_(db, "UPDATE meta SET value = value + (SELECT background FROM sessions WHERE id = ?1) "
                        "WHERE key = 'sessions'")
    // Null leaves a column as it is.
    , patch_(db, "UPDATE sessions SET label = ifnull(?2, label), pinned = ifnull(?3, pinned), "
                 "archived = ifnull(?4, archived), unread = ifnull(?5, unread), "
                 "category = ifnull(?6, category), icon = ifnull(?7, icon), "
                 "color = ifnull(?8, color), wanted_model = ifnull(?9, wanted_model), "
                 "background = 0 WHERE id = ?1")
    , show_(db, "UPDATE sessions SET background = 0 WHERE id = ?1")
    , inherit_(db, "UPDATE sessions SET wanted_model = (SELECT wanted_model FROM sessions WHERE id = ?2) "
                   "WHERE id = ?1")
    , begin_anew_(db, "UPDATE sessions SET last_seq = 0, last_state = 0, tokens_input = 0, "
                      "tokens_output = 0, tokens_cache_read = 0, tokens_cache_write = 0 "
                      "WHERE id = ?1")
    , drop_(db, "DELETE FROM sessions WHERE id = ?1")
    , note_last_(db, "UPDATE meta SET value = ?1 WHERE key = 'last_session' AND value < ?1")
    , count_down_(db, "UPDATE meta SET value = value - (SELECT background = 0 FROM sessions WHERE id = ?1) "
                      "WHERE key = 'sessions'") {}

std::optional<session_table::head> session_table::find_head(const std::string& key) {
    cursor c(head_);
    if (!c.bind(key).step()) return std::nullopt;
    return head{c.integer(0), c.integer(1), c.integer(2), c.integer(3) != 0};
}

std::int64_t session_table::insert(const turn_commit& c, std::int64_t last_seq) {
    insert_.run(c.session, c.agent, c.provider, c.model, c.ended_ms, last_seq, c.epoch, c.usage.input,
                c.usage.output, c.usage.cache_read, c.usage.cache_write,
                last_seq == 0 ? std::int64_t{0} : static_cast<std::int64_t>(c.state), c.background);
    const auto id = db_.last_row_id();
    if (!c.background) count_up_.run();
    return id;
}

void session_table::grow(std::int64_t id, const turn_commit& c, std::int64_t rows) {
    grow_.run(id, c.ended_ms, rows, c.epoch, c.usage.input, c.usage.output, c.usage.cache_read,
              c.usage.cache_write, c.provider, c.model, static_cast<std::int64_t>(c.state));
}

void session_table::patch(std::int64_t id, const session_patch& p) {
    count_marked_.run(id);
    patch_.run(id, p.label, p.pinned, p.archived, p.unread, p.category, p.icon, p.color,
               p.wanted_model);
}

void session_table::show(std::int64_t id) {
    count_marked_.run(id);
    show_.run(id);
}

void session_table::inherit(std::int64_t id, std::int64_t from) { inherit_.run(id, from); }

void session_table::begin_anew(std::int64_t id) { begin_anew_.run(id); }

void session_table::drop(std::int64_t id) {
    count_down_.run(id);
    drop_.run(id);
    note_last_.run(id);
}

std::optional<session_row> session_table::find(const std::string& key) {
    cursor c(find_);
    if (!c.bind(key).step()) return std::nullopt;
    auto row = read_row(c);
    row.first_seq = first_seq(row.id);
    return row;
}

std::int64_t session_table::first_seq(std::int64_t id) {
    cursor c(first_seq_);
    return c.bind(id).step() ? c.integer(0) : 0;
}

// Asked for those that are shown, not for all that are looked through.
std::vector<session_row> session_table::read_some(cursor& c, const session_query& query) {
    auto rows = read_matching(c, query);
    for (auto& row : rows) row.first_seq = first_seq(row.id);
    return rows;
}

std::vector<session_row> session_table::list(const session_query& query) {
    if (query.id != 0) {
        cursor c(find_by_id_);
        return read_some(c.bind(query.id), query);
    }
    if (!query.search.empty()) return search(query);
    const auto [updated, id] = start_of(query);
    const auto limit = depth_of(query);
    if (query.background || query.agent.empty()) {
        cursor c(query.background ? list_all_ : list_);
        return read_some(c.bind(updated, id, limit), query);
    }
    cursor c(list_of_agent_);
    return read_some(c.bind(updated, id, limit, query.agent), query);
}

std::vector<session_row> session_table::search(const session_query& query) {
    const auto [updated, id] = start_of(query);
    const auto wanted = lower(query.search);
    cursor c(query.background ? search_all_ : search_);
    return read_some(c.bind(updated, id, depth_of(query), query.agent, wanted), query);
}

std::int64_t session_table::count() {
    cursor c(count_);
    return c.step() ? c.integer(0) : 0;
}

std::int64_t session_table::count_archived() {
    cursor c(count_archived_);
    return c.step() ? c.integer(0) : 0;
}

}  // namespace openclaw::store
