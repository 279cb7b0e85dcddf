#pragma once

#include "openclaw/core/json_writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace openclaw {

enum class role { user, assistant, tool };

struct text_part { std::string text; };
// What a model thought; `signature` is opaque and goes back unchanged.
struct thinking_part { std::string text; std::string signature; };
struct image_part { std::string mime_type; std::string base64; };
// `arguments` is the JSON text as the model wrote it; empty means {}.
struct tool_call { std::string id; std::string name; std::string arguments; };
struct tool_result { std::string call_id; std::string name; std::string text; bool is_error = false; };

using message_part = std::variant<text_part, thinking_part, image_part, tool_call, tool_result>;

// Tokens of one model call or of a whole turn.
struct token_usage {
    std::int64_t input = 0;
    std::int64_t output = 0;
    std::int64_t cache_read = 0;
    std::int64_t cache_write = 0;

    std::int64_t total() const { return input + output + cache_read + cache_write; }
    token_usage& operator+=(const token_usage& other);
};

// One row of a transcript. User rows hold text and images; assistant rows text, thinking and tool
// calls; tool rows exactly one tool_result.
struct chat_message {
    openclaw::role role = openclaw::role::user;
    std::vector<message_part> parts;
    std::string id;                  // stable entry id; the store's owner gives it
    std::int64_t seq = 0;            // place in the transcript, from 1; 0: not stored yet
    std::int64_t timestamp_ms = 0;   // Unix time
    std::string run_id;
    std::string provider;            // assistant rows
    std::string model;               // assistant rows
    std::string stop_reason;         // assistant rows: stop | toolUse | length | error | aborted
    std::string failure;             // assistant rows that stop with error: why, for people
    token_usage usage;               // assistant rows

    // All text parts joined.
    std::string text() const;
    bool has_tool_calls() const;
};

chat_message user_message(std::string text);
chat_message assistant_message(std::string text);

// The form in which the store keeps a message's parts, and back. Unknown parts are dropped.
void write_parts(json_writer& out, const std::vector<message_part>& parts);
std::vector<message_part> parts_from_json(const json& value);

// Bytes of text, pictures and arguments.
std::size_t size_of(const chat_message& message);

std::string_view name_of(role r);
// The role of a stored name; user for one that is unknown.
role role_from(std::string_view name);

}  // namespace openclaw
