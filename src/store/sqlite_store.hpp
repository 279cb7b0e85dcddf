#pragma once

#include "openclaw/store/store.hpp"
#include "store/writer.hpp"

#include <string>

namespace openclaw::store {

// What tests may set beside the public options.
struct sqlite_tuning {
    std::string vfs;  // the name of a registered SQLite file system; empty: the system's
    later_function later;   // empty: threads, as always outside of the simulation
};

result<std::unique_ptr<store>> open_sqlite(const store_options& options, const time_source& time,
                                           metrics::registry& metrics, const sqlite_tuning& tuning);

}  // namespace openclaw::store
