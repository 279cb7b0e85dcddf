#include "config/findings.hpp"

#include "config/json5_value.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::config {

void findings::error(std::string path, std::size_t offset, std::string message, std::string hint) {
    add(severity::error, std::move(path), offset, std::move(message), std::move(hint));
}

void findings::warn(std::string path, std::size_t offset, std::string message, std::string hint) {
    add(severity::warning, std::move(path), offset, std::move(message), std::move(hint));
}

void findings::note(std::string path, std::size_t offset, std::string message, std::string hint) {
    add(severity::notice, std::move(path), offset, std::move(message), std::move(hint));
}

void findings::add(severity s, std::string path, std::size_t offset, std::string message,
                   std::string hint) {
    // Keys come from the file: what they hold must not reach a terminal raw.
    found_.emplace_back(offset,
                        issue{s, printable(path), 0, 0, std::move(message), std::move(hint)});
}

std::vector<issue> findings::list(std::string_view text) const {
    auto sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<issue> issues;
    for (auto& [offset, i] : sorted) {
        if (offset != nowhere) {
            const auto at = position_of(text, offset);
            i.line = at.line;
            i.column = at.column;
        }
        issues.push_back(std::move(i));
    }
    return issues;
}

std::string describe_found(const json5_value& value, bool is_secret) {
    switch (value.kind) {
    case json5_kind::null:
        return "null";
    case json5_kind::boolean:
        return value.boolean ? "true" : "false";
    case json5_kind::number: {
        const auto* real = std::get_if<double>(&value.number);
        if (real != nullptr && *real != *real) return "NaN";
        if (real != nullptr && *real - *real != 0) return *real > 0 ? "Infinity" : "-Infinity";
        return is_secret ? "a number" : dump(to_json(value));
    }
    case json5_kind::text:
        // What came from the environment may be a secret wherever it landed.
        return is_secret || value.from_variable ? "a text"
                                                : "\"" + printable(value.text, 60) + "\"";
    case json5_kind::array:
        return "a list";
    case json5_kind::object:
        return "an object";
    }
    return "nothing";
}

} // namespace openclaw::config
