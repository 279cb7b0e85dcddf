#include "ingress/openai_request.hpp"

#include <algorithm>
#include <cmath>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_images = 8;
constexpr std::size_t max_stop_words = 4;

error bad(const std::string& what) {
    return error(errc::invalid_input, what);
}

result<void> read_number(json_view body, const char* key, double low, double high,
                         std::optional<double>& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    const auto number = value.number();
    if (!number) return bad(std::string("`") + key + "` must be a number.");
    if (!(*number >= low && *number <= high)) {
        return bad(std::string("`") + key + "` must be between " + json(low).dump() + " and " +
                   json(high).dump() + ".");
    }
    out = number;
    return {};
}

result<void> read_positive(json_view body, const char* key, std::optional<std::int64_t>& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    out = value.integer();
    if (!out || *out < 1) return bad(std::string("`") + key + "` must be a positive integer.");
    return {};
}

result<void> read_stop(json_view body, std::vector<std::string>& out) {
    const auto value = body["stop"];
    if (!value.has_value()) return {};
    auto words = value.elements();
    if (value.is_string()) words = {value};
    const bool list = value.is_string() || value.is_array();
    if (!list || words.size() > max_stop_words || !std::ranges::all_of(words, &json_view::is_string)) {
        return bad("`stop` must be a string or up to 4 strings.");
    }
    for (const auto word : words) out.emplace_back(word.text());
    return {};
}

result<void> read_sampling(json_view body, openai_request& out) {
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
        if (!number || *number != std::floor(*number)) return bad("`seed` must be an integer.");
    }
    if (const auto n = body["n"]; n.has_value() && n.number() != 1) {
        return bad("`n` must be 1: an agent gives one answer.");
    }
    return read_stop(body, s.stop);
}

// "data:image/png;base64,…"
result<image_part> read_image(json_view part) {
    const auto image = part["image_url"];
    const auto url = image.is_string() ? image.text() : image["url"].text();
    constexpr std::string_view marker = ";base64,";
    const auto at = url.find(marker);
    if (!url.starts_with("data:image/") || at == std::string_view::npos) {
        return bad("An `image_url` must be a data: URL with base64 content.");
    }
    return image_part{std::string(url.substr(5, at - 5)), std::string(url.substr(at + marker.size()))};
}

struct content {
    std::string text;
    std::vector<image_part> images;
};

result<content> read_content(json_view message) {
    content c;
    const auto value = message["content"];
    if (!value.has_value()) return c;
    if (value.is_string()) {
        c.text = value.text();
        return c;
    }
    if (!value.is_array()) return bad("A message's `content` must be a string or a list of parts.");
    for (const auto part : value.elements()) {
        const auto type = part["type"].text();
        if (type == "text" || type == "input_text" || type == "refusal") {
            if (!c.text.empty()) c.text += '\n';
            c.text += part[type == "refusal" ? "refusal" : "text"].text();
        } else if (type == "image_url") {
            auto image = read_image(part);
            if (!image) return image.error();
            c.images.push_back(std::move(*image));
        } else {
            return bad("A content part of type `" + std::string(type.substr(0, 64)) +
                       "` is not understood.");
        }
    }
    return c;
}

result<void> read_messages(json_view list, openai_request& out) {
    const auto messages = list.elements();
    std::size_t last_user = messages.size();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i]["role"].text() == "user") last_user = i;
    }
    if (last_user == messages.size()) return bad("Missing user message in `messages`.");
    for (std::size_t i = 0; i <= last_user; ++i) {
        const auto role_name = messages[i]["role"].text();
        auto c = read_content(messages[i]);
        if (!c) return c.error();
        if (role_name == "system" || role_name == "developer") {
            if (!out.system.empty()) out.system += "\n\n";
            out.system += c->text;
        } else if (role_name == "user" && i == last_user) {
            out.text = std::move(c->text);
            out.images = std::move(c->images);
        } else if (role_name == "user") {
            auto row = user_message(std::move(c->text));
            for (auto& image : c->images) row.parts.emplace_back(std::move(image));
            out.context.push_back(std::move(row));
        } else if (role_name == "assistant") {
            if (!c->text.empty()) out.context.push_back(assistant_message(std::move(c->text)));
        } else if (role_name != "tool" && role_name != "function") {
            return bad("A message's `role` must be system, developer, user, assistant or tool.");
        }
    }
    if (out.images.size() > max_images) return bad("At most 8 images in one message.");
    if (out.text.empty() && out.images.empty()) return bad("The last user message is empty.");
    return {};
}

}  // namespace

result<openai_request> parse_openai_request(json_view body) {
    if (!body.is_object()) return bad("The body must be a JSON object.");
    openai_request out;
    out.model = body["model"].text();
    if (out.model.empty()) return bad("`model` is missing.");
    if (const auto stream = body["stream"]; stream.has_value()) {
        const auto yes = stream.boolean();
        if (!yes) return bad("`stream` must be true or false.");
        out.stream = *yes;
    }
    if (const auto options = body["stream_options"]; options.has_value()) {
        if (!options.is_object()) return bad("`stream_options` must be an object.");
        out.include_usage = options["include_usage"].boolean().value_or(false);
    }
    if (const auto user = body["user"]; user.has_value()) {
        if (!user.is_string()) return bad("`user` must be a string.");
        out.user = user.text();
    }
    if (!body["tools"].elements().empty()) {
        return bad("`tools` of the client are not in effect in this version.");
    }
    if (auto r = read_sampling(body, out); !r) return r.error();
    const auto messages = body["messages"];
    if (!messages.is_array()) return bad("`messages` must be a list.");
    if (auto r = read_messages(messages, out); !r) return r.error();
    return out;
}

std::optional<std::string> agent_of_model(std::string_view model) {
    if (model == "openclaw" || model == "openclaw/default") return std::string();
    for (const std::string_view prefix : {"openclaw/", "openclaw:", "agent:"}) {
        if (model.starts_with(prefix) && model.size() > prefix.size()) {
            return std::string(model.substr(prefix.size()));
        }
    }
    return std::nullopt;
}

}  // namespace openclaw::ingress
