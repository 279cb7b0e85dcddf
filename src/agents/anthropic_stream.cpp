#include "agents/anthropic_stream.hpp"

#include "agents/api_error.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

constexpr std::size_t max_blocks = 1024;

stop_cause cause_of(std::string_view reason) {
    if (reason == "max_tokens") return stop_cause::length;
    if (reason == "refusal") return stop_cause::refused;
    if (reason == "model_context_window_exceeded") return stop_cause::window_exceeded;
    return stop_cause::stop;
}

// An empty block of the kind that the service announces; nothing for a kind that is not known.
std::optional<message_part> part_for(json_view content) {
    const auto type = content["type"].text();
    if (type == "text") return text_part{};
    if (type == "thinking") return thinking_part{{}, std::string(content["signature"].text())};
    if (type == "redacted_thinking") {
        return thinking_part{{}, std::string(redacted_prefix) + std::string(content["data"].text())};
    }
    if (type == "tool_use") {
        tool_call call{std::string(content["id"].text()), std::string(content["name"].text()), {}};
        const auto input = content["input"];
        if (!input.members().empty()) call.arguments = dump(input.copy());
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
    const auto document = json_document::parse(data);
    if (!document) return error(errc::protocol, "a piece of the answer is " + document.error().message);
    const auto event = document->root();
    const auto type = event["type"].text();
    if (type == "content_block_delta") {
        take_delta(event, observer);
    } else if (type == "content_block_start") {
        if (blocks_.size() >= max_blocks) {
            return error(errc::protocol, "the answer has more than 1024 blocks");
        }
        start_block(event, observer);
    } else if (type == "message_start") {
        take_usage(event["message"]["usage"]);
    } else if (type == "message_delta") {
        const auto [reason, sequence] = event["delta"].members_named("stop_reason", "stop_sequence");
        if (!reason.text().empty()) stop_reason_ = reason.text();
        if (!sequence.text().empty()) stop_sequence_ = sequence.text();
        take_usage(event["usage"]);
    } else if (type == "message_stop") {
        done_ = true;
    } else if (type == "error" || !event["error"].is_absent()) {
        return classify_in_band(event.copy());
    }
    return {};
}

void anthropic_stream::start_block(json_view event, completion_observer& observer) {
    block b;
    b.index = event["index"].integer().value_or(static_cast<std::int64_t>(blocks_.size()));
    const auto content = event["content_block"];
    auto part = part_for(content);
    b.known = part.has_value();
    if (part) b.part = std::move(*part);
    auto& added = blocks_.emplace_back(std::move(b));
    if (added.known) {
        add_text(added, content["text"].text(), observer);
        if (auto* thought = std::get_if<thinking_part>(&added.part)) {
            thought->text = content["thinking"].text();
        }
    }
}

void anthropic_stream::take_delta(json_view event, completion_observer& observer) {
    auto* b = find_block(event["index"].integer().value_or(0));
    const auto delta = event["delta"];
    if (b == nullptr) return;
    const auto type = delta["type"].text();
    if (type == "text_delta") {
        add_text(*b, delta["text"].text(), observer);
    } else if (auto* call = std::get_if<tool_call>(&b->part)) {
        if (type != "input_json_delta") return;
        count(delta["partial_json"].text());
        call->arguments += delta["partial_json"].text();
    } else if (auto* thought = std::get_if<thinking_part>(&b->part)) {
        if (type == "thinking_delta") {
            const auto text = delta["thinking"].text();
            count(text);
            thought->text += text;
            if (!text.empty()) observer.on_thinking(text);
        } else if (type == "signature_delta") {
            thought->signature += delta["signature"].text();
        }
    }
}

void anthropic_stream::add_text(block& b, std::string_view text, completion_observer& observer) {
    auto* part = std::get_if<text_part>(&b.part);
    if (part == nullptr || !b.known || text.empty()) return;
    count(text);
    part->text += text;
    observer.on_text(text);
}

anthropic_stream::block* anthropic_stream::find_block(std::int64_t index) {
    const auto at = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                 [&](const block& b) { return b.index == index; });
    return at == blocks_.rend() ? nullptr : &*at;
}

// Figures are cumulative: a later one replaces an earlier one.
void anthropic_stream::take_usage(json_view usage) {
    const auto take = [&](std::string_view key, std::int64_t& into) {
        if (const auto n = usage[key].integer()) into = *n;
    };
    take("input_tokens", usage_.input);
    take("output_tokens", usage_.output);
    take("cache_read_input_tokens", usage_.cache_read);
    take("cache_creation_input_tokens", usage_.cache_write);
}

result<completion> anthropic_stream::finish() {
    if (!done_) return truncated_stream();
    auto whole = conclude_with(cause_of(stop_reason_));
    if (whole) whole->stop_sequence = std::move(stop_sequence_);
    return whole;
}

result<completion> anthropic_stream::conclude_with(stop_cause cause) {
    chat_message row;
    for (auto& b : blocks_) {
        if (b.known && !is_empty(b.part)) row.parts.push_back(std::move(b.part));
    }
    row.usage = usage_;
    return conclude(std::move(row), cause);
}

}  // namespace openclaw::agents
