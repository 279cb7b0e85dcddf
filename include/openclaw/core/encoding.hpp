#pragma once

#include "openclaw/core/error.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace openclaw {

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
// In the URL alphabet, without padding.
std::string to_base64url(std::string_view bytes);
// Standard or URL alphabet, padding optional; invalid_input on anything else.
result<std::string> from_base64(std::string_view text);

// 32 raw bytes.
std::string sha256(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);

// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);
// `text` cut to at most `bytes` without splitting a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);
// Control and bidi characters replaced by '?' and cut to `limit` bytes: for logs and terminals.
std::string printable(std::string_view text, std::size_t limit = 256);

// "%41" -> "A"; with `plus_is_space` also '+' -> ' '. invalid_input on a broken escape.
result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
std::string percent_encode(std::string_view text);

}  // namespace openclaw
