#pragma once

#include "config/field_table.hpp"

#include <string>

namespace openclaw::config {

// JSON Schema of what may stand at `node` and below; `path` is its pattern in the table.
json schema_of(const field_node& node, const std::string& path);

} // namespace openclaw::config
