#pragma once

#include "store/inbox_table.hpp"
#include "store/outbox_table.hpp"
#include "store/record_table.hpp"
#include "store/retention_table.hpp"
#include "store/session_table.hpp"
#include "store/sqlite_handle.hpp"
#include "store/transcript_table.hpp"
#include "store/upkeep_table.hpp"

#include <memory>

namespace openclaw::store {

// The statements of one connection, by table. They are compiled when first used, so that the
// writer pays for writing and a reader for reading.
struct tables {
    explicit tables(database& connection)
        : db(connection), sessions(db), transcript(db), inbox(db), outbox(db),
          records(db), retention(db), upkeep(db) {}

    database& db;
    session_table sessions;
    transcript_table transcript;
    inbox_table inbox;
    outbox_table outbox;
    record_table records;
    retention_table retention;
    upkeep_table upkeep;
};

// A connection with its statements.
struct connection {
    explicit connection(std::unique_ptr<database> opened) : db(std::move(opened)), rows(*db) {}

    std::unique_ptr<database> db;
    tables rows;
};

}  // namespace openclaw::store
