#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/task.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace openclaw::net {

// Header fields in the order of the wire; names compare without case.
class header_list {
public:
    void add(std::string name, std::string value);
    void set(std::string_view name, std::string value);
    // The first value, or nothing: an absent and an empty field read alike.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }
    void clear() { fields_.clear(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

struct http_request {
    std::string method;
    std::string target;   // as on the wire: path and query
    header_list headers;
    std::string body;

    std::string_view path() const;   // before '?', not decoded
    std::string_view query() const;  // after '?', not decoded
};

struct http_response {
    int status = 200;
    header_list headers;
    std::string body;
};

// The standard reason phrase; "Unknown" for a status that has none.
std::string_view reason_phrase(int status);

}  // namespace openclaw::net
