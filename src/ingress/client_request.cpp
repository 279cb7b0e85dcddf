#include "ingress/client_request.hpp"

#include "openclaw/agents/relay.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json_member.hpp"

#include <algorithm>
#include <utility>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_images = 8;
constexpr std::size_t max_tools = 128;
constexpr std::size_t max_tool_name = 128;

std::string in_ticks(std::string_view name) {
    return "`" + printable(name, 128) + "`";
}

bool is_tool_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= max_tool_name && std::ranges::all_of(name, fits);
}

void add_paragraph(std::string& out, std::string text) {
    if (out.empty()) out = std::move(text);
    else out += "\n\n" + text;
}

bool is_tool_row(const chat_message& row) {
    return row.role == role::tool;
}

// In the order of its members, which a json does not keep.
void write_in_order(std::string& out, json_view value) {
    if (value.is_object()) {
        char before = '{';
        for (const auto& [key, member] : value.members()) {
            out += std::exchange(before, ',');
            append_quoted(out, key);
            out += ':';
            write_in_order(out, member);
        }
        out += before == '{' ? "{}" : "}";
    } else if (value.is_array()) {
        char before = '[';
        for (const auto element : value.elements()) {
            out += std::exchange(before, ',');
            write_in_order(out, element);
        }
        out += before == '[' ? "[]" : "]";
    } else {
        out += dump(value.copy());
    }
}

json_schema schema_of(json_view parameters) {
    json value = parameters.has_value() ? parameters.copy() : json{{"properties", json::object()}};
    std::string text;
    if (parameters.has_value()) write_in_order(text, parameters);
    else text = dump(value);
    if (!value.contains("type")) {
        text.insert(1, value.empty() ? R"("type":"object")" : R"("type":"object",)");
        value["type"] = "object";
    }
    return {std::move(value), std::move(text)};
}

}  // namespace

error bad_request(std::string what) {
    return error(errc::invalid_input, std::move(what));
}

result<void> read_text(json_view body, const char* key, std::string& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    if (!value.is_string()) return bad_request(std::string("`") + key + "` must be a string.");
    out = value.text();
    return {};
}

result<void> read_flag(json_view body, const char* key, bool& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    const auto yes = value.boolean();
    if (!yes) return bad_request(std::string("`") + key + "` must be true or false.");
    out = *yes;
    return {};
}

result<void> read_number(json_view body, const char* key, double low, double high,
                         std::optional<double>& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    const auto number = value.number();
    if (!number) return bad_request(std::string("`") + key + "` must be a number.");
    if (!(*number >= low && *number <= high)) {
        return bad_request(std::string("`") + key + "` must be between " + json(low).dump() +
                           " and " + json(high).dump() + ".");
    }
    out = number;
    return {};
}

result<void> read_positive(json_view body, const char* key, std::optional<std::int64_t>& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    out = value.integer();
    if (!out || *out < 1) {
        return bad_request(std::string("`") + key + "` must be a positive integer.");
    }
    return {};
}

result<void> read_words(json_view body, const char* key, std::size_t most, std::vector<std::string>& out) {
    const auto value = body[key];
    if (!value.has_value()) return {};
    auto words = value.elements();
    if (value.is_string()) words = {value};
    const bool list = value.is_string() || value.is_array();
    if (!list || words.size() > most ||
        !std::ranges::all_of(words, &json_view::is_string)) {
        return bad_request(std::string("`") + key + "` must be a string or up to " +
                           std::to_string(most) + " strings.");
    }
    for (const auto word : words) out.emplace_back(word.text());
    return {};
}

result<image_part> read_data_url(std::string_view url, std::string_view what) {
    constexpr std::string_view marker = ";base64,";
    const auto at = url.find(marker);
    if (!url.starts_with("data:image/") || at == std::string_view::npos) {
        return bad_request("An `" + std::string(what) + "` must be a data: URL with base64 content.");
    }
    return image_part{std::string(url.substr(5, at - 5)), std::string(url.substr(at + marker.size()))};
}

void message_content::add(std::string_view more) {
    if (!text.empty()) text += '\n';
    text += more;
}

void conversation::instruct(std::string text) {
    add_paragraph(system_, std::move(text));
}

void conversation::user(message_content c) {
    auto& row = rows_.emplace_back();
    row.role = role::user;
    row.parts.reserve(1 + c.images.size());
    row.parts.emplace_back(text_part{std::move(c.text)});
    for (auto& image : c.images) row.parts.emplace_back(std::move(image));
}

void conversation::assistant(std::string text) {
    if (!text.empty()) rows_.push_back(assistant_message(std::move(text)));
}

