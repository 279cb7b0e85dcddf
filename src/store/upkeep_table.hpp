#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

namespace openclaw::store {

// Audit records, the counter of starts and the size.
class upkeep_table {
public:
    explicit upkeep_table(database& db);

    void add_audit(const audit_record& record, const std::string& detail);

    // Counts this start; its number.
    std::int64_t count_start();
    // Bytes in the file, by what the database knows.
    std::int64_t file_bytes();

private:
    statement audit_, count_start_, file_bytes_;
};

}  // namespace openclaw::store
