#pragma once

#include "openclaw/routing/cron_expression.hpp"

namespace openclaw::routing {

// Reads the fields, without asking whether they ever meet.
result<cron_fields> parse_cron_fields(std::string_view text);

}  // namespace openclaw::routing
