// Reading JSON. simdjson reads it, several times faster than nlohmann/json does; the rest of the
// program sees nlohmann's values only. What simdjson refuses nlohmann reads once more: it knows the
// byte that is wrong, and it takes the few numbers that simdjson has no type for.

#include "openclaw/core/json.hpp"

#include <simdjson.h>

namespace openclaw {

namespace {

constexpr std::size_t small_document = 32 << 10;  // bytes; a thread keeps the buffers for these

// The deepest nesting of `text`, looking at brackets outside of strings, so that a bomb of brackets
// is refused before anything is built.
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

// A copy of `from` with at most `levels` of nesting; null and `fits` false when there are more.
json copy_of(simdjson::dom::element from, std::size_t levels, bool& fits) {
    using simdjson::dom::element_type;
    switch (from.type()) {
    case element_type::STRING: return std::string(from.get_string().value_unsafe());
    case element_type::BOOL: return from.get_bool().value_unsafe();
    case element_type::DOUBLE: return from.get_double().value_unsafe();
    case element_type::UINT64: return from.get_uint64().value_unsafe();
    case element_type::INT64: {
        const auto number = from.get_int64().value_unsafe();
        return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case element_type::OBJECT: {
        json out = json::object();
        if (levels == 0) return fits = false, out;
        auto& members = out.get_ref<json::object_t&>();
        const simdjson::dom::object source = from.get_object().value_unsafe();
        for (const auto member : source) {
            members[std::string(member.key)] = copy_of(member.value, levels - 1, fits);
        }
        return out;
    }
    case element_type::ARRAY: {
        json out = json::array();
        if (levels == 0) return fits = false, out;
        const simdjson::dom::array source = from.get_array().value_unsafe();
        auto& values = out.get_ref<json::array_t&>();
        values.reserve(source.size());
        for (const auto value : source) values.push_back(copy_of(value, levels - 1, fits));
        return out;
    }
    case element_type::NULL_VALUE: break;
    }
    return nullptr;
}

std::optional<json> read_fast(simdjson::dom::parser& parser, std::string_view text,
                              std::size_t max_depth) {
    simdjson::dom::element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    bool fits = true;
    json value = copy_of(root, max_depth, fits);
    if (!fits) return std::nullopt;
    return value;
}

std::optional<json> read_fast(std::string_view text, std::size_t max_depth) {
    if (text.empty()) return std::nullopt;  // may come without a place, which simdjson copies from
    if (text.size() > small_document) {
        simdjson::dom::parser parser;
        return read_fast(parser, text, max_depth);
    }
    static thread_local simdjson::dom::parser parser;
    return read_fast(parser, text, max_depth);
}

}  // namespace

result<json> parse_json(std::string_view text, std::size_t max_depth) {
    if (auto value = read_fast(text, max_depth)) return std::move(*value);
    // nlohmann takes a zero byte for the end of the text and would not look behind it.
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

}  // namespace openclaw
