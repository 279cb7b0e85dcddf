#include "config/variables.hpp"

#include "config/path.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::config {

namespace {

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto part = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), part);
}

variable_failure not_a_variable(std::string_view inner) {
    return {"${" + printable(inner, 60) + "} names no variable",
            "Write ${NAME} or ${NAME:-default}; $${ is a plain ${."};
}

// The value of what stands between "${" and "}".
std::variant<std::string, variable_failure> look_up(std::string_view inner,
                                                    const environment& env) {
    const auto colon = inner.find(":-");
    const auto name = inner.substr(0, colon);
    if (!is_variable_name(name)) return not_a_variable(inner);
    const auto value = env(std::string(name));
    if (colon != std::string_view::npos) {
        const auto fallback = inner.substr(colon + 2);
        if (fallback.find("${") != std::string_view::npos) return not_a_variable(inner);
        return value && !value->empty() ? *value : std::string(fallback);
    }
    if (value) return *value;
    return variable_failure{
        "the environment variable " + std::string(name) + " is not set",
        "Set it, write it into the .env file beside the configuration, or give a "
        "default: ${" +
            std::string(name) + ":-…}."};
}

} // namespace

std::variant<expansion, variable_failure> expand(std::string_view text, const environment& env) {
    expansion out;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto dollar = text.find('$', at);
        if (dollar == std::string_view::npos) break;
        out.text.append(text.substr(at, dollar - at));
        if (text.substr(dollar, 3) == "$${") {
            out.text += "${";
            at = dollar + 3;
        } else if (text.substr(dollar, 2) == "${") {
            const auto close = text.find('}', dollar);
            if (close == std::string_view::npos) return not_a_variable(text.substr(dollar + 2));
            auto value = look_up(text.substr(dollar + 2, close - dollar - 2), env);
            if (auto* failure = std::get_if<variable_failure>(&value)) return *failure;
            out.text += std::get<std::string>(value);
            out.used_variable = true;
            at = close + 1;
        } else {
            out.text += '$';
            at = dollar + 1;
        }
    }
    out.text.append(text.substr(std::min(at, text.size())));
    return out;
}

void expand_tree(json5_value& value, const std::string& path, const environment& env,
                 findings& issues) {
    if (value.kind == json5_kind::text && value.text.find("${") != std::string::npos) {
        auto expanded = expand(value.text, env);
        if (const auto* failure = std::get_if<variable_failure>(&expanded)) {
            issues.error(path, value.begin, failure->message, failure->hint);
            value.unresolved = true;
        } else {
            auto& done = std::get<expansion>(expanded);
            value.text = std::move(done.text);
            value.from_variable = done.used_variable;
        }
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        expand_tree(value.items[i], join_path(path, i), env, issues);
    }
    for (auto& m : value.members)
        expand_tree(m.value, join_path(path, m.key), env, issues);
}

} // namespace openclaw::config
