#pragma once

#include "openclaw/model/chat_message.hpp"
#include "openclaw/model/tool.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace openclaw::agents {

// A guess from above for English, from below for few: four bytes are one token, an image is a
// fixed number, and each row costs a little. A service that disagrees answers context_overflow.
std::int64_t estimate_tokens(const chat_message& row);
std::int64_t estimate_tokens(std::span<const tool_definition> tools);
std::int64_t estimate_tokens(std::string_view text);

}  // namespace openclaw::agents
