#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

#include <optional>

namespace openclaw::store {

// A transcript row as the writer takes it: encoded by the caller's thread, because the writer's
// time is what bounds the whole store.
struct encoded_row {
    std::string id;
    openclaw::role role = openclaw::role::user;
    std::int64_t at_ms = 0;
    std::string body;
};

// What was said, and the finished steps of turns that still run.
class transcript_table {
public:
    explicit transcript_table(database& db);

    void append(std::int64_t session_id, std::int64_t seq, const encoded_row& row,
                const std::string& run_id, std::int64_t epoch);
    std::vector<chat_message> window(const std::string& session, std::size_t limit,
                                     std::int64_t before_seq);
    std::vector<chat_message> onward(const std::string& session, std::int64_t seq,
                                     std::size_t limit);
    // By id, among the newest; there is no index by id, for no turn needs one.
    std::optional<chat_message> find(const std::string& session, const std::string& id);

    // The place of the last row of a run, looked for among the newest; 0: there is none.
    std::int64_t last_of_run(std::int64_t session_id, std::int64_t last_seq, const std::string& run_id);
    // The last `limit` rows up to `last_seq`, as far as max_read_bytes go, to the same places of another
    // session.
    void copy(std::int64_t from, std::int64_t to, std::int64_t last_seq, std::size_t limit,
              std::int64_t epoch);

    // Deletes up to `limit` of the oldest rows; how many went.
    std::size_t drop_oldest(std::int64_t session_id, std::size_t limit);
    bool is_empty(std::int64_t session_id);

    void put_step(const turn_step& step, const std::string& body);
    void drop_steps(const std::string& run_id);
    std::vector<turn_step> steps(const std::string& run_id);

private:
    database& db_;
    statement append_, window_, onward_, find_, last_of_run_, sizes_, copy_, drop_oldest_, first_;
    statement put_step_, drop_steps_, steps_;
};

}  // namespace openclaw::store
