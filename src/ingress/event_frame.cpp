#include "ingress/event_frame.hpp"

#include "openclaw/core/encoding.hpp"
#include "ingress/frames.hpp"

#include <charconv>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_joined = 64 << 10;      // bytes of one frame that was joined
constexpr std::size_t cursor_hash = 16;           // hexadecimal digits
constexpr std::string_view text_end = "\"}";

void append_member(std::string& out, std::string_view name, std::string_view value) {
    append_quoted(out, name);
    out += ':';
    append_quoted(out, value);
    out += ',';
}

}  // namespace

event_frame_ptr make_event(std::string_view name, const json& payload, bool droppable) {
    auto frame = std::make_shared<event_frame>();
    frame->name = name;
    frame->body = event_body(name, payload);
    frame->droppable = droppable;
    return frame;
}

event_frame_ptr make_delta(const turn_event& e) {
    auto frame = std::make_shared<event_frame>();
    frame->name = "chat";
    frame->droppable = true;
    frame->run = e.run->run_id;
    auto& out = frame->body;
    out = R"({"type":"event","event":"chat","payload":{)";
    append_member(out, "runId", e.run->run_id);
    append_member(out, "sessionKey", e.run->session);
    append_member(out, "agentId", e.run->agent);
    out += R"("seq":)" + std::to_string(e.seq) + R"(,"state":"delta","deltaText":)";
    frame->text_at = out.size() + 1;
    append_quoted(out, e.text);
    out += '}';
    return frame;
}

event_frame_ptr join_deltas(const event_frame& first, const event_frame& second) {
    if (first.text_at == 0 || second.text_at == 0 || first.run != second.run) return nullptr;
    const auto more = std::string_view(second.body).substr(second.text_at);
    if (first.body.size() + more.size() > max_joined) return nullptr;
    auto frame = std::make_shared<event_frame>(first);
    frame->body.resize(frame->body.size() - text_end.size());
    frame->body += more;
    return frame;
}

std::string cursor_of(const chat_message& row) {
    return std::to_string(row.seq) + "-" + to_hex(sha256(row.id)).substr(0, cursor_hash);
}

std::optional<std::int64_t> place_of_cursor(std::string_view cursor) {
    std::int64_t place = 0;
    const auto* end = cursor.data() + cursor.size();
    const auto [at, failure] = std::from_chars(cursor.data(), end, place);
    const bool whole = cursor == "0" || (at != end && *at == '-' && place > 0);
    if (failure != std::errc() || !whole) return std::nullopt;
    return place;
}

}  // namespace openclaw::ingress
