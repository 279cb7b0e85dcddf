#pragma once

#include "openclaw/config/loader.hpp"
#include "openclaw/config/settings.hpp"

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

// One row of the field table: everything that the gateway knows about a key.
namespace openclaw::config {

enum class field_kind : std::uint8_t {
    group,       // an object with known keys
    list,        // an array whose elements have known keys
    map,         // an object with free keys
    open_object, // an object that somebody else reads
    open_list,   // an array that somebody else reads
    boolean,
    integer,
    number,
    text,
    choice,
    duration,
    size,
    text_list,
    text_map,
    secret,
    secret_list,
};

// The struct that a row's member belongs to.
using owner = std::variant<settings*, acl_rule*, oauth_allow*, provider_settings*, model_settings*,
                           agent_settings*, binding_settings*, hook_settings*>;

// The member itself. With `choice` the index of the word is the value of the enum.
using slot = std::variant<std::monostate, bool*, std::uint16_t*, std::uint32_t*, std::uint64_t*,
                          double*, std::string*, milliseconds*, secret*, std::vector<std::string>*,
                          std::vector<secret>*, std::map<std::string, std::string>*, json*,
                          auth_type*, provider_api*, log::level*, log::style*>;

// Says what is wrong with a text, null when nothing is.
using text_rule = const char* (*)(std::string_view);

inline constexpr double no_limit = std::numeric_limits<double>::infinity();

struct field {
    std::string_view path; // below the section's prefix; "*" any key, "[]" elements
    field_kind kind = field_kind::text;
    std::string_view doc;
    slot (*at)(owner) = nullptr; // null: checked here, read by the owner of the block
    double min = 0;              // numbers; milliseconds; bytes; characters of texts
    double max = no_limit;
    std::span<const std::string_view> choices{}; // words of a choice, a text_list, a map's keys
    std::span<const std::string_view> pending{}; // choices that are not acted on yet
    text_rule rule = nullptr;                    // for texts and the elements of text_list
    reload_class reload = reload_class::live;
    bool masked = false;   // shown as a secret though it is a text
    bool required = false; // within its element
    bool in_effect = false;
    owner (*element)(owner, const std::string& key) = nullptr; // makes or finds the owner below
};

// The rows of one part of the file.
struct section {
    std::string_view prefix;
    std::span<const field> rows;
};

template <class T> T& of(owner o) {
    return *std::get<T*>(o);
}
inline settings& root(owner o) {
    return of<settings>(o);
}

std::span<const section> network_sections();
std::span<const section> auth_sections();
std::span<const section> operation_sections();
std::span<const section> security_sections();
std::span<const section> agent_sections();
std::span<const section> extension_sections();

} // namespace openclaw::config
