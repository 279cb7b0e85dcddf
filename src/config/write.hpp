#pragma once

#include "openclaw/config/loader.hpp"

#include <vector>

namespace openclaw::config {

// Dotfile managers and orchestrators link the file from elsewhere: the link stays.
std::filesystem::path behind_links(const std::filesystem::path& file);

// The errors of `after` that `before` had not: a variable that is only set for the daemon must not
// keep its owner from changing another setting.
std::vector<issue> new_errors(const load_outcome& before, const load_outcome& after);

// The error with the name of the file that it is about.
error about(const std::filesystem::path& file, error e);

} // namespace openclaw::config
