#include "openclaw/config/editor.hpp"

#include "config/json5_parser.hpp"
#include "config/layout.hpp"
#include "config/path.hpp"

#include <algorithm>

// set_in_text and unset_in_text.
namespace openclaw::config {

namespace {

error no_json5(std::string_view text, const json5_failure& failure) {
    const auto at = position_of(text, failure.offset);
    return error(errc::invalid_input,
                 "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) +
                     ": " + failure.message,
                 "Correct the file first.");
}

std::string path_text(const std::vector<path_step>& steps, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text = std::visit([&](const auto& s) { return join_path(text, s); }, steps[i]);
    }
    return text;
}

// The value one step further; null when it is not there.
const json5_value* next(const json5_value& value, const path_step& step) {
    if (const auto* key = std::get_if<std::string>(&step)) return value.find(*key);
    const auto index = std::get<std::size_t>(step);
    return index < value.items.size() ? &value.items[index] : nullptr;
}

// Whether `step` can go into `value` at all.
bool accepts(const json5_value& value, const path_step& step) {
    const bool key = std::holds_alternative<std::string>(step);
    return value.kind == (key ? json5_kind::object : json5_kind::array);
}

error wrong_way(const std::vector<path_step>& steps, std::size_t depth) {
    const auto where = depth == 0 ? std::string("the file") : path_text(steps, depth);
    const bool key = std::holds_alternative<std::string>(steps[depth]);
    return error(errc::invalid_input, where + " is " + (key ? "no object" : "no list") + ", so " +
                                          path_text(steps, depth + 1) + " cannot be set");
}

// `value` within the objects and lists that the steps from `first` on still need.
result<json> wrap(const json& value, const std::vector<path_step>& steps, std::size_t first) {
    json wrapped = value;
    for (std::size_t i = steps.size(); i-- > first;) {
        if (const auto* key = std::get_if<std::string>(&steps[i])) {
            wrapped = json{{*key, std::move(wrapped)}};
        } else if (std::get<std::size_t>(steps[i]) == 0) {
            wrapped = json::array({std::move(wrapped)});
        } else {
            return error(errc::invalid_input,
                         path_text(steps, i) + " has no elements before that one",
                         "Set element [0] first.");
        }
    }
    return wrapped;
}

result<std::string> set_value(std::string_view text, const json5_value& root,
                              const std::vector<path_step>& steps, const json& value) {
    const json5_value* at = &root;
    std::size_t depth = 0;
    while (depth < steps.size()) {
        if (!accepts(*at, steps[depth])) return wrong_way(steps, depth);
        const auto* below = next(*at, steps[depth]);
        if (below == nullptr) break;
        at = below;
        ++depth;
    }
    if (depth == steps.size()) return replace_value(text, *at, value);
    const auto wrapped = wrap(value, steps, depth + 1);
    if (!wrapped) return wrapped.error();
    if (const auto* key = std::get_if<std::string>(&steps[depth])) {
        return insert_member(text, *at, *key, *wrapped);
    }
    if (std::get<std::size_t>(steps[depth]) != at->items.size()) {
        return error(errc::invalid_input,
                     path_text(steps, depth) + " has " + std::to_string(at->items.size()) +
                         " elements",
                     "The next one is [" + std::to_string(at->items.size()) + "].");
    }
    return insert_item(text, *at, *wrapped);
}

result<std::vector<path_step>> steps_of(std::string_view path) {
    auto steps = parse_path(path);
    if (steps && steps->empty())
        return error(errc::invalid_input, "no path of a setting was given");
    return steps;
}

} // namespace

result<std::string> set_in_text(std::string_view text, std::string_view path, const json& value) {
    const auto steps = steps_of(path);
    if (!steps) return steps.error();
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const std::string_view base = blank ? std::string_view("{\n}\n") : text;
    const auto parsed = parse_json5(base);
    if (const auto* failure = std::get_if<json5_failure>(&parsed)) return no_json5(base, *failure);
    return set_value(base, std::get<json5_value>(parsed), *steps, value);
}

result<std::string> unset_in_text(std::string_view text, std::string_view path) {
    const auto steps = steps_of(path);
    if (!steps) return steps.error();
    std::string result_text(text);
    // A key that is there twice goes twice: otherwise the earlier one would come back.
    for (bool removed = false;; removed = true) {
        const auto parsed = parse_json5(result_text);
        if (const auto* failure = std::get_if<json5_failure>(&parsed))
            return no_json5(result_text, *failure);
        const json5_value* parent = &std::get<json5_value>(parsed);
        for (std::size_t i = 0; parent != nullptr && i + 1 < steps->size(); ++i) {
            parent = next(*parent, (*steps)[i]);
        }
        const auto* value = parent == nullptr ? nullptr : next(*parent, steps->back());
        if (value == nullptr && removed) return result_text;
        if (value == nullptr) {
            return error(errc::not_found, std::string(path) + " is not set in the file");
        }
        result_text = remove_element(result_text, *parent, *value);
        if (std::holds_alternative<std::size_t>(steps->back())) return result_text;
    }
}

} // namespace openclaw::config
