#pragma once

#include "openclaw/agents/provider.hpp"

#include <string_view>

namespace openclaw::agents {

inline constexpr std::string_view anthropic_current = "2026-10-21";
inline constexpr std::string_view anthropic_classic = "2023-06-01";

// The body of POST /v1/messages for `request`, streamed. Temperature and top_p are left out for
// every version but the classic one: newer ones reject them even with their default value.
json anthropic_body(const completion_request& request, std::string_view api_version);
// The text of the same, with the members of the tools' schemas in their own order.
std::string anthropic_text(const completion_request& request, std::string_view api_version);

}  // namespace openclaw::agents
