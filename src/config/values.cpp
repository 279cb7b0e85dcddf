#include "config/field_table.hpp"
#include "config/json5_parser.hpp"
#include "config/placeholders.hpp"
#include "config/secrets.hpp"
#include "config/suggest.hpp"

#include "openclaw/config/editor.hpp"

// get_value and parse_value: single settings as the command line and the API see them.
namespace openclaw::config {

namespace {

error no_setting(std::string_view path) {
    std::vector<std::string> paths;
    for_each_row([&](const std::string& p, const field_node&) { paths.push_back(p); });
    const std::vector<std::string_view> words(paths.begin(), paths.end());
    const auto near = nearest(path, words);
    return error(errc::not_found, "there is no setting called " + std::string(path),
                 near.empty() ? "docs/configuration.md lists them all."
                              : "Did you mean " + std::string(near) + "?");
}

// The defaults below `node`; what has none, or any number of elements, is left out.
json defaults_below(const field_node& node, const std::string& pattern) {
    if (node.row != nullptr && node.row->at != nullptr && node.row->kind != field_kind::group) {
        return default_value(pattern);
    }
    json object = json::object();
    for (const auto& c : node.children) {
        if (c->name == "*" || c->name == "[]") continue;
        auto value = defaults_below(*c, join_path(pattern, c->name));
        // An empty secret is none, and none that could be written back.
        if (value == "" && is_secret_field(c.get(), c->name)) continue;
        if (!value.is_null() && !(value.is_object() && value.empty()))
            object[std::string(c->name)] = std::move(value);
    }
    if (object.empty() && node.row != nullptr && node.row->kind == field_kind::list)
        return json::array();
    return object.empty() && node.row != nullptr && !node.has_keys() ? json() : object;
}

// What the file sets wins over the defaults, member by member.
void merge(json& into, const json& from) {
    if (!into.is_object() || !from.is_object()) {
        into = from;
        return;
    }
    for (const auto& [key, value] : from.items()) {
        if (into.contains(key))
            merge(into[key], value);
        else
            into[key] = value;
    }
}

std::string pattern_of(const std::vector<path_step>& steps) {
    std::string pattern;
    const field_node* node = &field_table();
    for (const auto& step : steps) {
        const auto* key = std::get_if<std::string>(&step);
        node = key != nullptr ? node->child(*key) : node->named("[]");
        if (node == nullptr) return "";
        pattern += node->name == "[]" || pattern.empty() ? std::string(node->name)
                                                         : "." + std::string(node->name);
    }
    return pattern;
}

const json* value_at(const json& root, const std::vector<path_step>& steps) {
    const json* value = &root;
    for (const auto& step : steps) {
        if (const auto* key = std::get_if<std::string>(&step)) {
            value = find(*value, *key);
        } else {
            const auto index = std::get<std::size_t>(step);
            value = value->is_array() && index < value->size() ? &(*value)[index] : nullptr;
        }
        if (value == nullptr) return nullptr;
    }
    return value;
}

bool wants_json5(field_kind kind) {
    switch (kind) {
    case field_kind::text:
    case field_kind::choice:
    case field_kind::secret:
        return false;
    default:
        return true;
    }
}

} // namespace

result<json> get_value(const load_outcome& loaded, std::string_view path, bool reveal) {
    const auto steps = parse_path(path);
    if (!steps) return steps.error();
    const auto* node = find_field(*steps);
    // Masked from the root down: what a value is nested in decides whether it is a secret.
    const json all = loaded.tree == nullptr ? json::object()
                     : reveal               ? to_json(*loaded.tree)
                                            : masked_json(*loaded.tree, &field_table(), "");
    const auto* set = value_at(all, *steps);
    if (node == nullptr && set == nullptr) return no_setting(path);
    if (node == nullptr || (set != nullptr && !set->is_object())) return *set;
    json merged = defaults_below(*node, pattern_of(*steps));
    if (set != nullptr) merge(merged, *set);
    return merged;
}

json written_value(std::string_view text, std::string_view path) {
    const auto steps = parse_path(path);
    if (!steps) return {};
    const auto all = to_json(tree_of(text));
    const auto* value = value_at(all, *steps);
    return value == nullptr ? json() : *value;
}

result<json> parse_value(std::string_view path, std::string_view text) {
    const auto steps = parse_path(path);
    if (!steps) return steps.error();
    const auto* node = find_field(*steps);
    // Below an open block anything may stand.
    bool open = false;
    for (auto above = *steps; node == nullptr && !above.empty() && !open; above.pop_back()) {
        const auto* row = find_row(above);
        open = row != nullptr &&
               (row->kind == field_kind::open_object || row->kind == field_kind::open_list ||
                row->kind == field_kind::text_map || row->kind == field_kind::text_list ||
                row->kind == field_kind::secret_list);
    }
    if (node == nullptr && !open) return no_setting(path);
    const auto parsed = parse_json5(text);
    const auto* literal = std::get_if<json5_value>(&parsed);
    const auto* row = node == nullptr ? nullptr : node->row;
    if (row != nullptr && !wants_json5(row->kind)) {
        // A text may be given as it is; quotes and objects are what they look like.
        const bool structured = literal != nullptr && (literal->kind == json5_kind::text ||
                                                       literal->kind == json5_kind::object);
        return structured ? to_json(*literal) : json(text);
    }
    if (literal != nullptr) return to_json(*literal);
    const bool block =
        text.find_first_of("{[") == text.find_first_not_of(" \t\n") && !text.starts_with("${");
    if (block && !text.empty()) {
        const auto& failure = std::get<json5_failure>(parsed);
        return error(errc::invalid_input,
                     "the value for " + std::string(path) + " is no JSON5: " + failure.message);
    }
    return json(text);
}

} // namespace openclaw::config
