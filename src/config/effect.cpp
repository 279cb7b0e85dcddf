#include "config/aliases.hpp"
#include "config/field_table.hpp"
#include "config/json5_parser.hpp"

#include "openclaw/config/loader.hpp"

#include <algorithm>

// What a file sets without effect, and what differs between two files.
namespace openclaw::config {

namespace {

bool same(const json5_value* a, const json5_value* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->kind == b->kind && to_json(*a) == to_json(*b);
}

const field_node* element_of(const field_node* node) {
    return node == nullptr ? nullptr : node->named("[]");
}

class effect_finder {
public:
    std::vector<std::string> found;

    void walk(const json5_value& value, const field_node& node, const std::string& path) {
        const auto* row = node.row;
        const bool open = row != nullptr && row->kind == field_kind::open_object;
        if (value.kind == json5_kind::object && node.has_keys() && !open) {
            for (const auto& m : value.members) {
                if (const auto* child = node.child(m.key))
                    walk(m.value, *child, join_path(path, m.key));
            }
        } else if (value.kind == json5_kind::array && node.named("[]") != nullptr) {
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                walk(value.items[i], *node.named("[]"), join_path(path, i));
            }
        } else if (row != nullptr) {
            judge(value, *row, path);
        }
    }

private:
    void judge(const json5_value& value, const field& row, const std::string& path) {
        if (!row.in_effect) {
            found.push_back(path + ": read and checked, but this version does not act on it yet");
            return;
        }
        const auto pending = std::find(row.pending.begin(), row.pending.end(), value.text);
        if (value.kind == json5_kind::text && pending != row.pending.end()) {
            found.push_back(path + ": " + value.text + " is not acted on in this version yet");
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            if (value.items[i].kind == json5_kind::text) judge(value.items[i], row, join_path(path, i));
        }
    }
};

class difference {
public:
    std::vector<changed_setting> found;

    void walk(const json5_value* a, const json5_value* b, const field_node* node,
              const std::string& path, reload_class above) {
        if (same(a, b)) return;
        const auto reload = node != nullptr && node->row != nullptr ? node->row->reload : above;
        const auto both = [&](json5_kind kind) {
            return (a == nullptr || a->kind == kind) && (b == nullptr || b->kind == kind);
        };
        if (both(json5_kind::object) && node != nullptr && node->has_keys()) {
            each_key(a, b, [&](const std::string& key) {
                walk(a == nullptr ? nullptr : a->find(key), b == nullptr ? nullptr : b->find(key),
                     node->child(key), join_path(path, key), reload);
            });
        } else if (both(json5_kind::array) && element_of(node) != nullptr) {
            const auto size = [](const json5_value* v) {
                return v == nullptr ? 0 : v->items.size();
            };
            const auto item = [&](const json5_value* v, std::size_t i) {
                return i < size(v) ? &v->items[i] : nullptr;
            };
            for (std::size_t i = 0; i < std::max(size(a), size(b)); ++i) {
                walk(item(a, i), item(b, i), element_of(node), join_path(path, i), reload);
            }
        } else {
            found.push_back({path, reload});
        }
    }

private:
    template <class Visit>
    static void each_key(const json5_value* a, const json5_value* b, Visit visit) {
        std::vector<std::string> keys;
        for (const auto* v : {a, b}) {
            if (v == nullptr) continue;
            for (const auto& m : v->members) {
                if (std::find(keys.begin(), keys.end(), m.key) == keys.end()) keys.push_back(m.key);
            }
        }
        for (const auto& key : keys)
            visit(key);
    }
};

} // namespace

std::vector<changed_setting> diff(const load_outcome& before, const load_outcome& after) {
    difference d;
    d.walk(before.tree.get(), after.tree.get(), &field_table(), "", reload_class::live);
    return std::move(d.found);
}

std::vector<std::string> not_in_effect(const settings&, std::string_view text) {
    auto parsed = parse_json5(text);
    auto* root = std::get_if<json5_value>(&parsed);
    if (root == nullptr) return {};
    findings ignored;
    apply_aliases(*root, ignored);
    effect_finder finder;
    finder.walk(*root, field_table(), "");
    return std::move(finder.found);
}

} // namespace openclaw::config
