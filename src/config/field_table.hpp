#pragma once

#include "config/field.hpp"
#include "config/json5_value.hpp"
#include "config/path.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace openclaw::config {

// A key in the tree of all keys. `row` is null for an object that is only a step on the way.
struct field_node {
    std::string_view name; // "" root, "*" any key, "[]" an element
    const field* row = nullptr;
    std::vector<std::unique_ptr<field_node>> children; // in the order of the table

    const field_node* child(std::string_view key) const; // that key, else "*", else null
    const field_node* named(std::string_view key) const; // exactly that key
    bool has_keys() const;                               // takes an object
    bool is_open() const;                                // keys that are not known are fine
};

// The table as a tree, built at the first call; it stays. Any thread.
const field_node& field_table();

// The node at a path, null when the table has no such key.
const field_node* find_field(const std::vector<path_step>& steps);
// The row at a path; null also for objects that are only steps, and inside of open blocks.
const field* find_row(const std::vector<path_step>& steps);

// The step `key` from `o`: the owner of what is below.
owner step_into(const field_node& node, owner o, const std::string& key);

// Calls `visit` with each node that has a row and its path pattern, in the order of the table.
void for_each_row(
    const std::function<void(const std::string& path, const field_node& node)>& visit);

// The row's value in a fresh settings struct; null when the row has no member.
json default_value(const std::string& pattern);

// What the value at a row is called in messages and in the manual: "a duration", "text".
std::string describe(const field_node& node);

// "[a, b, c]" as prose: "a, b or c".
std::string any_of(std::span<const std::string_view> words);

} // namespace openclaw::config
