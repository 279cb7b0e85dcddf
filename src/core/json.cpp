#include "openclaw/core/json.hpp"

#include "openclaw/core/encoding.hpp"

#include <limits>

namespace openclaw {

namespace {

// The deepest nesting of `text`, looking at brackets outside of strings. Cheaper than a parser
// callback, and it refuses a bomb of brackets before anything is built.
bool is_shallow(std::string_view text, std::size_t limit) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            else if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit) return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return true;
}

}  // namespace

result<json> parse_json(std::string_view text, std::size_t max_depth) {
    // The parser takes a zero byte for the end of the text and would not look behind it.
    if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
        return error(errc::invalid_input, "not valid JSON at byte " + std::to_string(zero + 1));
    }
    if (!is_shallow(text, max_depth)) {
        return error(errc::invalid_input,
                     "the JSON is nested deeper than " + std::to_string(max_depth) + " levels");
    }
    try {
        return json::parse(text);
    } catch (const json::parse_error& e) {
        return error(errc::invalid_input, "not valid JSON at byte " + std::to_string(e.byte));
    } catch (const json::exception&) {
        return error(errc::invalid_input, "not valid JSON: a number is out of range");
    }
}

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* find(const json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

std::optional<std::string> find_string(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return value->get<std::string>();
}

std::optional<std::int64_t> find_int(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_number_integer()) return std::nullopt;
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > most) return std::nullopt;
    return value->get<std::int64_t>();
}

std::optional<bool> find_bool(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    if (value == nullptr || !value->is_boolean()) return std::nullopt;
    return value->get<bool>();
}

std::string string_or(const json& object, std::string_view key, std::string_view fallback) {
    return find_string(object, key).value_or(std::string(fallback));
}

void append_quoted(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    if (!is_utf8(text)) {
        out += dump(json(std::string(text)));
        return;
    }
    out += '"';
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    out.append(text, plain);
    out += '"';
}

}  // namespace openclaw
