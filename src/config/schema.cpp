#include "config/schema.hpp"

#include "openclaw/config/editor.hpp"

#include <cmath>

// config/openclaw.schema.json: JSON Schema (draft 2020-12) for editors and other programs.
namespace openclaw::config {

namespace {

// A variable may stand wherever a number, a duration or a word may.
constexpr const char* variable_pattern = R"(^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}$)";
constexpr const char* duration_pattern = R"(^[0-9]+ *(ms|s|m|h|d|w)?$|^\$\{)";
constexpr const char* size_pattern = R"(^[0-9]+ *[kKmMgGtT]?[iI]?[bB]?$|^\$\{)";

json variable() {
    return {{"type", "string"}, {"pattern", variable_pattern}};
}

json or_variable(json schema) {
    return {{"anyOf", json::array({std::move(schema), variable()})}};
}

json number_schema(const field& row, const char* type) {
    json schema{{"type", type}};
    const auto number = [](double n) {
        return n == std::floor(n) ? json(static_cast<std::int64_t>(n)) : json(n);
    };
    schema["minimum"] = number(row.min);
    if (row.max != no_limit) schema["maximum"] = number(row.max);
    return schema;
}

json secret_schema() {
    const json file{{"type", "object"},
                    {"properties", {{"file", {{"type", "string"}}}}},
                    {"required", {"file"}},
                    {"additionalProperties", false}};
    return {{"anyOf", json::array({json{{"type", "string"}}, file})}};
}

json list_of(json items) {
    return {{"type", "array"}, {"items", std::move(items)}};
}

json scalar_schema(const field& row) {
    switch (row.kind) {
    case field_kind::boolean:
        return or_variable({{"type", "boolean"}});
    case field_kind::integer:
        return or_variable(number_schema(row, "integer"));
    case field_kind::number:
        return or_variable(number_schema(row, "number"));
    case field_kind::text:
        return {{"type", "string"}};
    case field_kind::choice:
        return or_variable({{"enum", row.choices}});
    case field_kind::duration:
        return {
            {"type", {"string", "integer"}}, {"pattern", duration_pattern}, {"minimum", row.min}};
    case field_kind::size:
        return {{"type", {"string", "integer"}}, {"pattern", size_pattern}, {"minimum", row.min}};
    case field_kind::text_list:
        return list_of(row.choices.empty() ? json{{"type", "string"}}
                                           : or_variable({{"enum", row.choices}}));
    case field_kind::text_map:
        return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
    case field_kind::secret:
        return secret_schema();
    case field_kind::secret_list:
        return list_of(secret_schema());
    case field_kind::open_list:
    case field_kind::list:
        return {{"type", "array"}};
    case field_kind::group:
    case field_kind::map:
    case field_kind::open_object:
        return {{"type", "object"}};
    }
    return json::object();
}

json object_schema(const field_node& node, const std::string& path) {
    json schema{{"type", "object"}, {"properties", json::object()}};
    json required = json::array();
    bool free_keys = node.is_open();
    for (const auto& c : node.children) {
        const auto below = join_path(path, c->name);
        if (c->name == "[]") continue;
        if (c->name == "*") {
            free_keys = true;
            schema["additionalProperties"] = schema_of(*c, below);
            if (node.row != nullptr && !node.row->choices.empty()) {
                schema["propertyNames"] = {{"enum", node.row->choices}};
            }
            continue;
        }
        schema["properties"][std::string(c->name)] = schema_of(*c, below);
        if (c->row != nullptr && c->row->required) required.push_back(c->name);
    }
    if (!free_keys) schema["additionalProperties"] = false;
    if (!required.empty()) schema["required"] = required;
    return schema;
}

bool only_structure(const field_node& node) {
    return node.row == nullptr || node.row->kind == field_kind::group ||
           node.row->kind == field_kind::map || node.row->kind == field_kind::open_object;
}

} // namespace

json schema_of(const field_node& node, const std::string& path) {
    json schema;
    if (node.has_keys()) {
        schema = object_schema(node, path);
        if (!only_structure(node))
            schema = {{"anyOf", json::array({scalar_schema(*node.row), schema})}};
    } else if (const auto* element = node.named("[]")) {
        schema = list_of(schema_of(*element, path + "[]"));
    } else {
        schema = scalar_schema(*node.row);
    }
    if (node.row == nullptr) return schema;
    schema["description"] = node.row->doc;
    const auto value = node.row->at == nullptr ? json() : default_value(path);
    const bool telling = !value.is_null() && !value.is_structured() && value != "";
    if (telling && !node.row->required) schema["default"] = value;
    return schema;
}

json json_schema() {
    json schema = object_schema(field_table(), "");
    schema["properties"]["$schema"] = {{"type", "string"}};
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "openclaw configuration";
    return schema;
}

} // namespace openclaw::config
