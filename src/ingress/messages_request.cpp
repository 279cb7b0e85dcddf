#include "ingress/messages_request.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_stop_sequences = 1'000;   // the API names no number; the provider may have one

error unknown_block(std::string_view where, std::string_view type) {
    return bad_request("A block of type `" + printable(type, 64) + "` in " + std::string(where) +
                       " is not in effect in this version.");
}

result<image_part> read_image(json_view block) {
    const auto source = block["source"];
    const auto type = source["media_type"].text(), data = source["data"].text();
    if (source["type"].text() != "base64" || !type.starts_with("image/") || data.empty()) {
        return bad_request("The `source` of an image must be base64 with `media_type` and `data`.");
    }
    return image_part{std::string(type), std::string(data)};
}

// A string, or blocks of text alone.
result<std::string> read_texts(json_view value, std::string_view where) {
    if (!value.has_value()) return std::string();
    if (value.is_string()) return std::string(value.text());
    if (!value.is_array()) {
        return bad_request(std::string(where) + " must be a string or a list of blocks.");
    }
    message_content c;
    for (const auto block : value.elements()) {
        if (block["type"].text() != "text") return unknown_block(where, block["type"].text());
        c.add(block["text"].text());
    }
    return std::move(c.text);
}

result<void> read_tool_result(json_view block, conversation& out) {
    const auto id = block["tool_use_id"].text();
    if (id.empty()) return bad_request("A `tool_result` must have a `tool_use_id`.");
    auto text = read_texts(block["content"], "the `content` of a tool_result");
    if (!text) return text.error();
    out.result_of({std::string(id), {}, std::move(*text),
                   block["is_error"].boolean().value_or(false)});
    return {};
}

// Results come before what is said beside them.
result<void> read_user(json_view content, conversation& out) {
    message_content c;
    bool has_results = false;
    for (const auto block : content.elements()) {
        const auto type = block["type"].text();
        if (type == "text") {
            c.add(block["text"].text());
        } else if (type == "image") {
            auto image = read_image(block);
            if (!image) return image.error();
            c.images.push_back(std::move(*image));
        } else if (type == "tool_result") {
            if (auto r = read_tool_result(block, out); !r) return r;
            has_results = true;
        } else {
            return unknown_block("a user message", type);
        }
    }
    if (!has_results || !c.text.empty() || !c.images.empty()) out.user(std::move(c));
    return {};
}

result<void> read_assistant(json_view content, conversation& out) {
    message_content c;
    std::vector<tool_call> calls;
    for (const auto block : content.elements()) {
        const auto type = block["type"].text();
        if (type == "text") {
            c.add(block["text"].text());
        } else if (type == "tool_use") {
            if (block["id"].text().empty() || block["name"].text().empty()) {
                return bad_request("A `tool_use` must have an `id` and a `name`.");
            }
            const auto input = block["input"];
            calls.push_back({std::string(block["id"].text()), std::string(block["name"].text()),
                             input.is_object() ? dump(input.copy()) : "{}"});
        } else if (type != "thinking" && type != "redacted_thinking") {   // our own stay here
            return unknown_block("an assistant message", type);
        }
    }
    out.assistant(std::move(c.text));
    for (auto& call : calls) out.call(std::move(call));
    return {};
}

result<void> read_message(json_view message, conversation& out) {
    const auto role_name = message["role"].text();
    const bool from_user = role_name == "user";
    if (!from_user && role_name != "assistant") {
        return bad_request("A message's `role` must be user or assistant.");
    }
    const auto content = message["content"];
    if (content.is_string()) {
        message_content c;
        c.text = content.text();
        if (from_user) out.user(std::move(c));
        else out.assistant(std::move(c.text));
        return {};
    }
    if (!content.is_array()) {
        return bad_request("A message's `content` must be a string or a list of blocks.");
    }
    return from_user ? read_user(content, out) : read_assistant(content, out);
}

