#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/task.hpp"
#include "openclaw/routing/router.hpp"
#include "openclaw/store/store.hpp"

#include <optional>
#include <span>

namespace openclaw::ingress {

constexpr std::size_t max_page = 2 << 20;   // bytes of rows in one answer

// What a client has missed of a conversation since it saw the row of its cursor.
struct missed_rows {
    bool known = false;              // false: the client has to start over
    std::vector<chat_message> rows;  // oldest first
    std::string cursor;              // what it has seen then
};

// `cursor` as event_frame.hpp makes it, "0" for nothing seen. Not known: no such row, or more than
// `limit` rows or max_page bytes came after it. Errors: the store's.
task<result<missed_rows>> rows_since(store::store& from, std::string session, std::string cursor,
                                     std::size_t limit);

// The message of the answer in progress, which is stored with it; nothing once `rows` have it. To be
// asked for before the rows are read: what is neither is then stored already or told of later.
class open_question {
public:
    open_question(const routing::router& router, const std::string& session);
    // `rows` are the newest, oldest first.
    const chat_message* beyond(std::span<const chat_message> rows) const;

private:
    std::optional<chat_message> row_;
};

// The text so far of the answer in progress, for who comes late (protocol.md §8, inFlightRun); null
// when there is none.
json answer_in_progress(const routing::router& router, const std::string& session);

}  // namespace openclaw::ingress
