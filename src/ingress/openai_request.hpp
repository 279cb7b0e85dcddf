#pragma once

#include "openclaw/core/json_view.hpp"
#include "openclaw/model/inbound.hpp"

#include <string>

namespace openclaw::ingress {

// A body of POST /v1/chat/completions, checked and taken apart (OpenAI API reference, "Create chat
// completion"; bounds of protocol.md §7).
struct openai_request {
    std::string model;
    bool stream = false;
    bool include_usage = false;
    std::string user;
    std::string text;                    // the last user message: what is asked
    std::vector<image_part> images;
    std::vector<chat_message> context;   // what came before it
    std::string system;                  // system and developer messages, joined
    openclaw::sampling sampling;
};

// invalid_input names the field that does not pass. Pure.
result<openai_request> parse_openai_request(json_view body);

// The agent that a model name stands for: "openclaw" and "openclaw/default" the default one (empty),
// "openclaw/<id>", "openclaw:<id>" and "agent:<id>" that one; nothing for any other name.
std::optional<std::string> agent_of_model(std::string_view model);

}  // namespace openclaw::ingress
