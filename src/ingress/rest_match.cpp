#include "ingress/rest.hpp"

namespace openclaw::ingress {

namespace {

// The text up to the next '/', which is taken off.
std::string_view next_segment(std::string_view& path) {
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    return segment;
}

bool is_name(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

// Both begin with '/'. A name stands for one segment that is not empty.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string_view>& values) {
    values.clear();
    if (path.ends_with('/')) return false;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (!is_name(wanted)) {
            if (wanted != given) return false;
        } else if (given.empty()) {
            return false;
        } else {
            values.push_back(given);
        }
    }
    return pattern.empty() && path.empty();
}

}  // namespace

std::vector<std::string_view> names_in(std::string_view path_template) {
    std::vector<std::string_view> names;
    while (!path_template.empty()) {
        const auto segment = next_segment(path_template);
        if (is_name(segment)) names.push_back(segment.substr(1, segment.size() - 2));
    }
    return names;
}

rest_match match_rest(std::string_view method, std::string_view path) {
    rest_match m;
    if (!path.starts_with("/api/")) return m;
    for (const auto& row : all_rest_routes()) {
        if (!fits(row.at.path, path, m.values)) continue;
        if (row.at.method == method || (row.at.method == "GET" && method == "HEAD")) {
            m.found = &row;
            m.allow.clear();
            return m;
        }
        if (!m.allow.empty()) m.allow += ", ";
        m.allow += row.at.method == "GET" ? "GET, HEAD" : row.at.method;
    }
    m.values.clear();
    return m;
}

}  // namespace openclaw::ingress
