#include "config/json5_parser.hpp"

#include "config/json5_unicode.hpp"

namespace openclaw::config {

namespace {

class parser {
public:
    parser(std::string_view text, std::size_t max_depth)
        : scan_(text)
        , max_depth_(max_depth) {}

    bool document(json5_value& out) {
        if (!scan_.skip_trivia() || !value(out) || !scan_.skip_trivia()) return false;
        return scan_.at_end() ||
               scan_.fail(scan_.offset(), "nothing may follow the value, found " + scan_.found());
    }

    const json5_failure& failure() const { return *scan_.failure(); }

private:
    bool value(json5_value& out) {
        out.begin = scan_.offset();
        const bool read = any(out);
        out.end = scan_.offset();
        return read;
    }

    bool any(json5_value& out) {
        switch (scan_.peek()) {
        case '{':
            return nested(out, json5_kind::object);
        case '[':
            return nested(out, json5_kind::array);
        case '"':
        case '\'':
            out.kind = json5_kind::text;
            return scan_.read_string(out.text);
        default:
            break;
        }
        if (scan_.starts_number()) {
            out.kind = json5_kind::number;
            return scan_.read_number(out.number);
        }
        if (scan_.starts_identifier()) return word(out);
        return scan_.fail(scan_.offset(), "a value is expected, found " + scan_.found());
    }

    bool word(json5_value& out) {
        const auto begin = scan_.offset();
        std::string name;
        if (!scan_.read_identifier(name)) return false;
        // An escape inside of a word makes it no literal.
        const bool plain = scan_.offset() - begin == name.size();
        if (plain && name == "null") return true;
        if (plain && (name == "true" || name == "false")) {
            out.kind = json5_kind::boolean;
            out.boolean = name == "true";
            return true;
        }
        return scan_.fail(begin, "a value is expected, found " + name + "; a text needs quotes");
    }

    bool nested(json5_value& out, json5_kind kind) {
        if (depth_ == max_depth_) {
            return scan_.fail(scan_.offset(),
                              "nested deeper than " + std::to_string(max_depth_) + " levels");
        }
        ++depth_;
        out.kind = kind;
        const auto open = scan_.offset();
        scan_.take(kind == json5_kind::object ? '{' : '[');
        const bool read = kind == json5_kind::object ? elements(out, open, '}', &parser::member)
                                                     : elements(out, open, ']', &parser::item);
        --depth_;
        return read;
    }

    // Reads elements with commas between them and perhaps one after the last, up to `close`.
    bool elements(json5_value& out, std::size_t open, char close,
                  json5_value* (parser::*element)(json5_value&)) {
        for (;;) {
            if (!scan_.skip_trivia()) return false;
            if (scan_.take(close)) return true;
            if (scan_.at_end()) return unclosed(open, close);
            json5_value* const read = (this->*element)(out);
            if (read == nullptr || !scan_.skip_trivia()) return false;
            const auto here = scan_.offset();
            if (scan_.take(',')) {
                read->comma = here;
            } else if (scan_.at_end()) {
                return unclosed(open, close);
            } else if (scan_.peek() != close) {
                return scan_.fail(here, std::string("a comma or ") + close +
                                            " is expected, found " + scan_.found());
            }
        }
    }

    bool unclosed(std::size_t open, char close) {
        return scan_.fail(open, std::string("this has no closing ") + close);
    }

    json5_value* item(json5_value& out) {
        auto& slot = out.items.emplace_back();
        return value(slot) ? &slot : nullptr;
    }

    json5_value* member(json5_value& out) {
        auto& m = out.members.emplace_back();
        m.key_begin = scan_.offset();
        const char first = scan_.peek();
        const bool named =
            first == '"' || first == '\'' ? scan_.read_string(m.key) : scan_.read_identifier(m.key);
        if (!named) return nullptr;
        m.key_end = scan_.offset();
        if (!scan_.skip_trivia()) return nullptr;
        if (!scan_.take(':')) {
            scan_.fail(scan_.offset(), "a colon is expected after the key, found " + scan_.found());
            return nullptr;
        }
        if (!scan_.skip_trivia()) return nullptr;
        return value(m.value) ? &m.value : nullptr;
    }

    json5_scanner scan_;
    std::size_t depth_ = 0;
    std::size_t max_depth_;
};

} // namespace

std::variant<json5_value, json5_failure> parse_json5(std::string_view text, std::size_t max_depth) {
    if (text.size() > max_text_bytes) {
        return json5_failure{0, "longer than " + std::to_string(max_text_bytes >> 20) + " MB"};
    }
    const auto bad = first_bad_utf8(text);
    if (bad != std::string_view::npos) return json5_failure{bad, "this byte is no UTF-8"};
    parser p(text, max_depth);
    json5_value value;
    if (!p.document(value)) return p.failure();
    return value;
}

} // namespace openclaw::config
