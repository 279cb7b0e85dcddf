#include "openclaw/core/json.hpp"

#include "openclaw/core/encoding.hpp"

#include <cstring>
#include <limits>

namespace openclaw {

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

namespace {

// Whether eight bytes are ASCII that stands in a JSON string as it is. May say no where it is: a
// borrow out of one byte looks like a hit in the next.
bool are_plain(const char* bytes) {
    constexpr std::uint64_t each = 0x0101010101010101;
    std::uint64_t block = 0;
    std::memcpy(&block, bytes, sizeof block);
    const auto control = block - each * 0x20;
    const auto quote = (block ^ (each * '"')) - each;
    const auto backslash = (block ^ (each * '\\')) - each;
    return ((block | control | quote | backslash) & (each * 0x80)) == 0;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    if (!is_utf8(text)) {
        out += dump(json(std::string(text)));
        return;
    }
    out += '"';
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (text.size() - i > 8 && are_plain(text.data() + i)) i += 8;
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