result<tool_choice> read_choice(json_view value) {
    using kind = tool_choice::kind;
    tool_choice choice;
    if (!value.has_value()) return choice;
    const auto type = value["type"].text();
    if (type == "any") {
        choice.what = kind::any;
    } else if (type == "none") {
        choice.what = kind::none;
    } else if (type == "tool") {
        choice.what = kind::named;
        choice.name = value["name"].text();
    } else if (type != "auto") {
        return bad_request("The `type` of `tool_choice` must be auto, any, tool or none.");
    }
    if (auto r = read_flag(value, "disable_parallel_tool_use", choice.one_at_a_time); !r) {
        return r.error();
    }
    return choice;
}

result<void> read_tools(json_view body, client_request& out) {
    const auto list = body["tools"];
    if (list.has_value() && !list.is_array()) return bad_request("`tools` must be a list.");
    tool_list tools;
    for (const auto tool : list.elements()) {
        const auto type = tool["type"];
        if (type.has_value() && type.text() != "custom") {
            return bad_request("A tool of type `" + printable(type.text(), 64) +
                               "` is not in effect in this version: `tools` takes the client's own.");
        }
        auto added = tools.add(tool["name"].text(), tool["description"].text(), tool["input_schema"]);
        if (!added) return added.error();
    }
    auto choice = read_choice(body["tool_choice"]);
    if (!choice) return choice.error();
    auto finished = std::move(tools).finish(std::move(*choice));
    if (!finished) return finished.error();
    out.tools = std::move(*finished);
    return {};
}

// What would change the answer and is not in effect for an agent.
result<void> refuse_what_is_not_in_effect(json_view body) {
    if (!body["mcp_servers"].elements().empty()) {
        return bad_request("`mcp_servers` of the client are not in effect in this version.");
    }
    if (body["output_config"]["format"].has_value() || body["output_format"].has_value()) {
        return bad_request("A format of the output is not in effect for an agent in this version.");
    }
    return {};
}

result<void> read_settings(json_view body, client_request& out) {
    auto& s = out.sampling;
    if (auto r = read_flag(body, "stream", out.stream); !r) return r;
    if (auto r = read_positive(body, "max_tokens", s.max_tokens); !r) return r;
    if (auto r = read_number(body, "temperature", 0, 1, s.temperature); !r) return r;
    if (auto r = read_number(body, "top_p", 0, 1, s.top_p); !r) return r;
    if (auto r = read_words(body, "stop_sequences", max_stop_sequences, s.stop); !r) return r;
    if (const auto metadata = body["metadata"]; metadata.has_value()) {
        if (!metadata.is_object()) return bad_request("`metadata` must be an object.");
        // It names the person for the provider's own ends and chooses no session: one person has many.
        std::string unused;
        if (auto r = read_text(metadata, "user_id", unused); !r) return r;
    }
    return refuse_what_is_not_in_effect(body);
}

}  // namespace

result<client_request> parse_messages_request(json_view body) {
    if (body.is_object() && !body["max_tokens"].has_value()) {
        return bad_request("max_tokens: Field required");
    }
    return parse_count_request(body);
}

result<client_request> parse_count_request(json_view body) {
    if (!body.is_object()) return bad_request("The body must be a JSON object.");
    client_request out;
    out.model = body["model"].text();
    if (out.model.empty()) return bad_request("model: Field required");
    if (auto r = read_settings(body, out); !r) return r.error();
    if (auto r = read_tools(body, out); !r) return r.error();
    auto system = read_texts(body["system"], "`system`");
    if (!system) return system.error();
    const auto messages = body["messages"];
    if (!messages.is_array()) return bad_request("messages: Field required");
    conversation all;
    if (!system->empty()) all.instruct(std::move(*system));
    for (const auto message : messages.elements()) {
        if (auto r = read_message(message, all); !r) return r.error();
    }
    if (auto r = std::move(all).divide(out, "messages"); !r) return r.error();
    return out;
}

}  // namespace openclaw::ingress
