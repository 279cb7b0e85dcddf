#include "config/json5_scanner.hpp"

#include "config/json5_unicode.hpp"

#include "openclaw/core/encoding.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace openclaw::config {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_high_surrogate(char32_t c) {
    return c >= 0xD800 && c <= 0xDBFF;
}

bool is_low_surrogate(char32_t c) {
    return c >= 0xDC00 && c <= 0xDFFF;
}

} // namespace

bool json5_scanner::fail(std::size_t offset, std::string message) {
    if (!failure_) failure_ = json5_failure{offset, std::move(message)};
    return false;
}

std::string json5_scanner::found() const {
    const auto c = decode_at(text_, offset_);
    if (c.bytes == 0) return "the end of the text";
    return "\"" + printable(text_.substr(offset_, c.bytes)) + "\"";
}

bool json5_scanner::take(char c) {
    if (peek() != c || at_end()) return false;
    ++offset_;
    return true;
}

bool json5_scanner::skip_trivia() {
    while (!at_end()) {
        const auto c = decode_at(text_, offset_);
        if (is_white_space(c.value)) {
            offset_ += c.bytes;
        } else if (text_.substr(offset_, 2) == "//") {
            skip_line_comment();
        } else if (text_.substr(offset_, 2) == "/*") {
            if (!skip_block_comment()) return false;
        } else {
            break;
        }
    }
    return true;
}

void json5_scanner::skip_line_comment() {
    while (!at_end()) {
        const auto c = decode_at(text_, offset_);
        if (is_line_terminator(c.value)) return;
        offset_ += c.bytes;
    }
}

bool json5_scanner::skip_block_comment() {
    const auto close = text_.find("*/", offset_ + 2);
    if (close == std::string_view::npos) return fail(offset_, "this comment has no end");
    offset_ = close + 2;
    return true;
}

bool json5_scanner::starts_number() const {
    const char c = peek();
    if (is_digit(c) || c == '+' || c == '-' || c == '.') return true;
    const auto rest = text_.substr(std::min(offset_, text_.size()));
    return rest.starts_with("Infinity") || rest.starts_with("NaN");
}

bool json5_scanner::starts_identifier() const {
    return peek() == '\\' || is_identifier_start(decode_at(text_, offset_).value);
}

bool json5_scanner::read_string(std::string& out) {
    const auto begin = offset_;
    const char quote = text_[offset_++];
    while (!at_end()) {
        const char c = text_[offset_];
        if (c == quote) {
            ++offset_;
            return true;
        }
        if (c == '\n' || c == '\r')
            return fail(begin, "this text has no closing quote on its line");
        if (c == '\\') {
            if (!read_escape(out)) return false;
            continue;
        }
        out += c;
        ++offset_;
    }
    return fail(begin, "this text has no closing quote");
}

bool json5_scanner::read_escape(std::string& out) {
    const auto begin = offset_++;
    const auto c = decode_at(text_, offset_);
    if (c.bytes == 0) return fail(begin, "this text has no closing quote");
    if (c.value == 'u') return read_unicode_escape(out);
    offset_ += c.bytes;
    if (is_line_terminator(c.value)) {
        if (c.value == '\r') take('\n');
        return true;
    }
    char32_t code = 0;
    switch (c.value) {
    case 'b':
        out += '\b';
        return true;
    case 'f':
        out += '\f';
        return true;
    case 'n':
        out += '\n';
        return true;
    case 'r':
        out += '\r';
        return true;
    case 't':
        out += '\t';
        return true;
    case 'v':
        out += '\v';
        return true;
    case 'x':
        if (!read_hex(2, code)) return fail(begin, "\\x needs two hexadecimal digits");
        append_utf8(out, code);
        return true;
    case '0':
        if (is_digit(peek())) return fail(begin, "octal escapes are not part of JSON5");
        out += '\0';
        return true;
    default:
        if (c.value >= '1' && c.value <= '9') {
            return fail(begin, "a backslash before a digit is not part of JSON5");
        }
        append_utf8(out, c.value);
        return true;
    }
}

bool json5_scanner::read_hex(std::size_t digits, char32_t& out) {
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = hex_digit(peek());
        if (value < 0) return false;
        out = out << 4 | static_cast<char32_t>(value);
        ++offset_;
    }
    return true;
}

