#pragma once

#include "config/field_table.hpp"
#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include "openclaw/config/editor.hpp"

#include <string>
#include <string_view>

namespace openclaw::config {

// Whether a key of a block that the table does not know in detail holds a secret, by its name.
bool is_secret_name(std::string_view key);

// Whether texts at `node` are secrets; `key` is their name, for blocks without a node.
bool is_secret_field(const field_node* node, std::string_view key);

// Replaces each { file: "/path" } that stands for a secret by what is in that file, without the
// line ends after it. One that cannot be read is reported and marked unresolved.
void read_secret_files(json5_value& root, const environment& env, findings& issues);

// Takes known keys or elements only: no text, and no other key.
bool is_closed(const field_node& node);

// Where a walk through a tree stands: the node of the table, null where the table has none, and the
// name that decides there.
struct place {
    const field_node* node = nullptr;
    std::string_view key;
    bool in_list = false;
};
// Element `i` of `list`, which stands at `at`: in arguments a secret may follow its name.
place place_of_item(const place& at, const json5_value& list, std::size_t i);
place place_of_member(const place& object, const json5_member& member);

// Whether the value itself, a text or a number, is shown as the mask: by its place, or because it is
// an address or an argument with a secret in it, or looks like a key.
bool is_hidden(const json5_value& value, const place& at);

// The tree as JSON with secrets masked, below `node` of the table.
json masked_json(const json5_value& value, const field_node* node, std::string_view key);

} // namespace openclaw::config
