#pragma once

#include "openclaw/core/error.hpp"

#include <filesystem>

namespace openclaw::store {

// Whether a database file is as long as its own header says (SQLite file format §1.3), as long as
// no log beside it may hold the rest. A file that was cut off opens without complaint and fails
// only where its missing pages are read; so it is refused at the start. Error: storage.
result<void> check_length(const std::filesystem::path& file);

}  // namespace openclaw::store
