#pragma once

#include "openclaw/config/loader.hpp"

#include <string_view>
#include <vector>

namespace openclaw::config {

// Who changes a file without seeing its secrets must not send them elsewhere: where the address of
// an object changes from `stored` to `made` (a provider's `baseUrl`), its secrets have to stand in
// `asked`, what the client wrote. A problem for each that is only kept. Places are those of `made`.
std::vector<issue> moved_secrets(std::string_view made, std::string_view stored,
                                 std::string_view asked);

} // namespace openclaw::config
