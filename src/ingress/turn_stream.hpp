#pragma once

#include "openclaw/core/promise.hpp"
#include "openclaw/model/turn_event.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

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
                if (!wants_text_ || event->text.empty()) return;
                if (step_ended_ && said_) text_ += paragraph;
                step_ended_ = false;
                said_ = true;
                text_ += event->text;
            } else if (event->is_end()) {
                end_ = event;
            } else {
                if (event->what == kind::tool_started) end_step(*event);
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
    // What the agent said in the whole turn, as a stream has it: a paragraph for each step.
    std::string text_of(const turn_event& final) {
        std::lock_guard lock(mutex_);
        if (breaks_.empty() || !final.so_far) return final.message.text();
        auto text = final.so_far->text();
        for (auto at = breaks_.rbegin(); at != breaks_.rend(); ++at) {
            if (*at < text.size()) text.insert(*at, paragraph);
        }
        return text;
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
    static constexpr std::string_view paragraph = "\n\n";   // between the texts of two steps

    // A tool is run between two answers of the model. With the mutex held.
    void end_step(const turn_event& event) {
        acted_ = step_ended_ = true;
        if (wants_text_ || !event.so_far) return;
        const auto said = event.so_far->text().size();
        if (said > 0 && (breaks_.empty() || breaks_.back() < said)) breaks_.push_back(said);
    }

    const bool wants_text_;
    std::mutex mutex_;
    std::string text_;
    turn_event_ptr end_;
    bool acted_ = false;
    bool said_ = false, step_ended_ = false;   // of a stream: some text came; a tool was run since
    std::vector<std::size_t> breaks_;          // of an answer as a whole: where a step's text ends
    gate news_;
};

}  // namespace openclaw::ingress
