#include "config/json5_unicode.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <span>

namespace openclaw::config {

namespace {

struct code_range {
    char32_t first;
    char32_t last;
};

#include "config/json5_identifiers.inc"

bool contains(std::span<const code_range> ranges, char32_t c) {
    const auto it = std::upper_bound(ranges.begin(), ranges.end(), c,
                                     [](char32_t x, const code_range& r) { return x < r.first; });
    return it != ranges.begin() && c <= std::prev(it)->last;
}

bool is_ascii_letter(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

code_point decode_at(std::string_view text, std::size_t offset) {
    if (offset >= text.size()) return {};
    const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[offset + i]));
    };
    const char32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F),
            4};
}

void append_utf8(std::string& out, char32_t c) {
    const auto push = [&](char32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        push(c);
    } else if (c < 0x800) {
        push(0xC0 | c >> 6);
        push(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        push(0xE0 | c >> 12);
        push(0x80 | (c >> 6 & 0x3F));
        push(0x80 | (c & 0x3F));
    } else {
        push(0xF0 | c >> 18);
        push(0x80 | (c >> 12 & 0x3F));
        push(0x80 | (c >> 6 & 0x3F));
        push(0x80 | (c & 0x3F));
    }
}

bool is_line_terminator(char32_t c) {
    return c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

bool is_white_space(char32_t c) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) return true;
    if (c < 0x80) return false;
    return c == 0xA0 || c == 0xFEFF || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           is_line_terminator(c) || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_identifier_start(char32_t c) {
    if (c < 0x80) return is_ascii_letter(c) || c == '$' || c == '_';
    return contains(identifier_start, c);
}

bool is_identifier_part(char32_t c) {
    if (c < 0x80) return is_identifier_start(c) || (c >= '0' && c <= '9');
    return is_identifier_start(c) || c == 0x200C || c == 0x200D || contains(identifier_part, c);
}

std::size_t first_bad_utf8(std::string_view text) {
    if (is_utf8(text)) return std::string_view::npos;
    std::size_t good = 0;
    while (good < text.size()) {
        std::size_t step = 1;
        while (step <= 4 && !is_utf8(text.substr(good, step)))
            ++step;
        if (step > 4) return good;
        good += step;
    }
    return text.size();
}

} // namespace openclaw::config
