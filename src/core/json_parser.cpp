// Reading JSON. simdjson reads it, several times faster than nlohmann/json does. What it refuses
// nlohmann reads once more: that one knows the byte that is wrong, and takes the few numbers that
// simdjson has no type for.

#include "openclaw/core/json_view.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>

namespace openclaw {

namespace dom = simdjson::dom;

struct json_document::tape {
    dom::parser parser;
};

namespace {

constexpr std::size_t small_document = 32 << 10;  // bytes; a thread keeps one tape for these

bool opens(char c) { return c == '{' || c == '['; }

// Whether nothing in `text` is nested deeper than `limit`, looking at brackets outside of strings:
// a bomb of brackets is refused before anything is built.
bool is_shallow(std::string_view text, std::size_t limit) {
    if (static_cast<std::size_t>(std::ranges::count_if(text, opens)) <= limit) return true;
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            else if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (opens(c)) {
            if (++depth > limit) return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return true;
}

// A view is an element of simdjson's without its type: the header of that library stays in here.
struct place {
    const void* document;
    std::size_t index;
};
static_assert(sizeof(place) == sizeof(dom::element));

dom::element at(const void* document, std::size_t index) {
    return std::bit_cast<dom::element>(place{document, index});
}

template <class T>
std::optional<T> get(simdjson::simdjson_result<T> value) {
    if (value.error() != simdjson::SUCCESS) return std::nullopt;
    return value.value_unsafe();
}

json copy_of(dom::element from) {
    switch (from.type()) {
    case dom::element_type::STRING: return std::string(from.get_string().value_unsafe());
    case dom::element_type::BOOL: return from.get_bool().value_unsafe();
    case dom::element_type::DOUBLE: return from.get_double().value_unsafe();
    case dom::element_type::UINT64: return from.get_uint64().value_unsafe();
    case dom::element_type::INT64: {
        const auto number = from.get_int64().value_unsafe();
        return number < 0 ? json(number) : json(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::OBJECT: {
        json out = json::object();
        auto& members = out.get_ref<json::object_t&>();
        const dom::object source = from.get_object().value_unsafe();
        for (const auto member : source) members[std::string(member.key)] = copy_of(member.value);
        return out;
    }
    case dom::element_type::ARRAY: {
        json out = json::array();
        auto& values = out.get_ref<json::array_t&>();
        const dom::array source = from.get_array().value_unsafe();
        values.reserve(source.size());
        for (const auto value : source) values.push_back(copy_of(value));
        return out;
    }
    case dom::element_type::NULL_VALUE: break;
    }
    return nullptr;
}

result<json> parse_slowly(std::string_view text) {
    // nlohmann takes a zero byte for the end of the text and would not look behind it.
    if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
        return error(errc::invalid_input, "not valid JSON at byte " + std::to_string(zero + 1));
    }
    try {
        return json::parse(text);
    } catch (const json::parse_error& e) {
        return error(errc::invalid_input, "not valid JSON at byte " + std::to_string(e.byte));
    } catch (const json::exception&) {
        return error(errc::invalid_input, "not valid JSON: a number is out of range");
    }
}

// Empty text may come without a place in memory, which simdjson would copy from.
bool read(dom::parser& parser, std::string_view text) {
    return !text.empty() && parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

template <class T>
T& spare() {
    static thread_local T one;
    return one;
}

}  // namespace

json_document::json_document(std::unique_ptr<tape> t) : tape_(std::move(t)) {}
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;

json_document::~json_document() {
    if (tape_ && tape_->parser.capacity() <= small_document) {
        spare<std::unique_ptr<tape>>() = std::move(tape_);
    }
}

result<json_document> json_document::parse(std::string_view text, std::size_t max_depth) {
    if (!is_shallow(text, max_depth)) {
        return error(errc::invalid_input,
                     "the JSON is nested deeper than " + std::to_string(max_depth) + " levels");
    }
    std::unique_ptr<tape> t;
    if (text.size() <= small_document) t = std::move(spare<std::unique_ptr<tape>>());
    if (!t) t = std::make_unique<tape>();
    json_document document(std::move(t));
    auto& parser = document.tape_->parser;
    if (read(parser, text)) return document;
    const auto value = parse_slowly(text);
    if (!value) return value.error();
    // Written anew, a number beyond 64 bits is a real one.
    if (read(parser, dump(*value))) return document;
    return error(errc::invalid_input, "not valid JSON");
}

json_view json_document::root() const {
    const auto [document, index] = std::bit_cast<place>(tape_->parser.doc.root());
    return {document, index};
}

result<json> parse_json(std::string_view text, std::size_t max_depth) {
    const auto document = json_document::parse(text, max_depth);
    if (!document) return document.error();
    return document->root().copy();
}

bool json_view::is_null() const { return !is_absent() && at(document_, place_).is_null(); }
bool json_view::is_object() const { return !is_absent() && at(document_, place_).is_object(); }
bool json_view::is_array() const { return !is_absent() && at(document_, place_).is_array(); }
bool json_view::is_string() const { return !is_absent() && at(document_, place_).is_string(); }

std::optional<bool> json_view::boolean() const {
    if (is_absent()) return std::nullopt;
    return get(at(document_, place_).get_bool());
}

std::optional<std::int64_t> json_view::integer() const {
    if (is_absent()) return std::nullopt;
    return get(at(document_, place_).get_int64());
}

std::optional<double> json_view::number() const {
    if (is_absent()) return std::nullopt;
    return get(at(document_, place_).get_double());
}

std::string_view json_view::text() const {
    if (is_absent()) return {};
    return get(at(document_, place_).get_string()).value_or(std::string_view());
}

json_view json_view::operator[](std::string_view key) const {
    json_view found;
    if (!is_object()) return found;
    const dom::object object = at(document_, place_).get_object().value_unsafe();
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (!member.key_equals(key)) continue;
        const auto [document, index] = std::bit_cast<place>(member.value());
        found = {document, index};
    }
    return found;
}

void json_view::pick(std::span<const std::string_view> keys, std::span<json_view> out) const {
    if (!is_object()) return;
    const dom::object object = at(document_, place_).get_object().value_unsafe();
    for (auto member = object.begin(); member != object.end(); ++member) {
        const auto wanted = std::find(keys.begin(), keys.end(), member.key());
        if (wanted == keys.end()) continue;
        const auto [document, index] = std::bit_cast<place>(member.value());
        out[static_cast<std::size_t>(wanted - keys.begin())] = {document, index};
    }
}

std::vector<json_view> json_view::elements() const {
    std::vector<json_view> all;
    if (!is_array()) return all;
    const dom::array array = at(document_, place_).get_array().value_unsafe();
    for (const auto value : array) {
        const auto [document, index] = std::bit_cast<place>(value);
        all.push_back({document, index});
    }
    return all;
}

std::vector<std::pair<std::string_view, json_view>> json_view::members() const {
    std::vector<std::pair<std::string_view, json_view>> all;
    if (!is_object()) return all;
    const dom::object object = at(document_, place_).get_object().value_unsafe();
    for (const auto member : object) {
        const auto [document, index] = std::bit_cast<place>(member.value);
        all.emplace_back(member.key, json_view(document, index));
    }
    return all;
}

json json_view::copy() const {
    return is_absent() ? json() : copy_of(at(document_, place_));
}

}  // namespace openclaw
