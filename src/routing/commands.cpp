#include "openclaw/routing/commands.hpp"

#include <algorithm>
#include <array>

namespace openclaw::routing {

namespace {

using kind = command_kind;

constexpr std::array table{
    text_command{"help", "Lists these commands.", kind::help},
    text_command{"new", "Begins the conversation anew: what was said is deleted.", kind::begin_anew, true},
    text_command{"reset", "As /new.", kind::begin_anew, true},
    text_command{"status", "Tells how the session stands.", kind::status},
    text_command{"stop", "Stops what runs and waits in the session.", kind::stop},
};

constexpr std::string_view blanks = " \t\r\n";

}  // namespace

std::span<const text_command> text_commands() {
    return table;
}

std::optional<spoken_command> parse_command(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    const auto end = std::min(text.find_first_of(blanks), text.size());
    const auto name = text.substr(1, end - 1);
    const auto found = std::ranges::find(table, name, &text_command::name);
    if (found == table.end()) return std::nullopt;
    const auto first = std::min(text.find_first_not_of(blanks, end), text.size());
    const auto words = text.substr(first, text.find_last_not_of(blanks) + 1 - first);
    if (!words.empty() && !found->accepts_words) return std::nullopt;
    return spoken_command{&*found, words};
}

}  // namespace openclaw::routing
