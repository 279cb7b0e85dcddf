#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

namespace openclaw::store {

// Replies on their way to channels.
class outbox_table {
public:
    explicit outbox_table(database& db);

    void insert(const delivery& d, std::int64_t epoch, std::int64_t now_ms);
    // In the order they were made. A delivery stays behind an earlier one to the same peer that
    // waits for its next attempt, so that a conversation never arrives out of order.
    std::vector<delivery> due(const std::string& channel, const std::string& account,
                              std::int64_t now_ms, std::size_t limit);
    // False when there is no such pending delivery.
    bool finish(std::int64_t id, delivery_state state, const std::string& detail,
                std::int64_t next_ms, std::int64_t now_ms);
    std::int64_t count_pending();
    std::vector<delivery_report> find(const delivery_query& query);

private:
    database& db_;
    statement insert_, due_, finish_, count_, of_run_, backlog_, newest_;
};

}  // namespace openclaw::store
