#include "agents/openai_stream.hpp"

#include "agents/api_error.hpp"
#include "openclaw/core/encoding.hpp"

#include <algorithm>

namespace openclaw::agents {

namespace {

// More calls in one answer are a server gone wild.
constexpr std::size_t max_calls = 128;

const std::string* text_of(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

std::string_view view_of(const json& object, std::string_view key) {
    const auto* text = text_of(object, key);
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

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

bool is_absent(const json& object, std::string_view key) {
    const auto* value = find(object, key);
    return value == nullptr || value->is_null();
}

// The text of a chunk that brings text and nothing else; empty for any other.
std::string_view only_text_of(const json& chunk) {
    const auto* choices = find(chunk, "choices");
    if (choices == nullptr || choices->size() != 1 || !is_absent(chunk, "usage")) return {};
    const auto& choice = choices->front();
    const auto* delta = find(choice, "delta");
    if (delta == nullptr || !delta->is_object() || !is_absent(choice, "finish_reason") ||
        find_int(choice, "index").value_or(0) != 0) {
        return {};
    }
    for (const auto& [name, value] : delta->items()) {
        if (name != "content" && name != "role" && !value.is_null()) return {};
    }
    return view_of(*delta, "content");
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
    text_ += data;
    observer.on_text(data);
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
    const auto chunk = parse_json(data);
    if (!chunk) return error(errc::protocol, "a piece of the answer is " + chunk.error().message);
    if (const auto* problem = find(*chunk, "error"); problem != nullptr && !problem->is_null()) {
        return classify_in_band(*chunk);
    }
    if (const auto* usage = find(*chunk, "usage")) take_usage(*usage);
    const auto* choices = find(*chunk, "choices");
    if (choices == nullptr || !choices->is_array()) return {};
    for (const auto& choice : *choices) {
        if (find_int(choice, "index").value_or(0) != 0) continue;
        if (auto taken = take_choice(choice, observer); !taken) return taken;
    }
    if (const auto text = only_text_of(*chunk); !text.empty()) learn(data, text);
    return {};
}

result<void> openai_stream::take_choice(const json& choice, completion_observer& observer) {
    started_ = true;
    const auto* delta = find(choice, "delta");
    if (delta == nullptr || delta->is_null()) delta = find(choice, "message");
    if (delta != nullptr) {
        auto thought = view_of(*delta, "reasoning_content");
        if (thought.empty()) thought = view_of(*delta, "reasoning");
        if (!thought.empty()) {
            thinking_ += thought;
            observer.on_thinking(thought);
        }
        if (const auto* content = find(*delta, "content")) take_content(*content, observer);
        if (const auto refusal = view_of(*delta, "refusal"); !refusal.empty()) {
            refusal_ = true;
            text_ += refusal;
            observer.on_text(refusal);
        }
        if (const auto* calls = find(*delta, "tool_calls"); calls != nullptr && calls->is_array()) {
            for (const auto& piece : *calls) {
                if (auto taken = take_call(piece); !taken) return taken;
            }
        }
        // The form before tools: one call, without an id.
        if (const auto* call = find(*delta, "function_call"); call != nullptr && call->is_object()) {
            if (auto taken = take_call({{"index", 0}, {"function", *call}}); !taken) return taken;
        }
    }
    if (const auto* reason = text_of(choice, "finish_reason")) finish_reason_ = *reason;
    return {};
}

void openai_stream::take_content(const json& content, completion_observer& observer) {
    if (const auto* text = content.get_ptr<const std::string*>()) {
        if (text->empty()) return;
        text_ += *text;
        observer.on_text(*text);
    } else if (content.is_array()) {
        for (const auto& part : content) {
            const auto text_in_part = view_of(part, "text");
            if (text_in_part.empty()) continue;
            text_ += text_in_part;
            observer.on_text(text_in_part);
        }
    }
}

result<void> openai_stream::take_call(const json& piece) {
    static const json nothing = json::object();
    const auto* function = find(piece, "function");
    if (function == nullptr) function = &nothing;
    const auto id = view_of(piece, "id");
    const auto name = view_of(*function, "name");
    const auto index = find_int(piece, "index");
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
    if (const auto* arguments = find(*function, "arguments")) {
        if (const auto* text = arguments->get_ptr<const std::string*>()) slot->call.arguments += *text;
        else if (arguments->is_object()) slot->call.arguments = dump(*arguments);
    }
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

void openai_stream::take_usage(const json& usage) {
    if (!usage.is_object()) return;
    const auto prompt = find_int(usage, "prompt_tokens").value_or(0);
    std::int64_t cached = 0;
    if (const auto* details = find(usage, "prompt_tokens_details")) {
        cached = find_int(*details, "cached_tokens").value_or(0);
    }
    usage_.input = std::max<std::int64_t>(prompt - cached, 0);
    usage_.cache_read = cached;
    usage_.output = find_int(usage, "completion_tokens").value_or(0);
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
    complete_ids();
    chat_message row;
    if (!thinking_.empty()) row.parts.push_back(thinking_part{std::move(thinking_), {}});
    if (!text_.empty()) row.parts.push_back(text_part{std::move(text_)});
    for (auto& slot : calls_) row.parts.push_back(std::move(slot.call));
    row.usage = usage_;
    return conclude(std::move(row), refusal_ ? stop_cause::refused : cause_of(finish_reason_));
}

}  // namespace openclaw::agents
