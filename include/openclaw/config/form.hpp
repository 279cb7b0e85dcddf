#pragma once

#include "openclaw/config/loader.hpp"

#include <string>
#include <string_view>
#include <vector>

// What a form needs to know of the settings, from the field table.
namespace openclaw::config {

// By path, with * and [] for names and elements: {label, help, group, order, sensitive?}.
json ui_hints();

struct setting_child {
    std::string key, path;
    std::string type;           // object | array | string | number | integer | boolean
    bool required = false;
    bool has_children = false;
};

struct setting_info {
    json schema;                // of the setting alone; what is below it is in `children`
    std::string pattern;        // its key in ui_hints()
    json hint;                  // null for an object that only groups others
    bool in_effect = true;      // this version acts on it, or on what is below it
    std::vector<setting_child> children;
};
// What is known of a setting; an empty path is the whole. not_found: there is no such setting.
result<setting_info> find_setting(std::string_view path);

}  // namespace openclaw::config
