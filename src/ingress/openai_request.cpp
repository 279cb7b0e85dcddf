#include "ingress/openai_request.hpp"

#include "openclaw/core/encoding.hpp"

#include <cmath>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_stop_words = 4;   // as OpenAI has it

result<void> read_sampling(json_view body, client_request& out) {
    std::optional<double> unused;
    std::optional<std::int64_t> old_name;
    auto& s = out.sampling;
    if (auto r = read_number(body, "temperature", 0, 2, s.temperature); !r) return r;
    if (auto r = read_number(body, "top_p", 0, 1, s.top_p); !r) return r;
    if (auto r = read_number(body, "presence_penalty", -2, 2, unused); !r) return r;
    if (auto r = read_number(body, "frequency_penalty", -2, 2, unused); !r) return r;
    if (auto r = read_positive(body, "max_tokens", old_name); !r) return r;
    if (auto r = read_positive(body, "max_completion_tokens", s.max_tokens); !r) return r;
    if (!s.max_tokens) s.max_tokens = old_name;
    if (const auto seed = body["seed"]; seed.has_value()) {
        const auto number = seed.number();
        if (!number || *number != std::floor(*number)) return bad_request("`seed` must be an integer.");
    }
    if (const auto n = body["n"]; n.has_value() && n.number() != 1) {
        return bad_request("`n` must be 1: an agent gives one answer.");
    }
    return read_words(body, "stop", max_stop_words, s.stop);
}

result<void> read_calls(json_view message, conversation& out) {
    const auto calls = message["tool_calls"];
    if (!calls.has_value()) return {};
    if (!calls.is_array()) return bad_request("A message's `tool_calls` must be a list.");
    for (const auto call : calls.elements()) {
        const auto function = call["function"];
        const auto id = call["id"].text(), name = function["name"].text();
        if (id.empty() || name.empty()) {
            return bad_request("A call in `tool_calls` must have an `id` and a `function.name`.");
        }
        out.call({std::string(id), std::string(name), std::string(function["arguments"].text())});
    }
    return {};
}

result<void> read_message(json_view message, conversation& out) {
    const auto role_name = message["role"].text();
    if (role_name == "function" || message["function_call"].has_value()) {
        return bad_request("Messages of the role `function` and a `function_call` are not in effect in this "
                           "version; send `tool_calls` and messages of the role `tool`.");
    }
    message_content none;
    auto c = message["content"].has_value() ? read_openai_content(message, "A message's") : none;
    if (!c) return c.error();
    if (role_name == "user") {
        out.user(std::move(*c));
    } else if (role_name == "assistant") {
        out.assistant(std::move(c->text));
        return read_calls(message, out);
    } else if (role_name == "system" || role_name == "developer") {
        out.instruct(std::move(c->text));
    } else if (role_name == "tool") {
        const auto id = message["tool_call_id"].text();
        if (id.empty()) return bad_request("A `tool` message must have a `tool_call_id`.");
        out.result_of({std::string(id), {}, std::move(c->text)});
    } else {
        return bad_request("A message's `role` must be system, developer, user, assistant or tool.");
    }
    return {};
}

result<tool_choice> read_choice(json_view body) {
    using kind = tool_choice::kind;
    tool_choice choice;
    bool parallel = true;
    if (auto r = read_flag(body, "parallel_tool_calls", parallel); !r) return r.error();
    choice.one_at_a_time = !parallel;
    const auto value = body["tool_choice"];
    if (!value.has_value() || value.text() == "auto") return choice;
    if (value.text() == "none") {
        choice.what = kind::none;
    } else if (value.text() == "required") {
        choice.what = kind::any;
    } else if (value["type"].text() == "function") {
        choice.what = kind::named;
        const auto function = value["function"];   // Responses has the name one level higher
        choice.name = (function.is_object() ? function : value)["name"].text();
    } else {
        return bad_request("`tool_choice` must be auto, none, required or a function.");
    }
    return choice;
}

// What would change the answer and is not in effect for an agent.
result<void> refuse_what_is_not_in_effect(json_view body) {
    if (!body["functions"].elements().empty()) {
        return bad_request("`functions` are not in effect in this version; send `tools`.");
    }
    const auto format = body["response_format"]["type"];
    if (format.has_value() && format.text() != "text") {
        return bad_request("`response_format` of type `" + printable(format.text(), 64) +
                           "` is not in effect for an agent in this version.");
    }
    return {};
}

}  // namespace

result<void> read_openai_head(json_view body, client_request& out) {
    if (!body.is_object()) return bad_request("The body must be a JSON object.");
    out.model = body["model"].text();
    if (out.model.empty()) return bad_request("`model` is missing.");
    if (auto r = read_flag(body, "stream", out.stream); !r) return r;
    return read_text(body, "user", out.user);
}

result<void> read_openai_tools(json_view body, client_request& out) {
    const auto list = body["tools"];
    if (!list.has_value() && !body["tool_choice"].has_value()) return {};
    if (list.has_value() && !list.is_array()) return bad_request("`tools` must be a list.");
    tool_list tools;
    for (const auto tool : list.elements()) {
        if (tool["type"].text() != "function") {
            return bad_request("A tool of type `" + printable(tool["type"].text(), 64) +
                               "` is not in effect in this version: `tools` takes functions.");
        }
        const auto nested = tool["function"];
        const auto function = nested.is_object() ? nested : tool;
        auto added = tools.add(function["name"].text(), function["description"].text(),
                               function["parameters"]);
        if (!added) return added.error();
    }
    auto choice = read_choice(body);
    if (!choice) return choice.error();
    auto finished = std::move(tools).finish(std::move(*choice));
    if (!finished) return finished.error();
    out.tools = std::move(*finished);
    return {};
}

result<message_content> read_openai_content(json_view message, std::string_view whose) {
    message_content c;
    const auto value = message["content"];
    if (value.is_string()) {
        c.text = value.text();
        return c;
    }
    if (!value.is_array()) {
        return bad_request(std::string(whose) + " `content` must be a string or a list of parts.");
    }
    for (const auto part : value.elements()) {
        const auto type = part["type"].text();
        if (type == "text" || type == "input_text" || type == "output_text") {
            c.add(part["text"].text());
        } else if (type == "refusal") {
            c.add(part["refusal"].text());
        } else if (type == "image_url" || type == "input_image") {
            const auto image = part["image_url"];
            auto read = read_data_url(image.is_string() ? image.text() : image["url"].text(),
                                      "image_url");
            if (!read) return read.error();
            c.images.push_back(std::move(*read));
        } else {
            return bad_request("A content part of type `" + printable(type, 64) +
                               "` is not understood.");
        }
    }
    return c;
}

result<client_request> parse_openai_request(json_view body) {
    client_request out;
    if (auto r = read_openai_head(body, out); !r) return r.error();
    if (const auto options = body["stream_options"]; options.has_value()) {
        if (!options.is_object()) return bad_request("`stream_options` must be an object.");
        out.include_usage = options["include_usage"].boolean().value_or(false);
    }
    if (auto r = refuse_what_is_not_in_effect(body); !r) return r.error();
    if (auto r = read_openai_tools(body, out); !r) return r.error();
    if (auto r = read_sampling(body, out); !r) return r.error();
    const auto messages = body["messages"];
    if (!messages.is_array()) return bad_request("`messages` must be a list.");
    conversation all;
    for (const auto message : messages.elements()) {
        if (auto r = read_message(message, all); !r) return r.error();
    }
    if (auto r = std::move(all).divide(out, "messages"); !r) return r.error();
    return out;
}

}  // namespace openclaw::ingress
