#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace openclaw::config {

struct code_point {
    char32_t value = 0;
    std::size_t bytes = 0; // 0: the end of the text
};

// The character at `offset` of a text that is well-formed UTF-8.
code_point decode_at(std::string_view text, std::size_t offset);
void append_utf8(std::string& out, char32_t c);

bool is_line_terminator(char32_t c);
bool is_white_space(char32_t c); // JSON5 white space and line terminators
bool is_identifier_start(char32_t c);
bool is_identifier_part(char32_t c);

// The offset of the first byte that is no UTF-8; npos when there is none.
std::size_t first_bad_utf8(std::string_view text);

} // namespace openclaw::config
