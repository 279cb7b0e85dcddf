#pragma once

#include "config/json5_value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace openclaw::config {

// Where and why a text is no JSON5.
struct json5_failure {
    std::size_t offset = 0;
    std::string message;
};

// Reads the tokens of a JSON5 text that is well-formed UTF-8. Each read_… starts at a token of its
// kind and returns false after noting the first failure.
class json5_scanner {
public:
    explicit json5_scanner(std::string_view text)
        : text_(text) {}

    // Skips white space and comments.
    bool skip_trivia();
    bool at_end() const { return offset_ >= text_.size(); }
    // The byte here, '\0' at the end.
    char peek() const { return at_end() ? '\0' : text_[offset_]; }
    bool take(char c);
    std::size_t offset() const { return offset_; }

    bool starts_number() const;
    bool starts_identifier() const;
    bool read_string(std::string& out);
    bool read_number(json5_number& out);
    bool read_identifier(std::string& out);

    bool fail(std::size_t offset, std::string message);
    // "found x" for messages: the character here, in quotes.
    std::string found() const;
    const std::optional<json5_failure>& failure() const { return failure_; }

private:
    bool skip_block_comment();
    void skip_line_comment();
    bool read_escape(std::string& out);
    bool read_hex(std::size_t digits, char32_t& out);
    bool read_unicode_escape(std::string& out);
    bool read_hex_number(bool negative, std::size_t begin, json5_number& out);
    bool read_decimal(bool negative, std::size_t begin, json5_number& out);
    bool take_word(std::string_view word);
    std::size_t skip_digits();

    std::string_view text_;
    std::size_t offset_ = 0;
    std::optional<json5_failure> failure_;
};

} // namespace openclaw::config
