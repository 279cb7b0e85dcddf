#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace openclaw::ingress {

struct log_query {
    std::string file;                      // empty: there is none
    std::optional<std::int64_t> cursor;    // byte offset to go on from; none: the end of the file
    std::size_t limit = 500;               // lines, the newest
    std::int64_t max_bytes = 250'000;      // looked at
};

// The result of logs.tail: {file, cursor, size, lines, truncated?, reset?}. Whole lines only, so
// that a line that is being written comes with the next call. `truncated`: lines between were left
// out. `reset`: the cursor is not of this file any more. Blocks. Errors: io.
result<json> tail_log(const log_query& q);

}  // namespace openclaw::ingress
