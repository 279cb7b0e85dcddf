#include "agents/openai_stream.hpp"

#include "agents/api_error.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

// More calls in one answer are a server gone wild.
constexpr std::size_t max_calls = 128;

stop_cause cause_of(std::string_view reason) {
    if (reason == "length" || reason == "max_tokens") return stop_cause::length;
    if (reason == "content_filter") return stop_cause::refused;
    return stop_cause::stop;
}

// What stands between the quotes of a JSON string that needs no unescaping.
bool is_plain(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) {
        return c < 0x20 || c == '"' || c == '\\';
    }) && is_utf8(text);
}

// The text of a chunk that brings text and nothing else; empty for any other.
std::string_view only_text_of(json_view chunk) {
    const auto [list, usage] = chunk.members_named("choices", "usage");
    const auto choices = list.elements();
    if (choices.size() != 1 || usage.has_value()) return {};
    const auto [end, index, delta] = choices.front().members_named("finish_reason", "index", "delta");
    if (end.has_value() || index.integer().value_or(0) != 0) return {};
    std::string_view text;
    for (const auto& [name, value] : delta.members()) {
        if (name == "content") text = value.text();
        else if (name != "role" && !value.is_null()) return {};
    }
    return text;
}

}  // namespace

bool openai_stream::take_like_the_last(std::string_view data, completion_observer& observer) {
    if (before_.empty() || data.size() <= before_.size() + after_.size() ||
        !data.starts_with(before_) || !data.ends_with(after_)) {
        return false;
    }
    data.remove_prefix(before_.size());
    data.remove_suffix(after_.size());
    if (!is_plain(data)) return false;
    take_text(data, observer);
    return true;
}

// `data` is a document that brought `text` and nothing else, so another text in its place makes
// another such document. The quote before the name opens it: a string that ended there could not be
// followed by a letter.
void openai_stream::learn(std::string_view data, std::string_view text) {
    static constexpr std::string_view name = R"("content":")";
    const auto at = data.find(name);
    if (at == std::string_view::npos || at == 0 || (data[at - 1] != '{' && data[at - 1] != ',')) return;
    if (data.find(name, at + 1) != std::string_view::npos || !is_plain(text)) return;
    const auto begin = at + name.size();
    const auto end = begin + text.size();
    if (!data.substr(begin).starts_with(text) || data.substr(end, 1) != "\"") return;
    before_ = data.substr(0, begin);
    after_ = data.substr(end);
}

result<void> openai_stream::take(std::string_view data, completion_observer& observer) {
    if (done_ || data.empty()) return {};
    if (data == "[DONE]") {
        done_ = true;
        return {};
    }
    if (take_like_the_last(data, observer)) return {};
    const auto document = json_document::parse(data);
    if (!document) return error(errc::protocol, "a piece of the answer is " + document.error().message);
    const auto chunk = document->root();
    const auto [failure, usage, choices] = chunk.members_named("error", "usage", "choices");
    if (failure.has_value()) return classify_in_band(chunk.copy());
    take_usage(usage);
    for (const auto choice : choices.elements()) {
        if (choice["index"].integer().value_or(0) != 0) continue;
        if (auto taken = take_choice(choice, observer); !taken) return taken;
    }
    if (const auto text = only_text_of(chunk); !text.empty()) learn(data, text);
    return {};
}

result<void> openai_stream::take_choice(json_view choice, completion_observer& observer) {
    started_ = true;
    // The last one is vLLM's: the sequence at which it stopped.
    const auto [streamed, whole, reason, sequence] =
        choice.members_named("delta", "message", "finish_reason", "stop_reason");
    const auto delta = streamed.has_value() ? streamed : whole;
    const auto [content, thought, thought_too, refusal, calls, only_call] = delta.members_named(
        "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call");
    take_thought(thought.text().empty() ? thought_too.text() : thought.text(), observer);
    take_content(content, observer);
    if (!refusal.text().empty()) {
        refusal_ = true;
        take_text(refusal.text(), observer);
    }
    for (const auto piece : calls.elements()) {
        auto taken = take_call(piece["index"].integer(), piece["id"].text(), piece["function"]);
        if (!taken) return taken;
    }
    // The form before tools: one call, without an id.
    if (only_call.is_object()) {
        if (auto taken = take_call(0, {}, only_call); !taken) return taken;
    }
    if (reason.is_string()) finish_reason_ = reason.text();
    if (sequence.is_string()) stop_sequence_ = sequence.text();
    return {};
}

