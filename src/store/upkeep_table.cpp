#include "store/upkeep_table.hpp"

namespace openclaw::store {

upkeep_table::upkeep_table(database& db)
    : audit_(db, "INSERT INTO audit(at, kind, who, what, outcome, detail) "
                 "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
    , count_start_(db, "UPDATE meta SET value = value + 1 WHERE key = 'starts' RETURNING value")
    , file_bytes_(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") {}

void upkeep_table::add_audit(const audit_record& r, const std::string& detail) {
    audit_.run(r.at_ms, r.kind, r.who, r.what, r.outcome, detail);
}

std::int64_t upkeep_table::count_start() {
    cursor c(count_start_);
    const auto number = c.step() ? c.integer(0) : 0;
    c.run();  // the statement writes when it has been run to its end
    return number;
}

std::int64_t upkeep_table::file_bytes() {
    cursor c(file_bytes_);
    return c.step() ? c.integer(0) : 0;
}

}  // namespace openclaw::store
