#include "ingress/missed.hpp"

#include "ingress/event_frame.hpp"

namespace openclaw::ingress {

task<result<missed_rows>> rows_since(store::store& from, std::string session, std::string cursor,
                                     std::size_t limit) {
    missed_rows out;
    const auto place = place_of_cursor(cursor);
    if (!place) co_return out;
    // Two more than are wanted: the row that was seen, and one too many.
    auto rows = co_await from.history_from(session, *place, limit + 2);
    if (!rows) co_return rows.error();
    if (*place > 0) {
        if (rows->empty() || cursor_of(rows->front()) != cursor) co_return out;
        rows->erase(rows->begin());
    }
    if (rows->size() > limit) co_return out;
    std::size_t bytes = 0;
    for (const auto& row : *rows) bytes += size_of(row);
    if (bytes > max_page) co_return out;
    out.known = true;
    out.cursor = rows->empty() ? std::move(cursor) : cursor_of(rows->back());
    out.rows = std::move(*rows);
    co_return out;
}

open_question::open_question(const routing::router& router, const std::string& session) {
    if (auto live = router.running_in(session)) row_ = std::move(live->question);
}

const chat_message* open_question::beyond(std::span<const chat_message> rows) const {
    if (!row_) return nullptr;
    return !rows.empty() && rows.back().seq >= row_->seq ? nullptr : &*row_;
}

json answer_in_progress(const routing::router& router, const std::string& session) {
    const auto live = router.running_in(session);
    if (!live) return nullptr;
    return {{"runId", live->run_id}, {"text", live->text}, {"startedAt", live->started_ms}};
}

}  // namespace openclaw::ingress
