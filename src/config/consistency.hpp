#pragma once

#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include "openclaw/config/settings.hpp"

namespace openclaw::config {

// Combinations that cannot work though each value is right. `root` tells what the file really sets
// and where; a setting whose value did not pass is not reported a second time.
void check_consistency(const settings& s, const json5_value& root, findings& issues);

} // namespace openclaw::config
