#pragma once

#include "openclaw/config/loader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace openclaw::config {

// Collects issues with the byte that each is about; places become lines and columns at the end.
class findings {
public:
    void error(std::string path, std::size_t offset, std::string message, std::string hint = {});
    void warn(std::string path, std::size_t offset, std::string message, std::string hint = {});
    void note(std::string path, std::size_t offset, std::string message, std::string hint = {});

    // In the order of `text`.
    std::vector<issue> list(std::string_view text) const;

private:
    void add(severity s, std::string path, std::size_t offset, std::string message,
             std::string hint);

    std::vector<std::pair<std::size_t, issue>> found_;
};

// A value as a message shows it, short; what is in `text` is not shown when `is_secret`.
std::string describe_found(const struct json5_value& value, bool is_secret);

} // namespace openclaw::config
