#pragma once

#include "config/findings.hpp"
#include "config/json5_value.hpp"

#include "openclaw/config/loader.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace openclaw::config {

// What is wrong with a text that names variables.
struct variable_failure {
    std::string message;
    std::string hint;
};

struct expansion {
    std::string text;
    bool used_variable = false;
};

// ${VAR} and ${VAR:-default} (the default also when VAR is empty) replaced; $${ is a plain ${.
std::variant<expansion, variable_failure> expand(std::string_view text, const environment& env);

// Expands each text of the tree; one that cannot be is reported and marked unresolved.
void expand_tree(json5_value& value, const std::string& path, const environment& env,
                 findings& issues);

} // namespace openclaw::config
