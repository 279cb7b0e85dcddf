#pragma once

#include "openclaw/config/loader.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace openclaw::config {

inline environment no_environment() {
    return [](const std::string&) { return std::nullopt; };
}

inline environment variables(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto it = values.find(name);
        return it == values.end() ? std::nullopt : std::optional(it->second);
    };
}

inline load_outcome load(std::string_view text) {
    return load_text(text, no_environment());
}

// All issues as a person reads them, for the message of a failed test.
inline std::string show(const std::vector<issue>& issues) {
    std::string text;
    for (const auto& i : issues)
        text += to_string(i, "") + "\n";
    return text;
}

inline std::size_t count(const load_outcome& loaded, severity s) {
    return static_cast<std::size_t>(std::count_if(loaded.issues.begin(), loaded.issues.end(),
                                                  [s](const issue& i) { return i.severity == s; }));
}

} // namespace openclaw::config
