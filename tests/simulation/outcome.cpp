// What must be true in the end, of all that anybody was told.

#include "simulation/world.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace openclaw::simulation {

namespace {

using store::run_state;

constexpr int deaths_to_be_put_aside = 5;

std::string name(const sent_message& m) {
    return "m" + std::to_string(m.number) + " (" + m.run_id + ")";
}

void require(bool holds, const std::string& what) {
    if (!holds) throw violation(what);
}

bool empties(const sent_message& m) {
    return m.text.starts_with("/new") || m.text.starts_with("/reset");
}

bool agrees(turn_event::kind told, run_state state) {
    switch (told) {
    case turn_event::kind::final: return state == run_state::done;
    case turn_event::kind::aborted: return state == run_state::aborted;
    default: return state == run_state::failed || state == run_state::dead;
    }
}

int count_answers(const std::vector<chat_message>& rows, const sent_message& m) {
    const auto words = "re: m" + std::to_string(m.number);
    return static_cast<int>(std::ranges::count_if(rows, [&](const auto& row) {
        return row.role == role::assistant && row.text() == words && row.stop_reason != "aborted";
    }));
}

// As it was told; one that took part in another one's turn has none of its own.
bool has_answer(const std::vector<chat_message>& rows, const sent_message& m, const known_run& told) {
    return told.joined || std::ranges::any_of(rows, [&](const auto& row) {
        return row.role == role::assistant && row.run_id == m.run_id && row.text() == told.said;
    });
}

}  // namespace

void world::look_at_outcome() {
    std::map<std::string, std::int64_t> places;   // of the accepted runs in the inbox
    for (const auto& m : books_.messages()) {
        if (m.run_id.empty()) continue;
        const auto row = read(life_->store().find_run(m.run_id));
        require(row.has_value() || m.by == entrance::waiting, name(m) + " is lost");
        if (!row) continue;
        require(m.by == entrance::waiting || !places.contains(m.run_id), name(m) + " has another's run");
        places[m.run_id] = row->inbox_id;
        look_at_run(m, *row);
        if (m.by == entrance::channel) look_at_reply(m, *row);
    }
    for (const auto& s : sessions_) {
        look_at_order(s, places);
        look_at_transcript(s, places);
    }
    figures_.done = books_.count(turn_event::kind::final);
    figures_.failed = books_.count(turn_event::kind::failed);
    figures_.aborted = books_.count(turn_event::kind::aborted);
}

// It has ended once, and nobody was told otherwise.
void world::look_at_run(const sent_message& m, const store::run_row& row) {
    trace_.add("outcome of " + name(m) + ": " + std::string(store::name_of(row.state)));
    require(row.state >= run_state::done, name(m) + " has not ended");
    require(row.session == m.session, name(m) + " is in the session " + row.session);
    const auto known = books_.runs().find(m.run_id);
    require(known != books_.runs().end(), name(m) + " ended and nobody saw it");
    const auto& told = known->second.end;
    require(!told || agrees(*told, row.state),
            name(m) + " was told of otherwise than it stands: " + std::string(store::name_of(row.state)));
    if (row.state != run_state::dead) return;
    ++figures_.dead;
    if (row.joined != 0) return;   // the deaths were in the turn that it took part in
    require(known->second.deaths >= deaths_to_be_put_aside, name(m) + " was put aside too early");
}

bool world::is_in_doubt(const std::string& run_id) {
    store::delivery_query query;
    query.run_id = run_id;
    const auto found = read(life_->store().deliveries(std::move(query)));
    return found.size() == 1 && found.front().state == store::delivery_state::unknown;
}

void world::look_at_reply(const sent_message& m, const store::run_row& row) {
    const auto& all = books_.replies();
    const auto replies = std::ranges::count_if(
        all, [&](const auto& r) { return r.second.run_id == m.run_id; });
    const bool wanted = row.state != run_state::aborted && row.joined == 0;
    // One that may not go twice is given up when a process ended at its begin.
    const bool given_up = wanted && replies == 0 && !around_.resends && is_in_doubt(m.run_id);
    require(given_up || replies == (wanted ? 1 : 0),
            name(m) + " has " + std::to_string(replies) + " replies");
}

// In the inbox as they were acknowledged.
void world::look_at_order(const std::string& session, const std::map<std::string, std::int64_t>& places) {
    const auto found = books_.accepted().find(session);
    if (found == books_.accepted().end()) return;
    std::int64_t last = 0;
    for (const auto& id : found->second) {
        require(places.at(id) > last, id + " was acknowledged before an earlier one");
        last = places.at(id);
    }
}

void world::look_at_transcript(const std::string& session,
                               const std::map<std::string, std::int64_t>& places) {
    const auto rows = read(life_->store().history(session, 10'000, 0));
    std::int64_t last = 0;
    std::set<std::string> ids;
    for (const auto& row : rows) {
        require(ids.insert(row.id).second, "the row " + row.id + " is there twice");
        const auto place = places.find(row.run_id);
        // A run that its caller waited for has its place in the inbox from its first step on.
        const bool waited = row.run_id.starts_with("key-") && place != places.end() &&
                            books_.messages()[std::stoul(row.run_id.substr(4)) - 1].by == entrance::waiting;
        if (place == places.end() || waited) continue;
        require(place->second >= last, "run " + row.run_id + " stands behind a later one");
        last = place->second;
    }
    const auto& all = books_.messages();
    const bool was_emptied = std::ranges::any_of(
        all, [&](const auto& m) { return m.session == session && empties(m); });
    for (const auto& m : all) {
        if (m.session != session || m.text.starts_with("/")) continue;
        const auto answers = count_answers(rows, m);
        require(answers <= 1, name(m) + " is answered more than once");
        const auto known = books_.runs().find(m.run_id);
        const bool told = known != books_.runs().end() && known->second.end == turn_event::kind::final;
        require(was_emptied || !told || has_answer(rows, m, known->second),
                name(m) + " was answered and its answer is lost");
        const bool heard = std::ranges::any_of(rows, [&](const auto& row) { return row.text() == m.text; });
        require(was_emptied || !told || heard, name(m) + " was answered and is not in the transcript");
    }
}

void world::look_at_file() const {
    const auto file = (folder_ / "state" / "openclaw.db").string();
    sqlite3* db = nullptr;
    sqlite3_stmt* ask = nullptr;
    std::string said = "it cannot be opened";
    if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &ask, nullptr) == SQLITE_OK &&
        sqlite3_step(ask) == SQLITE_ROW) {
        said = reinterpret_cast<const char*>(sqlite3_column_text(ask, 0));
    }
    sqlite3_finalize(ask);
    sqlite3_close(db);
    require(said == "ok", "the database is damaged: " + said);
}

}  // namespace openclaw::simulation
