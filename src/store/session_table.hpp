#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

#include <optional>

namespace openclaw::store {

// Conversations: one row each, found by key, listed by the time of their last turn.
class session_table {
public:
    // What a writer must know of a session.
    struct head {
        std::int64_t id = 0;
        std::int64_t last_seq = 0;
        std::int64_t epoch = 0;
        bool background = false;
    };

    explicit session_table(database& db);

    std::optional<head> find_head(const std::string& key);
    // Makes the session as it is after its first turn; its id. The last row has the place `last_seq`.
    std::int64_t insert(const turn_commit& c, std::int64_t last_seq);
    // Adds a turn of `rows` rows.
    void grow(std::int64_t id, const turn_commit& c, std::int64_t rows);

    void patch(std::int64_t id, const session_patch& p);
    // The transcript is empty again.
    // Gives it the choices of another one.
    void inherit(std::int64_t id, std::int64_t from);
    // Takes it out of the background.
    void show(std::int64_t id);
    void begin_anew(std::int64_t id);
    void drop(std::int64_t id);

    std::optional<session_row> find(const std::string& key);
    std::vector<session_row> list(const session_query& query);
    // How many there are but for the background; kept as a number because counting a million rows takes long.
    std::int64_t count();
    std::int64_t count_archived();

private:
    std::vector<session_row> search(const session_query& query);
    std::vector<session_row> read_some(cursor& c, const session_query& query);
    std::int64_t first_seq(std::int64_t id);

    database& db_;
    statement head_, insert_, count_up_, grow_, find_, find_by_id_, list_, list_all_, list_of_agent_,
        search_, search_all_, first_seq_, count_, count_archived_, count_marked_, patch_, show_, inherit_,
        begin_anew_, drop_, note_last_, count_down_;
};

}  // namespace openclaw::store
