#include "config/path.hpp"

#include <algorithm>
#include <charconv>

namespace openclaw::config {

namespace {

bool is_plain(std::string_view key) {
    return !key.empty() && key.find_first_of(".[]\"'") == std::string_view::npos;
}

error no_path(std::string_view text) {
    return error(errc::invalid_input, "\"" + std::string(text) + "\" is no path of a setting",
                 "Write it like gateway.network.port, agents.list[0].id or hooks[\"a.b\"].secret.");
}

// Reads `[3]` or `["key"]` at `at`; false when it is neither.
bool read_bracket(std::string_view text, std::size_t& at, std::vector<path_step>& steps) {
    const char quote = at + 1 < text.size() ? text[at + 1] : '\0';
    if (quote == '"' || quote == '\'') {
        const auto close = text.find(quote, at + 2);
        if (close == std::string_view::npos || text.substr(close + 1, 1) != "]") return false;
        steps.emplace_back(std::string(text.substr(at + 2, close - at - 2)));
        at = close + 2;
        return true;
    }
    const auto close = text.find(']', at);
    if (close == std::string_view::npos) return false;
    std::size_t index = 0;
    const auto* end = text.data() + close;
    const auto [rest, failure] = std::from_chars(text.data() + at + 1, end, index);
    if (failure != std::errc() || rest != end) return false;
    steps.emplace_back(index);
    at = close + 1;
    return true;
}

} // namespace

result<std::vector<path_step>> parse_path(std::string_view text) {
    std::vector<path_step> steps;
    std::size_t at = 0;
    bool key_expected = true;
    while (at < text.size()) {
        if (text[at] == '[') {
            if (!read_bracket(text, at, steps)) return no_path(text);
            key_expected = false;
        } else if (text[at] == '.') {
            if (key_expected) return no_path(text);
            ++at;
            key_expected = true;
            if (at == text.size()) return no_path(text);
        } else {
            if (!key_expected) return no_path(text);
            const auto end = std::min(text.find_first_of(".[", at), text.size());
            const auto key = text.substr(at, end - at);
            if (!is_plain(key)) return no_path(text);
            steps.emplace_back(std::string(key));
            at = end;
            key_expected = false;
        }
    }
    return steps;
}

std::string join_path(std::string_view path, std::string_view key) {
    std::string joined(path);
    if (!is_plain(key)) {
        const char quote = key.find('"') == std::string_view::npos ? '"' : '\'';
        return joined.append("[").append(1, quote).append(key).append(1, quote).append("]");
    }
    if (!joined.empty()) joined += '.';
    return joined.append(key);
}

std::string join_path(std::string_view path, std::size_t index) {
    return std::string(path) + '[' + std::to_string(index) + ']';
}

} // namespace openclaw::config
