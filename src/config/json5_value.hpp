#pragma once

#include "openclaw/core/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace openclaw::config {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// Order matters: it is the order of json5_value's alternatives that it names.
enum class json5_kind : std::uint8_t { null, boolean, number, text, array, object };

// A number as it was written: whole ones keep their 64 bits.
using json5_number = std::variant<std::int64_t, double>;

struct json5_member;

// One value of a JSON5 text with the bytes that it takes there, [begin, end). Plain data, owned by
// whoever parsed it.
struct json5_value {
    json5_kind kind = json5_kind::null;
    bool boolean = false;
    json5_number number = std::int64_t{0};
    std::string text;
    std::vector<json5_value> items;
    std::vector<json5_member> members; // in the order of the file, repeated keys included

    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t comma = nowhere; // the comma after it, when there is one
    bool from_variable = false;  // the text came, in part, from the environment
    bool unresolved = false;     // an error about it was reported already: treat as absent

    // The member that counts (the last of that name), else null.
    const json5_value* find(std::string_view key) const;
    json5_value* find(std::string_view key);
};

struct json5_member {
    std::string key;
    std::size_t key_begin = 0;
    std::size_t key_end = 0;
    json5_value value;
};

// The same as JSON; infinities and NaN become null there.
json to_json(const json5_value& value);

struct text_position {
    int line = 1;
    int column = 1; // in characters, not bytes
};
text_position position_of(std::string_view text, std::size_t offset);

} // namespace openclaw::config
