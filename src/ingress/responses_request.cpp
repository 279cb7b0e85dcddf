#include "ingress/responses_request.hpp"

#include "ingress/openai_request.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_metadata = 16;   // members, as OpenAI has it

// The text of a function's output, which may come in parts.
result<std::string> read_output(json_view item) {
    const auto output = item["output"];
    if (output.is_string()) return std::string(output.text());
    if (!output.is_array()) {
        return bad_request("The `output` of a function call must be a string or a list of parts.");
    }
    message_content c;
    for (const auto part : output.elements()) {
        if (part["type"].text() != "input_text") {
            return bad_request("The `output` of a function call may hold `input_text` alone.");
        }
        c.add(part["text"].text());
    }
    return std::move(c.text);
}

result<void> read_input_message(json_view item, conversation& out) {
    auto c = read_openai_content(item, "An item's");
    if (!c) return c.error();
    const auto role_name = item["role"].text();
    if (role_name == "user") {
        out.user(std::move(*c));
    } else if (role_name == "assistant") {
        out.assistant(std::move(c->text));
    } else if (role_name == "system" || role_name == "developer") {
        out.instruct(std::move(c->text));
    } else {
        return bad_request("An item's `role` must be system, developer, user or assistant.");
    }
    return {};
}

result<void> read_item(json_view item, conversation& out) {
    const auto type = item["type"].text();
    if (type == "message" || (type.empty() && item["role"].is_string())) {
        return read_input_message(item, out);
    }
    const auto id = item["call_id"].text();
    if (type == "function_call") {
        if (id.empty() || item["name"].text().empty()) {
            return bad_request("A `function_call` must have a `call_id` and a `name`.");
        }
        out.call({std::string(id), std::string(item["name"].text()),
                  std::string(item["arguments"].text())});
    } else if (type == "function_call_output") {
        if (id.empty()) return bad_request("A `function_call_output` must have a `call_id`.");
        auto text = read_output(item);
        if (!text) return text.error();
        out.result_of({std::string(id), {}, std::move(*text)});
    } else if (type != "reasoning") {   // our own thoughts stay here
        return bad_request("An item of type `" + printable(type, 64) + "` is not understood.");
    }
    return {};
}

result<void> read_input(json_view input, conversation& out) {
    if (input.is_string()) {
        message_content c;
        c.text = input.text();
        out.user(std::move(c));
        return {};
    }
    if (!input.is_array()) return bad_request("`input` must be a string or a list of items.");
    for (const auto item : input.elements()) {
        if (auto r = read_item(item, out); !r) return r;
    }
    return {};
}

result<void> read_metadata(json_view body, json& out) {
    const auto value = body["metadata"];
    if (!value.has_value()) return {};
    auto members = value.is_object() ? value.copy() : json();
    const bool texts = std::all_of(members.begin(), members.end(),
                                   [](const auto& member) { return member.is_string(); });
    if (!members.is_object() || !texts || members.size() > max_metadata) {
        return bad_request("`metadata` must be an object of up to 16 strings.");
    }
    out = std::move(members);
    return {};
}

// What would change the answer and is not in effect for an agent.
result<void> refuse_what_is_not_in_effect(json_view body) {
    const auto format = body["text"]["format"]["type"];
    if (!format.has_value() || format.text() == "text") return {};
    return bad_request("`text.format` of type `" + printable(format.text(), 64) +
                       "` is not in effect for an agent in this version.");
}

}  // namespace

result<client_request> parse_responses_request(json_view body) {
    client_request out;
    if (auto r = read_openai_head(body, out); !r) return r.error();
    if (auto r = read_text(body, "previous_response_id", out.previous_response); !r) return r.error();
    if (auto r = read_openai_tools(body, out); !r) return r.error();
    auto& s = out.sampling;
    if (auto r = read_number(body, "temperature", 0, 2, s.temperature); !r) return r.error();
    if (auto r = read_number(body, "top_p", 0, 1, s.top_p); !r) return r.error();
    if (auto r = read_positive(body, "max_output_tokens", s.max_tokens); !r) return r.error();
    if (auto r = refuse_what_is_not_in_effect(body); !r) return r.error();
    if (auto r = read_text(body, "instructions", out.instructions); !r) return r.error();
    if (auto r = read_metadata(body, out.metadata); !r) return r.error();
    conversation all;
    if (!out.instructions.empty()) all.instruct(out.instructions);
    if (auto r = read_input(body["input"], all); !r) return r.error();
    if (auto r = std::move(all).divide(out, "input"); !r) return r.error();
    return out;
}

}  // namespace openclaw::ingress
