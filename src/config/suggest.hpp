#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::config {

// How many single-character edits (insert, delete, replace, swap) lead from a to b; letter case
// does not count.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The word that `typed` was most likely meant to be; empty when none is near.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> words);

} // namespace openclaw::config
