#include "store/record_table.hpp"

namespace openclaw::store {

record_table::record_table(database& db)
    : all_(db, "SELECT id, body FROM records WHERE kind = ?1 ORDER BY id")
    , put_(db, "INSERT INTO records(kind, id, body) VALUES(?1, ?2, ?3) "
               "ON CONFLICT(kind, id) DO UPDATE SET body = excluded.body")
    , drop_(db, "DELETE FROM records WHERE kind = ?1 AND id = ?2") {}

std::vector<record> record_table::all(const std::string& kind) {
    std::vector<record> found;
    cursor c(all_);
    c.bind(kind);
    while (c.step()) found.push_back({kind, c.text(0), c.text(1)});
    return found;
}

void record_table::put(const record& r) { put_.run(r.kind, r.id, r.body); }

void record_table::drop(const record& r) { drop_.run(r.kind, r.id); }

}  // namespace openclaw::store
