#include "config/rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace openclaw::config {

namespace {

// 32 or 128 for an IP address, 0 for anything else.
int address_bits(std::string_view text) {
    std::array<unsigned char, 16> bytes{};
    const std::string copy(text);
    if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return 32;
    if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return 128;
    return 0;
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has_space_or_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

// What follows "http://" or "https://"; empty when it is neither.
std::string_view after_scheme(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.starts_with(scheme)) return text.substr(scheme.size());
    }
    return {};
}

} // namespace

const char* check_bind_host(std::string_view text) {
    for (const std::string_view name : {"loopback", "lan", "tailnet", "localhost"}) {
        if (text == name) return nullptr;
    }
    return address_bits(text) != 0 ? nullptr
                                   : "an IP address, loopback, lan or tailnet is expected";
}

const char* check_cidr(std::string_view text) {
    static constexpr const char* wrong = "an address or a range like 10.0.0.0/8 is expected";
    const auto slash = text.find('/');
    const int bits = address_bits(text.substr(0, slash));
    if (bits == 0) return wrong;
    if (slash == std::string_view::npos) return nullptr;
    const auto length = text.substr(slash + 1);
    int prefix = -1;
    const auto* end = length.data() + length.size();
    const auto [rest, failure] = std::from_chars(length.data(), end, prefix);
    if (failure != std::errc() || rest != end || prefix < 0) return wrong;
    return prefix <= bits ? nullptr : "the prefix is longer than the address";
}

const char* check_absolute_path(std::string_view text) {
    if (!text.starts_with('/') || has_space_or_control(text))
        return "a path like /metrics is expected";
    return nullptr;
}

const char* check_url(std::string_view text) {
    if (text.empty()) return nullptr;
    const auto rest = after_scheme(text);
    if (rest.empty() || rest.starts_with('/') || has_space_or_control(text)) {
        return "an address that begins with http:// or https:// is expected";
    }
    return nullptr;
}

const char* check_http_method(std::string_view text) {
    const bool upper =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return upper && !text.empty() ? nullptr : "a method like GET or POST is expected";
}

const char* check_id(std::string_view text) {
    const bool good =
        !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
            return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
        });
    return good ? nullptr : "1 to 64 letters, digits, dashes, underscores or points are expected";
}

const char* check_model_ref(std::string_view text) {
    const auto slash = text.find('/');
    const bool good = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
                      !has_space_or_control(text);
    return good ? nullptr
                : "a model is written provider/model, like anthropic/claude-sonnet-4-20250514";
}

const char* check_origin(std::string_view text) {
    if (text == "*" || text == "null") return nullptr;
    const auto scheme = text.find("://");
    const bool good = scheme != std::string_view::npos && scheme > 0 && scheme + 3 < text.size() &&
                      text.find('/', scheme + 3) == std::string_view::npos &&
                      !has_space_or_control(text);
    return good ? nullptr : "an origin like https://chat.example.com is expected, without a path";
}

const char* check_allowed_host(std::string_view text) {
    const bool good = !text.empty() && !has_space_or_control(text) &&
                      text.find_first_of("/@?#\"") == std::string_view::npos;
    return good ? nullptr : "a host name, with a port where it has one, is expected";
}

const char* check_hook_path(std::string_view text) {
    const bool good = std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == '/';
    });
    const bool climbs = text.starts_with('/') || text.ends_with('/') ||
                        text.find("..") != std::string_view::npos ||
                        text.find("//") != std::string_view::npos;
    return good && !climbs ? nullptr
                           : "letters, digits, dashes and points are expected; it is below /hooks/";
}

const char* check_header_value(std::string_view text) {
    const bool good = std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    return good ? nullptr : "a header value cannot hold line ends or control characters";
}

} // namespace openclaw::config
