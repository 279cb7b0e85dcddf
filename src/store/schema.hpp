#pragma once

#include "openclaw/core/error.hpp"
#include "store/sqlite_handle.hpp"

#include <span>

namespace openclaw::store {

// A change of the schema. `number` is the user_version of the file after it; they count from 1
// without a gap. A migration that was released is never edited: the next one corrects it.
struct migration {
    int number;
    const char* sql;
};

// All of this binary's.
std::span<const migration> migrations();

// Brings the file to the newest of `steps`, each in a transaction of its own. A file that is
// newer than that is refused: an older binary must not guess what it does not know.
result<void> migrate(database& db, std::span<const migration> steps);

}  // namespace openclaw::store
