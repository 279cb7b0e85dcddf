#include "openclaw/core/json_member.hpp"

#include "openclaw/core/encoding.hpp"

#include <string>
#include <utility>

namespace openclaw {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259, from the first byte to the last, with one bracket per open level as its only memory.
class member_finder {
public:
    member_finder(std::string_view text, std::string_view name, std::size_t max_depth)
        : text_(text), name_(name), max_depth_(max_depth) {}

    result<std::optional<std::string_view>> run() {
        skip_space();
        const bool object = peek() == '{';
        const bool read = document();
        if (!problem_.empty()) return error(errc::invalid_input, std::move(problem_));
        if (!read) {
            return error(errc::invalid_input, "not valid JSON at byte " + std::to_string(at_ + 1));
        }
        if (!object) return error(errc::invalid_input, "The body must be a JSON object.");
        return found_;
    }

private:
    enum class expected { value, value_or_end, key, key_or_end, comma_or_end };

    // NUL stands for the end: it stands nowhere in JSON.
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    void skip_space() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
    }

    bool document() {
        do {
            skip_space();
            if (!next()) return false;
        } while (!open_.empty());
        skip_space();
        return at_ == text_.size();
    }

    bool next() {
        const bool ends = peek() == '}' || peek() == ']';
        switch (next_) {
        case expected::comma_or_end:
            if (ends) return close();
            next_ = open_.back() == '{' ? expected::key : expected::value;
            return take(',');
        case expected::key_or_end: return ends ? close() : key();
        case expected::key: return key();
        case expected::value_or_end: return ends ? close() : value();
        case expected::value: break;
        }
        return value();
    }

    bool key() {
        const auto begin = at_;
        if (!string()) return false;
        if (open_.size() == 1) wanted_ = is_name(text_.substr(begin, at_ - begin));
        if (wanted_ && found_) {
            problem_ = "The body has `" + std::string(name_) + "` twice.";
            return false;
        }
        skip_space();
        next_ = expected::value;
        return take(':');
    }

    // An escape makes up to six bytes of one.
    bool is_name(std::string_view quoted) const {
        const auto raw = quoted.substr(1, quoted.size() - 2);
        if (raw == name_) return true;
        if (raw.find('\\') == std::string_view::npos || raw.size() > 6 * name_.size()) return false;
        const auto read = parse_json(quoted);
        return read && read->is_string() && read->get_ref<const std::string&>() == name_;
    }

    bool value() {
        if (open_.size() == 1) begin_ = at_;
        switch (peek()) {
        case '{':
        case '[': return open();
        case '"': return string() && ended();
        case 't': return word("true") && ended();
        case 'f': return word("false") && ended();
        case 'n': return word("null") && ended();
        default: return number() && ended();
        }
    }

    bool open() {
        if (open_.size() == max_depth_) {
            problem_ = "the JSON is nested deeper than " + std::to_string(max_depth_) + " levels";
            return false;
        }
        open_ += text_[at_++];
        next_ = open_.back() == '{' ? expected::key_or_end : expected::value_or_end;
        return true;
    }

    bool close() {
        if ((open_.back() == '{') != (peek() == '}')) return false;
        ++at_;
        open_.pop_back();
        return ended();
    }

    bool ended() {
        next_ = expected::comma_or_end;
        if (open_.size() == 1 && std::exchange(wanted_, false)) {
            found_ = text_.substr(begin_, at_ - begin_);
        }
        return true;
    }

    bool word(std::string_view w) {
        if (!text_.substr(at_).starts_with(w)) return false;
        at_ += w.size();
        return true;
    }

    bool digits() {
        const auto begin = at_;
        while (is_digit(peek())) ++at_;
        return at_ > begin;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (!take('e') && !take('E')) return true;
        if (!take('+')) take('-');
        return digits();
    }

    bool string() {
        if (!take('"')) return false;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (static_cast<unsigned char>(c) < 0x20) return false;
            ++at_;
            if (c == '"') return true;
            if (c == '\\' && !escape()) return false;
        }
        return false;
    }

    bool escape() {
        if (!take('u')) {
            if (peek() == '\0' || std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
                return false;
            }
            ++at_;
            return true;
        }
        const auto first = hex4();
        if (!first || (*first >= 0xdc00 && *first <= 0xdfff)) return false;
        if (*first < 0xd800 || *first > 0xdbff) return true;
        if (!take('\\') || !take('u')) return false;
        const auto second = hex4();
        return second && *second >= 0xdc00 && *second <= 0xdfff;
    }

    std::optional<unsigned> hex4() {
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            unsigned digit = 0;
            if (is_digit(c)) digit = static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
            else if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
            else return std::nullopt;
            value = value * 16 + digit;
            ++at_;
        }
        return value;
    }

    const std::string_view text_;
    const std::string_view name_;
    const std::size_t max_depth_;
    std::size_t at_ = 0;
    expected next_ = expected::value;
    std::string open_;          // the brackets around `at_`
    bool wanted_ = false;       // the member that is read is the one
    std::size_t begin_ = 0;     // of the value that is read, on the first level
    std::optional<std::string_view> found_;
    std::string problem_;
};

}  // namespace

result<std::optional<std::string_view>> find_member(std::string_view text, std::string_view name,
                                                    std::size_t max_depth) {
    if (!is_utf8(text)) return error(errc::invalid_input, "not valid JSON: the text is not UTF-8");
    return member_finder(text, name, max_depth).run();
}

}  // namespace openclaw
