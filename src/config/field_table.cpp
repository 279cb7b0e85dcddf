#include "config/field_table.hpp"

#include "openclaw/core/units.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

field_node& child_of(field_node& parent, std::string_view name) {
    // Rows of one block follow each other, so the last child is nearly always the one.
    for (auto it = parent.children.rbegin(); it != parent.children.rend(); ++it) {
        if ((*it)->name == name) return **it;
    }
    auto& added = parent.children.emplace_back(std::make_unique<field_node>());
    added->name = name;
    return *added;
}

// Goes down along "a.b[].*.c", making what is missing.
field_node& make_path(field_node& from, std::string_view path) {
    field_node* node = &from;
    while (!path.empty()) {
        if (path.starts_with("[]")) {
            node = &child_of(*node, path.substr(0, 2));
            path.remove_prefix(2);
        } else {
            const auto end = std::min(path.find_first_of(".["), path.size());
            node = &child_of(*node, path.substr(0, end));
            path.remove_prefix(end);
        }
        if (path.starts_with('.')) path.remove_prefix(1);
    }
    return *node;
}

field_node build() {
    field_node root;
    for (const auto part : {network_sections(), auth_sections(), operation_sections(),
                            security_sections(), agent_sections(), extension_sections()}) {
        for (const auto& s : part) {
            field_node& parent = make_path(root, s.prefix);
            for (const auto& row : s.rows)
                make_path(parent, row.path).row = &row;
        }
    }
    return root;
}

void visit_rows(const field_node& node, const std::string& path,
                const std::function<void(const std::string&, const field_node&)>& visit) {
    if (node.row != nullptr) visit(path, node);
    for (const auto& c : node.children) {
        const bool element = c->name == "[]" || path.empty();
        visit_rows(*c, path + (element ? "" : ".") + std::string(c->name), visit);
    }
}

json slot_to_json(const field& row, const slot& s) {
    return std::visit(
        [&](auto member) -> json {
            using T = decltype(member);
            if constexpr (std::is_same_v<T, std::monostate> ||
                          std::is_same_v<T, std::vector<secret>*>) {
                return nullptr;
            } else if constexpr (std::is_same_v<T, secret*>) {
                return "";
            } else if constexpr (std::is_same_v<T, milliseconds*>) {
                return format_duration(*member);
            } else if constexpr (std::is_enum_v<std::remove_pointer_t<T>>) {
                return row.choices[static_cast<std::size_t>(*member)];
            } else {
                return json(*member);
            }
        },
        s);
}

std::string number_text(double value) {
    return json(value).dump().ends_with(".0") ? std::to_string(static_cast<std::int64_t>(value))
                                              : json(value).dump();
}

std::string range_text(const field& row) {
    if (row.max != no_limit) return " from " + number_text(row.min) + " to " + number_text(row.max);
    return row.min > 0 ? " of at least " + number_text(row.min) : "";
}

std::string describe_row(const field& row) {
    switch (row.kind) {
    case field_kind::group:
    case field_kind::map:
    case field_kind::open_object:
        return "an object";
    case field_kind::list:
    case field_kind::open_list:
        return "a list";
    case field_kind::boolean:
        return "true or false";
    case field_kind::integer:
        return "a whole number" + range_text(row);
    case field_kind::number:
        return "a number" + range_text(row);
    case field_kind::text:
        return "a text";
    case field_kind::choice:
        return any_of(row.choices);
    case field_kind::duration:
        return "a duration like 500ms, 30s, 5m, 1h or 7d";
    case field_kind::size:
        return "a size like 100m, 2g or 512KB";
    case field_kind::text_list:
        return "a list of texts";
    case field_kind::text_map:
        return "an object of texts";
    case field_kind::secret:
        return "a text or { file: \"/path\" }";
    case field_kind::secret_list:
        return "a list of texts or { file: \"/path\" }";
    }
    return "a value";
}

} // namespace

const field_node* field_node::named(std::string_view key) const {
    const auto it = std::find_if(children.begin(), children.end(),
                                 [&](const auto& c) { return c->name == key; });
    return it == children.end() ? nullptr : it->get();
}

const field_node* field_node::child(std::string_view key) const {
    // A key that is spelled "*" or "[]" in a file is no pattern.
    const auto* exact = key == "*" || key == "[]" ? nullptr : named(key);
    return exact != nullptr ? exact : named("*");
}

bool field_node::has_keys() const {
    const auto is_key = [](const auto& c) { return c->name != "[]"; };
    return std::any_of(children.begin(), children.end(), is_key) || is_open();
}

bool field_node::is_open() const {
    return row != nullptr && row->kind == field_kind::open_object;
}

const field_node& field_table() {
    static const field_node table = build();
    return table;
}

const field_node* find_field(const std::vector<path_step>& steps) {
    const field_node* node = &field_table();
    for (const auto& step : steps) {
        const auto* key = std::get_if<std::string>(&step);
        node = key != nullptr ? node->child(*key) : node->named("[]");
        if (node == nullptr) return nullptr;
    }
    return node;
}

const field* find_row(const std::vector<path_step>& steps) {
    const auto* node = find_field(steps);
    return node == nullptr ? nullptr : node->row;
}

owner step_into(const field_node& node, owner o, const std::string& key) {
    const auto* row = node.row;
    return row != nullptr && row->element != nullptr ? row->element(o, key) : o;
}

void for_each_row(const std::function<void(const std::string&, const field_node&)>& visit) {
    visit_rows(field_table(), "", visit);
}

json default_value(const std::string& pattern) {
    settings fresh;
    owner o = &fresh;
    const field_node* node = &field_table();
    std::string_view rest = pattern;
    while (!rest.empty()) {
        const bool element = rest.starts_with("[]");
        const auto end = element ? 2 : std::min(rest.find_first_of(".["), rest.size());
        node = node->named(rest.substr(0, end));
        if (node == nullptr) return nullptr;
        o = step_into(*node, o, "");
        rest.remove_prefix(end);
        if (rest.starts_with('.')) rest.remove_prefix(1);
    }
    if (node->row == nullptr || node->row->at == nullptr) return nullptr;
    return slot_to_json(*node->row, node->row->at(o));
}

std::string describe(const field_node& node) {
    if (node.row == nullptr) return "an object";
    std::string text = describe_row(*node.row);
    const bool scalar_too = node.row->kind != field_kind::group &&
                            node.row->kind != field_kind::map &&
                            node.row->kind != field_kind::open_object && node.has_keys();
    if (!scalar_too) return text;
    std::string keys;
    for (const auto& c : node.children)
        keys += (keys.empty() ? "" : ", ") + std::string(c->name);
    return text + ", or an object { " + keys + " }";
}

std::string any_of(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

} // namespace openclaw::config
