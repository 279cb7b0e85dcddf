#include "config/reader.hpp"

#include "config/secrets.hpp"
#include "config/suggest.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <set>

namespace openclaw::config {

namespace {

std::vector<std::string_view> key_names(const field_node& node) {
    std::vector<std::string_view> names;
    for (const auto& c : node.children) {
        if (c->name != "*" && c->name != "[]") names.push_back(c->name);
    }
    return names;
}

// Where a key of this name exists, when it is one that stands in one place only.
std::string place_of(std::string_view key) {
    std::string found;
    std::size_t count = 0;
    for_each_row([&](const std::string& path, const field_node& node) {
        if (node.name != key || path.find_first_of("*[") != std::string::npos) return;
        found = path;
        ++count;
    });
    return count == 1 ? found : "";
}

} // namespace

void reader::read_root(const json5_value& value, settings& out) {
    read_object(field_table(), value, &out, "");
}

void reader::read(const field_node& node, const json5_value& value, owner o,
                  const std::string& path) {
    if (value.unresolved) return;
    const bool object = value.kind == json5_kind::object;
    if (object && node.has_keys()) {
        bind_json(node, value, o);
        read_object(node, value, o, path);
        return;
    }
    if (value.kind == json5_kind::array && node.named("[]") != nullptr) {
        bind_json(node, value, o);
        read_list(node, value, o, path);
        return;
    }
    const auto* row = node.row;
    if (row == nullptr) {
        mismatch(node, value, path);
        return;
    }
    const slot target = row->at == nullptr ? slot() : row->at(o);
    if (!value_reader(*row, target, path, issues_).read(value)) mismatch(node, value, path);
}

void reader::bind_json(const field_node& node, const json5_value& value, owner o) {
    if (node.row == nullptr || node.row->at == nullptr) return;
    const slot target = node.row->at(o);
    if (auto* const* member = std::get_if<json*>(&target)) **member = to_json(value);
}

void reader::read_object(const field_node& node, const json5_value& value, owner o,
                         const std::string& path) {
    report_repeated(value, path);
    // In the order of the table: agents.defaults comes before the agents that start from it.
    for (const auto& child : node.children) {
        if (child->name == "*" || child->name == "[]") continue;
        const auto* member = value.find(child->name);
        const bool required = child->row != nullptr && child->row->required;
        if (member == nullptr) {
            if (required) {
                issues_.error(path, value.begin,
                              "needs " + std::string(child->name) + ", " + describe(*child));
            }
            continue;
        }
        read(*child, *member, step_into(*child, o, ""), join_path(path, child->name));
    }
    read_free_keys(node, value, o, path);
}

void reader::read_free_keys(const field_node& node, const json5_value& value, owner o,
                            const std::string& path) {
    const auto* any = node.named("*");
    std::set<std::string_view> seen;
    for (const auto& m : value.members) {
        if (m.key != "*" && m.key != "[]" && node.named(m.key) != nullptr) continue;
        if (!seen.insert(m.key).second) continue;
        if (any != nullptr) {
            check_free_key(node, m, path);
            read(*any, *value.find(m.key), step_into(*any, o, m.key), join_path(path, m.key));
        } else if (!node.is_open()) {
            report_unknown(node, m, path);
        }
    }
}

void reader::check_free_key(const field_node& node, const json5_member& m,
                            const std::string& path) {
    if (node.row == nullptr) return;
    const auto& row = *node.row;
    if (!row.choices.empty()) {
        if (std::find(row.choices.begin(), row.choices.end(), m.key) != row.choices.end()) return;
        const auto near = nearest(m.key, row.choices);
        issues_.error(join_path(path, m.key), m.key_begin,
                      "unknown name; known are " + any_of(row.choices),
                      near.empty() ? "" : "Did you mean " + join_path(path, near) + "?");
    } else if (row.rule != nullptr) {
        if (const char* wrong = row.rule(m.key)) {
            issues_.error(join_path(path, m.key), m.key_begin,
                          std::string("the name does not pass: ") + wrong);
        }
    }
}

void reader::read_list(const field_node& node, const json5_value& value, owner o,
                       const std::string& path) {
    const auto& element = *node.named("[]");
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        read(element, value.items[i], step_into(element, o, ""), join_path(path, i));
    }
}

void reader::report_unknown(const field_node& node, const json5_member& m,
                            const std::string& path) {
    const auto names = key_names(node);
    const auto near = nearest(m.key, names);
    std::string hint;
    if (!near.empty())
        hint = "Did you mean " + join_path(path, near) + "?";
    else if (const auto elsewhere = place_of(m.key); !elsewhere.empty()) {
        hint = "Did you mean " + elsewhere + "?";
    } else {
        hint = "Allowed here: " + any_of(names) + ".";
    }
    issues_.error(join_path(path, m.key), m.key_begin, "unknown key", std::move(hint));
}

void reader::report_repeated(const json5_value& value, const std::string& path) {
    for (const auto& m : value.members) {
        if (value.find(m.key) == &m.value) continue;
        issues_.warn(join_path(path, m.key), m.key_begin,
                     "set more than once; the last one counts");
    }
}

void reader::mismatch(const field_node& node, const json5_value& value, const std::string& path) {
    // A text where only an object can stand may be a secret that slipped a level.
    const bool hidden = is_secret_field(&node, node.name) ||
                        (value.kind == json5_kind::text && is_closed(node));
    issues_.error(path, value.begin,
                  "found " + describe_found(value, hidden) + "; " + describe(node) +
                      " is expected");
}

} // namespace openclaw::config
