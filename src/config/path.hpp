#pragma once

#include "openclaw/core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace openclaw::config {

// A step to a member or to an element.
using path_step = std::variant<std::string, std::size_t>;

// "agents.list[0].id", models.providers["my.provider"]. Empty text: no steps. invalid_input when
// it is no path.
result<std::vector<path_step>> parse_path(std::string_view text);

// `path` and one step further, as parse_path reads it back.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t index);

} // namespace openclaw::config