void openai_stream::take_thought(std::string_view thought, completion_observer& observer) {
    if (thought.empty()) return;
    count(thought);
    thinking_ += thought;
    observer.on_thinking(thought);
}

void openai_stream::take_text(std::string_view text, completion_observer& observer) {
    if (text.empty()) return;
    count(text);
    text_ += text;
    observer.on_text(text);
}

void openai_stream::take_content(json_view content, completion_observer& observer) {
    take_text(content.text(), observer);
    for (const auto part : content.elements()) take_text(part["text"].text(), observer);
}

result<void> openai_stream::take_call(std::optional<std::int64_t> index, std::string_view id,
                                      json_view function) {
    const auto name = function["name"].text();
    auto* slot = find_slot(index, id, name);
    if (slot == nullptr) {
        if (calls_.size() >= max_calls) {
            return error(errc::protocol, "the answer calls more than 128 tools at once");
        }
        slot = &calls_.emplace_back();
        slot->index = index;
    }
    if (slot->call.id.empty()) slot->call.id = id;
    if (slot->call.name.empty()) slot->call.name = name;
    const auto arguments = function["arguments"];
    count(arguments.text());
    if (arguments.is_object()) slot->call.arguments = dump(arguments.copy());
    else slot->call.arguments += arguments.text();
    return {};
}

// The call that a piece belongs to; null when it begins a new one. Some servers count every call
// as 0, so another id together with a name means another call even under a known index.
openai_stream::call_slot* openai_stream::find_slot(std::optional<std::int64_t> index,
                                                   std::string_view id, std::string_view name) {
    const auto begins = [&](const call_slot& s) {
        return !name.empty() && !id.empty() && !s.call.id.empty() && s.call.id != id;
    };
    if (index) {
        const auto at = std::find_if(calls_.rbegin(), calls_.rend(),
                                     [&](const call_slot& s) { return s.index == index; });
        return at == calls_.rend() || begins(*at) ? nullptr : &*at;
    }
    if (!id.empty()) {
        const auto at = std::find_if(calls_.rbegin(), calls_.rend(),
                                     [&](const call_slot& s) { return s.call.id == id; });
        return at == calls_.rend() ? nullptr : &*at;
    }
    if (calls_.empty() || !name.empty()) return nullptr;
    return &calls_.back();
}

void openai_stream::take_usage(json_view usage) {
    if (!usage.is_object()) return;
    const auto [input, details, output] =
        usage.members_named("prompt_tokens", "prompt_tokens_details", "completion_tokens");
    const auto cached = details["cached_tokens"].integer().value_or(0);
    usage_.input = std::max<std::int64_t>(input.integer().value_or(0) - cached, 0);
    usage_.cache_read = cached;
    usage_.output = output.integer().value_or(0);
}

// Results are told apart by these ids, so each call needs one of its own.
void openai_stream::complete_ids() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        auto& id = calls_[i].call.id;
        const bool taken = std::any_of(calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&](const call_slot& s) { return s.call.id == id; });
        if (id.empty() || taken) id = "call_" + make_hex_token(random_, 12);
    }
}

result<completion> openai_stream::finish() {
    if (!answered() || !started_) return truncated_stream();
    auto whole = conclude_with(refusal_ ? stop_cause::refused : cause_of(finish_reason_));
    if (whole) whole->stop_sequence = std::move(stop_sequence_);
    return whole;
}

result<completion> openai_stream::conclude_with(stop_cause cause) {
    complete_ids();
    chat_message row;
    if (!thinking_.empty()) row.parts.push_back(thinking_part{std::move(thinking_), {}});
    if (!text_.empty()) row.parts.push_back(text_part{std::move(text_)});
    for (auto& slot : calls_) row.parts.push_back(std::move(slot.call));
    row.usage = usage_;
    return conclude(std::move(row), cause);
}

}  // namespace openclaw::agents
