#pragma once

#include "openclaw/config/loader.hpp"

#include <string_view>
#include <vector>

namespace openclaw::config {

// Who changes a file without seeing its secrets must not send them elsewhere: where the address of
// an object changes from `stored` to `made` (a provider's `baseUrl`), its secrets have to stand in
// `asked`, what the client wrote. A problem for each that is only kept. Nor must he send what he names:
// a file or a variable in a secret's place goes to an address that stands in `made` only if the same one
// does so in `stored`. What starts a program is an address as well. Places are those of `made`.
std::vector<issue> moved_secrets(std::string_view made, std::string_view stored,
                                 std::string_view asked);

} // namespace openclaw::config