// Stands at the 'u'. Two escapes that are the halves of one character become that character; a
// half alone has no UTF-8 and becomes U+FFFD.
bool json5_scanner::read_unicode_escape(std::string& out) {
    const auto begin = offset_ - 1;
    ++offset_;
    char32_t code = 0;
    if (!read_hex(4, code)) return fail(begin, "\\u needs four hexadecimal digits");
    if (is_high_surrogate(code) && text_.substr(offset_, 2) == "\\u") {
        const auto resume = offset_;
        offset_ += 2;
        char32_t low = 0;
        if (read_hex(4, low) && is_low_surrogate(low)) {
            append_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
            return true;
        }
        offset_ = resume;
    }
    append_utf8(out, code >= 0xD800 && code <= 0xDFFF ? U'\uFFFD' : code);
    return true;
}

bool json5_scanner::read_identifier(std::string& out) {
    bool first = true;
    while (!at_end()) {
        const auto begin = offset_;
        auto c = decode_at(text_, offset_);
        if (c.value == '\\') {
            ++offset_;
            char32_t code = 0;
            if (!take('u') || !read_hex(4, code)) {
                return fail(begin, "in a key a backslash must begin \\u and four digits");
            }
            c = {code, 0};
            if (first ? !is_identifier_start(code) : !is_identifier_part(code)) {
                return fail(begin, "this character cannot be part of a key without quotes");
            }
        } else if (first ? !is_identifier_start(c.value) : !is_identifier_part(c.value)) {
            break;
        }
        append_utf8(out, c.value);
        offset_ += c.bytes;
        first = false;
    }
    return !first || fail(offset_, "a key is expected, found " + found());
}

bool json5_scanner::take_word(std::string_view word) {
    if (!text_.substr(offset_).starts_with(word)) return false;
    offset_ += word.size();
    return true;
}

bool json5_scanner::read_number(json5_number& out) {
    const auto begin = offset_;
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++offset_;
    const double sign = negative ? -1.0 : 1.0;
    if (at_end()) return fail(begin, "a number is expected after the sign");
    if (take_word("Infinity")) {
        out = sign * std::numeric_limits<double>::infinity();
    } else if (take_word("NaN")) {
        out = std::numeric_limits<double>::quiet_NaN();
    } else if (take_word("0x") || take_word("0X")) {
        if (!read_hex_number(negative, begin, out)) return false;
    } else if (!read_decimal(negative, begin, out)) {
        return false;
    }
    if (is_identifier_part(decode_at(text_, offset_).value) || peek() == '\\') {
        return fail(offset_, "a number cannot go on with " + found());
    }
    return true;
}

bool json5_scanner::read_hex_number(bool negative, std::size_t begin, json5_number& out) {
    const auto first = offset_;
    double wide = 0;
    std::int64_t whole = 0;
    bool fits = true;
    for (int digit = hex_digit(peek()); digit >= 0; digit = hex_digit(peek())) {
        wide = wide * 16 + digit;
        fits = fits && whole <= (std::numeric_limits<std::int64_t>::max() - digit) / 16;
        if (fits) whole = whole * 16 + digit;
        ++offset_;
    }
    if (offset_ == first) return fail(begin, "0x needs hexadecimal digits");
    if (fits && !(negative && whole == 0))
        out = negative ? -whole : whole;
    else
        out = negative ? -wide : wide;
    return true;
}

std::size_t json5_scanner::skip_digits() {
    const auto first = offset_;
    while (is_digit(peek()))
        ++offset_;
    return offset_ - first;
}

bool json5_scanner::read_decimal(bool negative, std::size_t begin, json5_number& out) {
    const auto first = offset_;
    const auto whole_digits = skip_digits();
    if (whole_digits > 1 && text_[first] == '0') {
        return fail(begin, "a number cannot begin with a superfluous 0");
    }
    bool whole = true;
    std::size_t fraction_digits = 0;
    if (take('.')) {
        whole = false;
        fraction_digits = skip_digits();
    }
    if (whole_digits + fraction_digits == 0)
        return fail(begin, "found a sign or a point without digits");
    if (peek() == 'e' || peek() == 'E') {
        whole = false;
        ++offset_;
        if (peek() == '+' || peek() == '-') ++offset_;
        if (skip_digits() == 0) return fail(begin, "the exponent needs digits");
    }
    const std::string digits(text_.substr(first, offset_ - first));
    std::int64_t exact = 0;
    if (whole &&
        std::from_chars(digits.data(), digits.data() + digits.size(), exact).ec == std::errc() &&
        !(negative && exact == 0)) {
        out = negative ? -exact : exact;
        return true;
    }
    // "5." and ".5" are for std::from_chars as they are; too large becomes infinity as in JSON5.
    double value = 0;
    const auto end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ec == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
    out = negative ? -value : value;
    return true;
}

} // namespace openclaw::config
