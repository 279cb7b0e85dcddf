#pragma once

#include "openclaw/core/json.hpp"

#include <string>

namespace openclaw {

// What a model is told about a tool. `parameters` is a JSON schema of an object.
struct tool_definition {
    std::string name;         // ^[a-zA-Z0-9_-]{1,128}$
    std::string description;
    json parameters;
};

}  // namespace openclaw
