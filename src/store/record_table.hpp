#pragma once

#include "openclaw/store/store.hpp"
#include "store/sqlite_handle.hpp"

namespace openclaw::store {

class record_table {
public:
    explicit record_table(database& db);

    std::vector<record> all(const std::string& kind);
    void put(const record& r);
    void drop(const record& r);

private:
    statement all_, put_, drop_;
};

}  // namespace openclaw::store
