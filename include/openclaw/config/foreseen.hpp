#pragma once

#include "openclaw/config/loader.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace openclaw::config {

// What a start would say of settings that pass every check of their own. The start itself asks here, and
// so do those that look at a file or change it: nobody has to start a gateway to find out.

// Why a start with these settings is refused: it would be open to strangers. Flags are applied before.
std::optional<issue> start_refusal(const settings& s, bool allow_unauthenticated);
// What a start with these settings goes on with, and warns of.
std::vector<issue> start_warnings(const settings& s);
// Both for a text, as warnings, each with its place; nothing of one that does not pass.
std::vector<issue> foreseen(const load_outcome& loaded);

// A provider that is there without models.providers.
bool is_known_provider(std::string_view name);
// Why there is no such model ("provider/model") by these settings; nothing: there may be.
std::optional<error> missing_model(const settings& s, std::string_view ref);

}  // namespace openclaw::config
