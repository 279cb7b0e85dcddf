#include "openclaw/model/session_key.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw {

namespace {

constexpr std::size_t max_key_bytes = 512;
constexpr std::size_t max_id_bytes = 64;
constexpr std::string_view prefix = "agent:";

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

error refused(std::string_view text, std::string_view why) {
    return error(errc::invalid_input,
                 "'" + printable(text, 80) + "' is not a session key: " + std::string(why),
                 "Write it as agent:<agent>:<name>, or only the name for the default agent.");
}

}  // namespace

bool is_valid_id(std::string_view text) {
    // "." and ".." would be folders of their own kind where an id names a folder.
    return !text.empty() && text.size() <= max_id_bytes && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), is_id_character);
}

result<session_key> session_key::parse(std::string_view text, std::string_view default_agent) {
    std::string_view agent = default_agent;
    std::string_view rest = text;
    if (text.starts_with(prefix)) {
        const auto tail = text.substr(prefix.size());
        const auto colon = tail.find(':');
        if (colon == std::string_view::npos) {
            return refused(text, "the part after the agent is missing");
        }
        agent = tail.substr(0, colon);
        rest = tail.substr(colon + 1);
    }
    if (!is_valid_id(agent)) {
        return error(errc::invalid_input, "'" + printable(agent, 80) + "' is no name of an agent",
                     "Letters, digits, '-', '_' and '.' make one, 64 at most.");
    }
    if (rest.empty()) return refused(text, "the part after the agent is empty");
    if (prefix.size() + agent.size() + 1 + rest.size() > max_key_bytes) {
        return refused(text, "it is longer than 512 bytes");
    }
    // Keys show up in logs, file names of exports and terminals.
    if (!is_utf8(rest) || std::any_of(rest.begin(), rest.end(), is_control)) {
        return refused(text, "it holds control characters or is not UTF-8");
    }
    return session_key(std::string(agent), std::string(rest));
}

result<void> session_key::check_choosable() const {
    // As a person reads it.
    std::string name(rest_, std::min(rest_.find_first_not_of(' '), rest_.size()));
    for (auto& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const std::string_view kind : {"subagent:", "cron:", "acp:"}) {
        if (!name.starts_with(kind)) continue;
        return error(errc::invalid_input, "the name of a session may not begin with `" + std::string(kind) +
                                              "`: these sessions belong to the gateway",
                     "Choose another name.");
    }
    return {};
}

}  // namespace openclaw
