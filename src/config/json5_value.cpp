#include "config/json5_value.hpp"

#include <algorithm>

namespace openclaw::config {

const json5_value* json5_value::find(std::string_view key) const {
    const auto it = std::find_if(members.rbegin(), members.rend(),
                                 [&](const json5_member& m) { return m.key == key; });
    return it == members.rend() ? nullptr : &it->value;
}

json5_value* json5_value::find(std::string_view key) {
    return const_cast<json5_value*>(std::as_const(*this).find(key));
}

json to_json(const json5_value& value) {
    switch (value.kind) {
    case json5_kind::null:
        return nullptr;
    case json5_kind::boolean:
        return value.boolean;
    case json5_kind::number:
        return std::visit([](auto n) { return json(n); }, value.number);
    case json5_kind::text:
        return value.text;
    case json5_kind::array: {
        json list = json::array();
        for (const auto& item : value.items)
            list.push_back(to_json(item));
        return list;
    }
    case json5_kind::object: {
        json object = json::object();
        for (const auto& m : value.members)
            object[m.key] = to_json(m.value);
        return object;
    }
    }
    return nullptr;
}

text_position position_of(std::string_view text, std::size_t offset) {
    text_position at;
    offset = std::min(offset, text.size());
    for (std::size_t i = 0; i < offset; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool crlf = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (c == '\n' || (c == '\r' && !crlf)) {
            ++at.line;
            at.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            ++at.column;
        }
    }
    return at;
}

} // namespace openclaw::config
