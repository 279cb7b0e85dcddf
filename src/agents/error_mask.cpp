#include "agents/error_mask.hpp"

#include "agents/api_error.hpp"
#include "openclaw/core/json_view.hpp"

#include <algorithm>
#include <array>

namespace openclaw::agents {

namespace {

constexpr std::size_t max_event = 16 << 20;  // bytes

// Whether it is worth a closer look. A text of the model that holds the word has it in other quotes.
bool may_tell_error(std::string_view text) {
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    return has("\"error\"") || has("event: error") || has("event:error");
}

bool tells_error(json_view body) {
    return body["error"].has_value() || body["type"].text() == "error" ||
           body["response"]["error"].has_value();
}

constexpr std::array<std::string_view, 3> blank_lines{"\n\n", "\r\n\r\n", "\r\r"};

// Behind the last blank line of `text` that ends behind `from`; 0: there is none.
std::size_t end_of_events(std::string_view text, std::size_t from) {
    const auto skipped = from - std::min<std::size_t>(from, 3);
    text.remove_prefix(skipped);
    std::size_t end = 0;
    for (const auto blank : blank_lines) {
        const auto at = text.rfind(blank);
        if (at != std::string_view::npos) end = std::max(end, skipped + at + blank.size());
    }
    return end;
}

// Cuts off the first event of `text`, with its blank line.
std::string_view take_event(std::string_view& text) {
    auto end = text.size();
    for (const auto blank : blank_lines) {
        const auto at = text.find(blank);
        if (at != std::string_view::npos) end = std::min(end, at + blank.size());
    }
    const auto event = text.substr(0, end);
    text.remove_prefix(end);
    return event;
}

// Cuts off the first line of `text`, with its end.
std::string_view take_line(std::string_view& text) {
    const auto at = text.find_first_of("\r\n");
    const auto end = at == std::string_view::npos ? text.size() : at + 1;
    const auto line = text.substr(0, end);
    text.remove_prefix(end);
    return line;
}

// The event in `text` as a client may see it. Its data may come in several lines.
std::string shown_event(std::string_view text, const config::provider_settings& settings) {
    constexpr std::string_view field = "data:";
    std::string data, rest;
    for (auto left = text; !left.empty();) {
        const auto line = take_line(left);
        if (line.starts_with(field)) data += line.substr(field.size());
        else rest += line;
    }
    const auto document = json_document::parse(data);
    if (!document) return shown_body(std::string(text), settings);
    if (!tells_error(document->root())) return std::string(text);
    auto shown = shown_body(data, settings);
    if (shown == data) return std::string(text);
    // The name comes first again, and a blank line ends it.
    std::erase(rest, '\r');
    while (rest.ends_with('\n')) rest.pop_back();
    if (!rest.empty()) rest = shown_body(std::move(rest), settings) + "\n";
    return rest + std::string(field) + " " + shown + "\n\n";
}

}  // namespace

std::string shown_document(std::string body, const config::provider_settings& settings) {
    if (!may_tell_error(body)) return body;
    const auto document = json_document::parse(body);
    if (document && !tells_error(document->root())) return body;
    return shown_body(std::move(body), settings);
}

result<std::string_view> error_mask::take(std::string_view bytes, bool last) {
    const bool whole = held_.empty() && (last || end_of_events(bytes, 0) == bytes.size());
    if (whole && !may_tell_error(bytes)) return bytes;
    const auto seen = held_.size();
    held_ += bytes;
    const auto end = last ? held_.size() : end_of_events(held_, seen);
    if (held_.size() - end > max_event) {
        return error(errc::too_large, "an event of the provider's stream is larger than 16 MiB");
    }
    out_.clear();
    for (auto left = std::string_view(held_).substr(0, end); !left.empty();) {
        const auto event = take_event(left);
        if (may_tell_error(event)) out_ += shown_event(event, settings_);
        else out_ += event;
    }
    held_.erase(0, end);
    return std::string_view(out_);
}

}  // namespace openclaw::agents
