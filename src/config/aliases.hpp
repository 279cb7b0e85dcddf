#pragma once

#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::config {

// Moves keys of the original OpenClaw to their places here, with a notice each, and takes out those
// that mean nothing here. The tree keeps the places in the text.
void apply_aliases(json5_value& root, findings& issues);

} // namespace openclaw::config
