#pragma once

#include "openclaw/core/json.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace openclaw {

// Appends one JSON document to `out`, value by value, for what is written so often that a DOM
// between would be most of the work. The commas are its own business; that what is opened is
// closed, and that members have keys, is the caller's.
class json_writer {
public:
    explicit json_writer(std::string& out) : out_(out), start_(out.size()) {}

    json_writer& begin_object() { return open('{'); }
    json_writer& end_object() { return close('}'); }
    json_writer& begin_array() { return open('['); }
    json_writer& end_array() { return close(']'); }

    // Written as it is: ASCII without controls, quotes and backslashes.
    json_writer& key(std::string_view name);
    json_writer& value(std::string_view text);
    json_writer& value(const std::string& text) { return value(std::string_view(text)); }
    json_writer& value(const char* text) { return value(std::string_view(text)); }
    json_writer& value(std::int64_t number);
    json_writer& value(double number);
    json_writer& value(std::same_as<bool> auto yes) { return raw(yes ? "true" : "false"); }
    // A value that is JSON text already.
    json_writer& raw(std::string_view json_text);

    template <class T>
    json_writer& member(std::string_view name, const T& v) {
        return key(name).value(v);
    }

private:
    json_writer& open(char bracket);
    json_writer& close(char bracket);
    void separate();

    std::string& out_;
    const std::size_t start_;
};

}  // namespace openclaw
