// GET /api/sessions/<key>/events: what happens in one session as server-sent events, the same
// frames that a WebSocket gets. A client that comes back with Last-Event-ID gets what it missed.

#include "ingress/errors.hpp"
#include "ingress/http_writer.hpp"
#include "ingress/missed.hpp"
#include "ingress/outbox.hpp"
#include "ingress/routes.hpp"
#include "ingress/session_json.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/promise.hpp"

#include <algorithm>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_buffered_events = 4 << 20;   // bytes that wait for one reader
constexpr std::size_t max_missed = 1000;               // rows; beyond, the client starts over

// Hears one session for one HTTP response. Any thread puts events in, the connection's coroutine
// takes them out; held by both.
class session_listener final : public subscriber {
public:
    explicit session_listener(std::string session) : session_(std::move(session)) {}

    bool hears(topic t, const std::string& session) const override {
        return t != topic::devices && session == session_;
    }
    bool hears_of(const std::string& session) const override { return session == session_; }
    void hear(const event_frame_ptr& event) override {
        const bool full = outbox_.push_event(event) == outbox::verdict::overflow;
        if (full || event->name == "shutdown") ended_ = true;
        news_.open();
    }
    void expel(const expelled&, const std::string&, const std::string&) override {}

    std::optional<outgoing> next() { return outbox_.pop(); }
    bool ended() const { return ended_; }
    void end() {
        ended_ = true;
        news_.open();
    }
    task<> wait() { return news_.wait(); }

private:
    const std::string session_;
    outbox outbox_{max_buffered_events};
    std::atomic<bool> ended_ = false;
    gate news_;
};

// In the hub as long as it lives.
struct listening {
    listening(event_hub& h, std::shared_ptr<session_listener> l) : hub(h), who(std::move(l)) {
        hub.add(who);
    }
    ~listening() { hub.remove(who); }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;

    event_hub& hub;
    const std::shared_ptr<session_listener> who;
};

void append_event(std::string& out, std::string_view name, std::string_view id,
                  std::string_view head, std::string_view tail) {
    out.append("event: ").append(name).append("\n");
    if (!id.empty()) out.append("id: ").append(id).append("\n");
    out.append("data: ").append(head).append(tail).append("\n\n");
}

// Where the stream begins, and what of it the client has been sent already.
struct beginning {
    std::string text;
    std::vector<std::string> replayed;   // cursors
    std::string question;                // the id of the message that has none
};

task<result<beginning>> begin(const http_call& call, session_key session, std::string last_seen) {
    auto& store = call.gateway.d.store;
    const auto name = session.str();
    beginning b;
    b.text = "retry: 1000\n\n";
    const open_question question(call.gateway.d.router, name);
    auto missed = co_await rows_since(store, name, last_seen, max_missed);
    if (!missed) co_return missed.error();
    if (!missed->known) {
        auto newest = co_await store.history(name, 1, 0);
        if (!newest) co_return newest.error();
        missed->cursor = newest->empty() ? "0" : cursor_of(newest->back());
    }
    const auto its_row = co_await store.find_session(name);
    if (!its_row) co_return its_row.error();
    const auto shown = *its_row ? session_json(**its_row, call.gateway.d.router) : json();
    for (const auto& row : missed->rows) {
        const auto event = message_event({row.run_id, name, session.agent()}, row, true, shown);
        append_event(b.text, event->name, event->cursor, event->body, "}");
        b.replayed.push_back(event->cursor);
    }
    if (const auto* row = question.beyond(missed->rows); row != nullptr && missed->known) {
        const auto event = message_event({row->run_id, name, session.agent()}, *row, false, shown);
        append_event(b.text, event->name, "", event->body, "}");
        b.question = event->row;
    }
    json where{{"sessionKey", name}, {"deltaCursor", missed->cursor}};
    if (!missed->known && !last_seen.empty()) {
        append_event(b.text, "reset", missed->cursor, dump(where), "");
    }
    auto live = answer_in_progress(call.gateway.d.router, name);
    if (!live.is_null()) where["inFlightRun"] = std::move(live);
    append_event(b.text, "ready", missed->cursor, dump(where), "");
    co_return b;
}

// The ways out: the client hangs up or does not read, the gateway stops.
task<> send_events(http_call& call, session_listener& heard, beginning b) {
    std::string out = std::move(b.text);
    while (true) {
        while (const auto frame = heard.next()) {
            const auto& e = *frame->event;
            const bool known = e.cursor.empty()
                                   ? !e.row.empty() && e.row == b.question
                                   : std::ranges::find(b.replayed, e.cursor) != b.replayed.end();
            if (!known) append_event(out, e.name, e.cursor, *frame->body, frame->tail);
        }
        const bool last = heard.ended();
        if ((last || !out.empty()) && !co_await call.stream.write(out, last)) co_return;
        if (last) co_return;
        out.clear();
        co_await heard.wait();
    }
}

}  // namespace

task<http_answer> route_session_events(http_call call) {
    const auto named = percent_decode(call.rest);
    if (!named || named->size() > 512) {
        co_return error_response(400, "invalid_input", "That is no session key.", call.request_id);
    }
    const auto session = call.gateway.d.router.resolve(*named, "");
    if (!session) co_return error_response(session.error(), call.request_id);
    if (call.request.method == "HEAD") {
        net::http_response head;
        head.headers = event_stream_headers();
        co_return head;
    }
    const listening place(*call.gateway.d.hub, std::make_shared<session_listener>(session->str()));
    std::string last_seen(call.request.headers.get("last-event-id"));
    auto b = co_await begin(call, *session, std::move(last_seen));
    if (!b) co_return error_response(b.error(), call.request_id);
    call.stream.on_gone([heard = place.who] { heard->end(); });
    call.stream.start(200, event_stream_headers());
    co_await send_events(call, *place.who, std::move(*b));
    co_return std::nullopt;
}

}  // namespace openclaw::ingress