void conversation::call(tool_call c) {
    if (rows_.empty() || rows_.back().role != role::assistant) {
        rows_.emplace_back().role = role::assistant;
    }
    rows_.back().parts.emplace_back(std::move(c));
}

void conversation::result_of(tool_result r) {
    for (auto row = rows_.rbegin(); row != rows_.rend() && r.name.empty(); ++row) {
        for (const auto& part : row->parts) {
            const auto* made = std::get_if<tool_call>(&part);
            if (made != nullptr && made->id == r.call_id) r.name = made->name;
        }
    }
    auto& row = rows_.emplace_back();
    row.role = role::tool;
    row.parts.emplace_back(std::move(r));
}

// All of them are new where the gateway knows what came before.
void conversation::join_questions() {
    while (rows_.size() > 1 && rows_.back().role == role::user &&
           rows_[rows_.size() - 2].role == role::user) {
        auto& first = rows_[rows_.size() - 2].parts;
        auto& second = rows_.back().parts;
        first.insert(first.end(), std::make_move_iterator(second.begin()),
                     std::make_move_iterator(second.end()));
        rows_.pop_back();
    }
}

result<void> conversation::divide(client_request& out, std::string_view field) && {
    while (!rows_.empty() && rows_.back().role == role::assistant) {
        if (rows_.back().has_tool_calls()) {
            return bad_request("The last calls of tools in " + in_ticks(field) + " have no results.");
        }
        rows_.pop_back();
    }
    if (rows_.empty()) return bad_request("Missing user message in " + in_ticks(field) + ".");
    const bool asks = rows_.back().role == role::user;
    if (!out.previous_response.empty()) join_questions();
    if (asks) {
        for (auto& part : rows_.back().parts) {
            if (auto* text = std::get_if<text_part>(&part)) add_paragraph(out.text, std::move(text->text));
            if (auto* image = std::get_if<image_part>(&part)) out.images.push_back(std::move(*image));
        }
        rows_.pop_back();
    }
    const auto last = std::find_if_not(rows_.rbegin(), rows_.rend(), is_tool_row).base();
    for (auto row = last; row != rows_.end(); ++row) {
        out.results.push_back(std::move(std::get<tool_result>(row->parts.front())));
    }
    rows_.erase(last, rows_.end());
    if (out.images.size() > max_images) return bad_request("At most 8 images in one message.");
    if (asks && out.text.empty() && out.images.empty()) {
        return bad_request("The last user message is empty.");
    }
    out.context = std::move(rows_);
    out.system = std::move(system_);
    return {};
}

result<void> tool_list::add(std::string_view name, std::string_view description,
                            json_view parameters) {
    auto& offered = tools_.offered;
    if (!is_tool_name(name)) {
        return bad_request("The name of a tool in `tools` must be 1 to 128 letters, digits, `_` or "
                           "`-`; found " + in_ticks(name) + ".");
    }
    if (offered.size() == max_tools) return bad_request("At most 128 `tools`.");
    if (std::ranges::any_of(offered, [&](const auto& t) { return t.name == name; })) {
        return bad_request("The tool " + in_ticks(name) + " stands in `tools` twice.");
    }
    if (parameters.has_value() && !parameters.is_object()) {
        return bad_request("The schema of the tool " + in_ticks(name) + " must be an object.");
    }
    offered.push_back({std::string(name), std::string(description), schema_of(parameters)});
    return {};
}

result<std::shared_ptr<const client_tools>> tool_list::finish(tool_choice choice) && {
    using kind = tool_choice::kind;
    tools_.choice = std::move(choice);
    if (tools_.choice.what == kind::any && tools_.offered.empty()) {
        return bad_request("`tool_choice` asks for a call, and `tools` has none to call.");
    }
    if (tools_.choice.what == kind::named && !tools_.has(tools_.choice.name)) {
        return bad_request("`tool_choice` names " + in_ticks(tools_.choice.name) +
                           ", which is not in `tools`.");
    }
    if (tools_.offered.empty()) return std::shared_ptr<const client_tools>();
    return std::make_shared<const client_tools>(std::move(tools_));
}

// What is passed on is only looked through: as a document it would take several times its size.
result<api_body> read_body(std::string_view text, result<client_request> (*parse)(json_view body)) {
    const auto named = find_member(text, "model", agents::max_relayed_depth);
    if (!named) return named.error();
    const auto model = *named ? parse_json(**named) : json();
    std::string name = model && model->is_string() ? model->get<std::string>() : std::string();
    if (!agent_of_model(name)) return api_body{std::move(name), bad_request("No agent's model.")};
    const auto document = json_document::parse(text);
    if (!document) return document.error();
    return api_body{std::move(name), parse(document->root())};
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
