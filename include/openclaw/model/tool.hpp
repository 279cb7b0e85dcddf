#pragma once

#include "openclaw/core/json.hpp"

#include <string>

namespace openclaw {

// A JSON schema, with the text that goes to models with every call.
class json_schema {
public:
    json_schema(json value) : value_(std::move(value)), text_(dump(value_)) {}
    // The same as its author wrote it: models answer in the order of its members.
    json_schema(json value, std::string text) : value_(std::move(value)), text_(std::move(text)) {}
    const json& value() const { return value_; }
    const std::string& text() const { return text_; }

private:
    json value_;
    std::string text_;
};

// What a model is told about a tool.
struct tool_definition {
    std::string name;         // ^[a-zA-Z0-9_-]{1,128}$
    std::string description;
    json_schema parameters;   // of an object
};

}  // namespace openclaw
