#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace openclaw::cli {

// The word that was probably meant: few letters added, left out, changed or swapped. Empty when
// nothing is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& words);

}  // namespace openclaw::cli
