#include "openclaw/config/reload.hpp"

#include "config/field_table.hpp"
#include "config/path.hpp"

namespace openclaw::config {

namespace {

// The innermost row on the way to a path; what is below an open block belongs to its owner.
const field_node* node_at(std::string_view path) {
    const auto steps = parse_path(path);
    if (!steps) return nullptr;
    const field_node* node = &field_table();
    const field_node* known = nullptr;
    for (const auto& step : *steps) {
        const auto* key = std::get_if<std::string>(&step);
        node = key != nullptr ? node->child(*key) : node->named("[]");
        if (node == nullptr) break;
        if (node->row != nullptr) known = node;
    }
    return known;
}

bool is_block(field_kind kind) {
    return kind == field_kind::group || kind == field_kind::list || kind == field_kind::map;
}

// Whether this version acts on a setting, or on one below it.
bool acts_on(const field_node& node) {
    if (node.row != nullptr && node.row->in_effect) return true;
    if (node.row != nullptr && !is_block(node.row->kind) && !node.has_keys()) return false;
    for (const auto& child : node.children) {
        if (acts_on(*child)) return true;
    }
    return false;
}

void copy_slot(const slot& to, const slot& from) {
    std::visit(
        [&](auto target) {
            if constexpr (!std::is_same_v<decltype(target), std::monostate>)
                *target = *std::get<decltype(target)>(from);
        },
        to);
}

bool same_slot(const slot& a, const slot& b) {
    return std::visit(
        [&](auto one) {
            using T = decltype(one);
            if constexpr (std::is_same_v<T, std::monostate>) return true;
            else if constexpr (std::is_same_v<T, secret*>) return same_secret(*one, *std::get<T>(b));
            else if constexpr (std::is_same_v<T, std::vector<secret>*>) return false;
            else return *one == *std::get<T>(b);
        },
        a);
}

// The settings of class restart; they are single ones, with no list or map above them.
void each_fixed(const std::function<void(const std::string& path, const field& row)>& visit) {
    for_each_row([&](const std::string& path, const field_node& node) {
        const bool single = path.find_first_of("*[") == std::string::npos;
        const bool fixed = node.row->reload == reload_class::restart && node.row->at != nullptr;
        if (single && fixed) visit(path, *node.row);
    });
}

}  // namespace

std::string_view name_of(reload_class r) {
    switch (r) {
    case reload_class::live: return "live";
    case reload_class::module: return "module";
    case reload_class::restart: break;
    }
    return "restart";
}

bool same_secret(const secret& a, const secret& b) {
    return a.matches(b.reveal());
}

reload_class reload_class_of(std::string_view path) {
    const auto* node = node_at(path);
    return node == nullptr ? reload_class::live : node->row->reload;
}

settings until_restart(settings next, const settings& running) {
    auto before = running;   // the table's accessors are for settings that may change
    each_fixed([&](const std::string&, const field& row) {
        copy_slot(row.at(owner(&next)), row.at(owner(&before)));
    });
    return next;
}

std::vector<std::string> waiting_for_restart(const settings& now, const settings& started_with) {
    auto a = now, b = started_with;
    std::vector<std::string> paths;
    each_fixed([&](const std::string& path, const field& row) {
        if (row.in_effect && !same_slot(row.at(owner(&a)), row.at(owner(&b)))) paths.push_back(path);
    });
    return paths;
}

reload_plan plan_of(const std::vector<changed_setting>& changes) {
    reload_plan plan;
    for (const auto& c : changes) {
        const auto* node = node_at(c.path);
        const bool idle = node != nullptr && !acts_on(*node);
        auto& list = idle                                ? plan.idle
                     : c.reload == reload_class::restart ? plan.restart
                                                         : plan.live;
        list.push_back(c.path);
    }
    return plan;
}

}  // namespace openclaw::config
