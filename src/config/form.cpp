#include "openclaw/config/form.hpp"

#include "config/schema.hpp"
#include "config/secrets.hpp"

#include <cctype>

// ui_hints and find_setting
namespace openclaw::config {

namespace {

// "maxHttpConnections" as "Max http connections"; a name of somebody's choice stays what it is.
std::string label_of(std::string_view name) {
    if (name == "*") return "Name";
    if (name == "[]") return "Element";
    std::string label;
    for (const char c : name) {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isupper(letter) && !label.empty()) label += ' ';
        label += static_cast<char>(label.empty() ? std::toupper(letter) : std::tolower(letter));
    }
    return label;
}

// "gateway.network" of "gateway.network.port": what a form shows together.
std::string group_of(const std::string& pattern) {
    const auto first = pattern.find_first_of(".[");
    if (pattern.substr(0, first) != "gateway") return pattern.substr(0, first);
    return pattern.substr(0, pattern.find('.', first + 1));
}

json hint_of(const std::string& pattern, const field_node& node) {
    json hint{{"label", label_of(node.name)},
              {"help", node.row->doc},
              {"group", group_of(pattern)}};
    if (is_secret_field(&node, node.name)) hint["sensitive"] = true;
    return hint;
}

std::string type_of(const field_node& node) {
    if (node.row == nullptr) return "object";
    switch (node.row->kind) {
    case field_kind::boolean:
        return "boolean";
    case field_kind::integer:
        return "integer";
    case field_kind::number:
        return "number";
    case field_kind::list:
    case field_kind::open_list:
    case field_kind::text_list:
    case field_kind::secret_list:
        return "array";
    case field_kind::group:
    case field_kind::map:
    case field_kind::open_object:
    case field_kind::text_map:
        return "object";
    default:
        return "string";
    }
}

bool acts(const field_node& node) {
    if (node.row != nullptr && node.row->in_effect) return true;
    for (const auto& c : node.children) {
        if (acts(*c)) return true;
    }
    return false;
}

// The sub-schemas are cut off, for a form asks for them one by one.
json shallow(json schema) {
    for (const char* below : {"properties", "items"}) schema.erase(below);
    if (const auto* rest = find(schema, "additionalProperties"); rest != nullptr && rest->is_object()) {
        schema["additionalProperties"] = true;
    }
    if (auto either = schema.find("anyOf"); either != schema.end()) {
        for (auto& one : *either) one = shallow(std::move(one));
    }
    return schema;
}

std::string below(const std::string& path, std::string_view name, bool element) {
    if (element) return path + "[]";
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string text_of(const std::vector<path_step>& steps) {
    std::string text;
    for (const auto& step : steps) {
        text = std::visit([&](const auto& s) { return join_path(text, s); }, step);
    }
    return text;
}

// A path as the table spells it: elements as [], free names as *. A client that walks down by what
// it was given may also ask for the pattern itself.
const field_node* follow(const std::vector<path_step>& steps, std::string& pattern) {
    const field_node* node = &field_table();
    for (const auto& step : steps) {
        const auto* key = std::get_if<std::string>(&step);
        const auto* next = key == nullptr ? node->named("[]")
                           : *key == "*"  ? node->named("*")
                                          : node->child(*key);
        if (next == nullptr) return nullptr;
        pattern = below(pattern, next->name, next->name == "[]");
        node = next;
    }
    return node;
}

// "a.b[].c" is a pattern of the table and no path: an index stands for any.
std::string with_indexes(std::string_view path) {
    std::string text(path);
    for (auto at = text.find("[]"); at != std::string::npos; at = text.find("[]", at + 2)) {
        text.replace(at, 2, "[0]");
    }
    return text;
}

std::vector<setting_child> children_of(const field_node& node, const std::string& path) {
    std::vector<setting_child> children;
    for (const auto& c : node.children) {
        setting_child child;
        child.key = c->name;
        child.path = below(path, c->name, c->name == "[]");
        child.type = type_of(*c);
        child.required = c->row != nullptr && c->row->required;
        child.has_children = !c->children.empty();
        children.push_back(std::move(child));
    }
    return children;
}

} // namespace

json ui_hints() {
    json hints = json::object();
    int order = 0;
    for_each_row([&](const std::string& pattern, const field_node& node) {
        auto hint = hint_of(pattern, node);
        hint["order"] = ++order;
        hints[pattern] = std::move(hint);
    });
    return hints;
}

result<setting_info> find_setting(std::string_view path) {
    const auto steps = parse_path(with_indexes(path));
    if (!steps) return steps.error();
    setting_info info;
    const auto* node = follow(*steps, info.pattern);
    if (node == nullptr) {
        return error(errc::not_found, "there is no setting called " + std::string(path));
    }
    info.schema = shallow(steps->empty() ? json{{"type", "object"}} : schema_of(*node, info.pattern));
    if (node->row != nullptr) info.hint = hint_of(info.pattern, *node);
    info.in_effect = acts(*node);
    const bool concrete = path.find("[]") == std::string_view::npos;
    info.children = children_of(*node, concrete ? text_of(*steps) : info.pattern);
    return info;
}

} // namespace openclaw::config
