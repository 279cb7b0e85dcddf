#include "ingress/openai_request.hpp"

#include <cmath>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_images = 8;
constexpr std::size_t max_stop_words = 4;

error bad(const std::string& what) {
    return error(errc::invalid_input, what);
}

result<void> read_number(const json& body, const char* key, double low, double high,
                         std::optional<double>& out) {
    const auto* value = find(body, key);
    if (value == nullptr || value->is_null()) return {};
    if (!value->is_number()) return bad(std::string("`") + key + "` must be a number.");
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
        return bad(std::string("`") + key + "` must be between " + json(low).dump() + " and " +
                   json(high).dump() + ".");
    }
    out = number;
    return {};
}

result<void> read_positive(const json& body, const char* key, std::optional<std::int64_t>& out) {
    const auto* value = find(body, key);
    if (value == nullptr || value->is_null()) return {};
    if (!value->is_number_integer() || value->get<std::int64_t>() < 1) {
        return bad(std::string("`") + key + "` must be a positive integer.");
    }
    out = value->get<std::int64_t>();
    return {};
}

result<void> read_stop(const json& body, std::vector<std::string>& out) {
    const auto* value = find(body, "stop");
    if (value == nullptr || value->is_null()) return {};
    const json list = value->is_string() ? json::array({*value}) : *value;
    if (!list.is_array() || list.size() > max_stop_words) {
        return bad("`stop` must be a string or up to 4 strings.");
    }
    for (const auto& word : list) {
        if (!word.is_string()) return bad("`stop` must be a string or up to 4 strings.");
        out.push_back(word.get<std::string>());
    }
    return {};
}

result<void> read_sampling(const json& body, openai_request& out) {
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
    if (const auto* seed = find(body, "seed");
        seed != nullptr && !seed->is_null() && !seed->is_number_integer()) {
        return bad("`seed` must be an integer.");
    }
    if (const auto* n = find(body, "n"); n != nullptr && !n->is_null() && *n != 1) {
        return bad("`n` must be 1: an agent gives one answer.");
    }
    return read_stop(body, s.stop);
}

// "data:image/png;base64,…"
result<image_part> read_image(const json& part) {
    const auto* image = find(part, "image_url");
    std::string url = image == nullptr ? "" : image->is_string() ? image->get<std::string>()
                                                                 : string_or(*image, "url");
    constexpr std::string_view marker = ";base64,";
    const auto at = url.find(marker);
    if (!url.starts_with("data:image/") || at == std::string::npos) {
        return bad("An `image_url` must be a data: URL with base64 content.");
    }
    return image_part{url.substr(5, at - 5), url.substr(at + marker.size())};
}

struct content {
    std::string text;
    std::vector<image_part> images;
};

result<content> read_content(const json& message) {
    content c;
    const auto* value = find(message, "content");
    if (value == nullptr || value->is_null()) return c;
    if (value->is_string()) {
        c.text = value->get<std::string>();
        return c;
    }
    if (!value->is_array()) return bad("A message's `content` must be a string or a list of parts.");
    for (const auto& part : *value) {
        const auto type = string_or(part, "type");
        if (type == "text" || type == "input_text" || type == "refusal") {
            if (!c.text.empty()) c.text += '\n';
            c.text += string_or(part, type == "refusal" ? "refusal" : "text");
        } else if (type == "image_url") {
            auto image = read_image(part);
            if (!image) return image.error();
            c.images.push_back(std::move(*image));
        } else {
            return bad("A content part of type `" + type.substr(0, 64) + "` is not understood.");
        }
    }
    return c;
}

result<void> read_messages(const json& messages, openai_request& out) {
    std::size_t last_user = messages.size();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (string_or(messages[i], "role") == "user") last_user = i;
    }
    if (last_user == messages.size()) return bad("Missing user message in `messages`.");
    for (std::size_t i = 0; i <= last_user; ++i) {
        const auto role_name = string_or(messages[i], "role");
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

result<openai_request> parse_openai_request(const json& body) {
    if (!body.is_object()) return bad("The body must be a JSON object.");
    openai_request out;
    out.model = string_or(body, "model");
    if (out.model.empty()) return bad("`model` is missing.");
    if (const auto* stream = find(body, "stream"); stream != nullptr && !stream->is_null()) {
        if (!stream->is_boolean()) return bad("`stream` must be true or false.");
        out.stream = stream->get<bool>();
    }
    if (const auto* options = find(body, "stream_options"); options != nullptr && !options->is_null()) {
        if (!options->is_object()) return bad("`stream_options` must be an object.");
        out.include_usage = find_bool(*options, "include_usage").value_or(false);
    }
    if (const auto* user = find(body, "user"); user != nullptr && !user->is_null()) {
        if (!user->is_string()) return bad("`user` must be a string.");
        out.user = user->get<std::string>();
    }
    if (const auto* tools = find(body, "tools");
        tools != nullptr && tools->is_array() && !tools->empty()) {
        return bad("`tools` of the client are not in effect in this version.");
    }
    if (auto r = read_sampling(body, out); !r) return r.error();
    const auto* messages = find(body, "messages");
    if (messages == nullptr || !messages->is_array()) return bad("`messages` must be a list.");
    if (auto r = read_messages(*messages, out); !r) return r.error();
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
