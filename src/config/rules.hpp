#pragma once

#include <string_view>

// Rules for texts, as field rows name them: each says what is wrong, or null.
namespace openclaw::config {

const char* check_bind_host(std::string_view text);
const char* check_cidr(std::string_view text);
const char* check_absolute_path(std::string_view text); // "/metrics"
const char* check_url(std::string_view text);           // http:// or https://
const char* check_http_method(std::string_view text);
const char* check_id(std::string_view text);
const char* check_model_ref(std::string_view text);    // provider/model
const char* check_origin(std::string_view text);       // "*" or scheme://host[:port]
const char* check_allowed_host(std::string_view text); // a Host value without scheme and path
const char* check_hook_path(std::string_view text);
const char* check_header_value(std::string_view text); // no control characters

} // namespace openclaw::config
