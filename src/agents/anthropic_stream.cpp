#include "agents/anthropic_stream.hpp"

#include "agents/api_error.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

constexpr std::size_t max_blocks = 1024;

std::string_view view_of(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

stop_cause cause_of(std::string_view reason) {
    if (reason == "max_tokens") return stop_cause::length;
    if (reason == "refusal") return stop_cause::refused;
    if (reason == "model_context_window_exceeded") return stop_cause::window_exceeded;
    return stop_cause::stop;
}

// An empty block of the kind that the service announces; nothing for a kind that is not known.
std::optional<message_part> part_for(const json& content) {
    const auto type = view_of(content, "type");
    if (type == "text") return text_part{};
    if (type == "thinking") return thinking_part{{}, std::string(view_of(content, "signature"))};
    if (type == "redacted_thinking") {
        return thinking_part{{}, std::string(redacted_prefix) + std::string(view_of(content, "data"))};
    }
    if (type == "tool_use") {
        tool_call call{std::string(view_of(content, "id")), std::string(view_of(content, "name")), {}};
        const auto* input = find(content, "input");
        if (input != nullptr && input->is_object() && !input->empty()) call.arguments = dump(*input);
        return call;
    }
    return std::nullopt;
}

bool is_empty(const message_part& part) {
    if (const auto* text = std::get_if<text_part>(&part)) return text->text.empty();
    if (const auto* thought = std::get_if<thinking_part>(&part)) {
        return thought->text.empty() && thought->signature.empty();
    }
    return false;
}

}  // namespace

result<void> anthropic_stream::take(std::string_view data, completion_observer& observer) {
    if (done_ || data.empty()) return {};
    const auto event = parse_json(data);
    if (!event) return error(errc::protocol, "a piece of the answer is " + event.error().message);
    const auto type = view_of(*event, "type");
    if (type == "content_block_delta") {
        take_delta(*event, observer);
    } else if (type == "content_block_start") {
        if (blocks_.size() >= max_blocks) {
            return error(errc::protocol, "the answer has more than 1024 blocks");
        }
        start_block(*event, observer);
    } else if (type == "message_start") {
        if (const auto* message = find(*event, "message")) {
            if (const auto* usage = find(*message, "usage")) take_usage(*usage);
        }
    } else if (type == "message_delta") {
        if (const auto* delta = find(*event, "delta")) {
            const auto reason = view_of(*delta, "stop_reason");
            if (!reason.empty()) stop_reason_ = reason;
        }
        if (const auto* usage = find(*event, "usage")) take_usage(*usage);
    } else if (type == "message_stop") {
        done_ = true;
    } else if (type == "error" || find(*event, "error") != nullptr) {
        return classify_in_band(*event);
    }
    return {};
}

void anthropic_stream::start_block(const json& event, completion_observer& observer) {
    block b;
    b.index = find_int(event, "index").value_or(static_cast<std::int64_t>(blocks_.size()));
    const auto* content = find(event, "content_block");
    auto part = content == nullptr ? std::nullopt : part_for(*content);
    b.known = part.has_value();
    if (part) b.part = std::move(*part);
    auto& added = blocks_.emplace_back(std::move(b));
    if (added.known && content != nullptr) {
        add_text(added, view_of(*content, "text"), observer);
        if (auto* thought = std::get_if<thinking_part>(&added.part)) {
            thought->text = view_of(*content, "thinking");
        }
    }
}

void anthropic_stream::take_delta(const json& event, completion_observer& observer) {
    auto* b = find_block(find_int(event, "index").value_or(0));
    const auto* delta = find(event, "delta");
    if (b == nullptr || delta == nullptr) return;
    const auto type = view_of(*delta, "type");
    if (type == "text_delta") {
        add_text(*b, view_of(*delta, "text"), observer);
    } else if (auto* call = std::get_if<tool_call>(&b->part)) {
        if (type == "input_json_delta") call->arguments += view_of(*delta, "partial_json");
    } else if (auto* thought = std::get_if<thinking_part>(&b->part)) {
        if (type == "thinking_delta") {
            const auto text = view_of(*delta, "thinking");
            thought->text += text;
            if (!text.empty()) observer.on_thinking(text);
        } else if (type == "signature_delta") {
            thought->signature += view_of(*delta, "signature");
        }
    }
}

void anthropic_stream::add_text(block& b, std::string_view text, completion_observer& observer) {
    auto* part = std::get_if<text_part>(&b.part);
    if (part == nullptr || !b.known || text.empty()) return;
    part->text += text;
    observer.on_text(text);
}

anthropic_stream::block* anthropic_stream::find_block(std::int64_t index) {
    const auto at = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                 [&](const block& b) { return b.index == index; });
    return at == blocks_.rend() ? nullptr : &*at;
}

// Figures are cumulative: a later one replaces an earlier one.
void anthropic_stream::take_usage(const json& usage) {
    const auto take = [&](std::string_view key, std::int64_t& into) {
        if (const auto n = find_int(usage, key)) into = *n;
    };
    take("input_tokens", usage_.input);
    take("output_tokens", usage_.output);
    take("cache_read_input_tokens", usage_.cache_read);
    take("cache_creation_input_tokens", usage_.cache_write);
}

result<completion> anthropic_stream::finish() {
    if (!done_) return truncated_stream();
    chat_message row;
    for (auto& b : blocks_) {
        if (b.known && !is_empty(b.part)) row.parts.push_back(std::move(b.part));
    }
    row.usage = usage_;
    return conclude(std::move(row), cause_of(stop_reason_));
}

}  // namespace openclaw::agents
