#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace openclaw::routing {

// What a chat asks of the gateway itself rather than of its agent (protocol.md §6.6): a message whose
// first word is one of these, where its entrance allows commands.
enum class command_kind : std::uint8_t {
    help,         // lists the commands
    begin_anew,   // empties the session; words behind it are then said to the agent
    status,       // how the session stands
    stop,         // ends what runs and waits; the entrance does that, for it must not wait its turn
};

struct text_command {
    std::string_view name;          // without the slash
    std::string_view description;   // one sentence
    command_kind what = command_kind::help;
    bool accepts_words = false;
};
std::span<const text_command> text_commands();

struct spoken_command {
    const text_command* command = nullptr;
    std::string_view words;         // behind the command, without the space between
};
// Nothing: the text is for the agent, as is an unknown "/word", or words behind a command that takes none.
std::optional<spoken_command> parse_command(std::string_view text);

}  // namespace openclaw::routing
