#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/model/turn_event.hpp"

#include <mutex>
#include <string>

namespace openclaw::ingress {

// The answer of one turn on its way to one HTTP response. The session's strand puts events in, the
// connection's coroutine takes them out; text that is not taken yet is merged, so what it holds
// is bounded by the answer. Held by shared_ptr: the turn may outlive the request.
class turn_stream final : public reply_sink {
public:
    explicit turn_stream(bool wants_text) : wants_text_(wants_text) {}

    void on_event(const turn_event_ptr& event) override {
        using kind = turn_event::kind;
        {
            std::lock_guard lock(mutex_);
            if (event->what == kind::delta) {
                text_ += event->text;
            } else if (event->is_end()) {
                end_ = event;
            } else {
                acted_ = acted_ || event->what == kind::tool_started;
                return;
            }
        }
        news_.open();
    }

    bool wants_deltas() const override { return wants_text_; }

    // New text, or the end once all text is taken; neither when nothing has happened.
    struct news { std::string text; turn_event_ptr end; };
    news take() {
        std::lock_guard lock(mutex_);
        return {std::exchange(text_, {}), end_};
    }
    // Undoes a take() that found text.
    void put_back(std::string text) {
        {
            std::lock_guard lock(mutex_);
            text_.insert(0, text);
        }
        news_.open();
    }
    // Whether a tool of the agent was run.
    bool acted() {
        std::lock_guard lock(mutex_);
        return acted_;
    }
    // Returns when take() may have something new, or after wake().
    task<> wait() { return news_.wait(); }
    void wake() { news_.open(); }

    // The event that ends the turn.
    task<turn_event_ptr> end() {
        while (true) {
            if (auto n = take(); n.end) co_return n.end;
            co_await news_.wait();
        }
    }

private:
    const bool wants_text_;
    std::mutex mutex_;
    std::string text_;
    turn_event_ptr end_;
    bool acted_ = false;
    gate news_;
};

}  // namespace openclaw::ingress
