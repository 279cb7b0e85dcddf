#pragma once

#include "agents/stream_assembler.hpp"
#include "openclaw/core/json_view.hpp"
#include "openclaw/core/random.hpp"

#include <optional>
#include <string>
#include <vector>

namespace openclaw::agents {

// The stream of OpenAI Chat Completions and of the many servers that speak it almost
// (integrations.md B2): indexes or ids of tool calls may be missing or repeated, a call may come in
// pieces or whole, and [DONE] or the usage chunk may be absent. A whole answer in one piece, from a
// server that does not stream, is taken as well.
class openai_stream final : public stream_assembler {
public:
    // `random` gives ids to calls that come without one.
    explicit openai_stream(random_source& random) : random_(random) {}

    result<void> take(std::string_view data, completion_observer& observer) override;
    bool done() const override { return done_; }
    bool answered() const override { return done_ || !finish_reason_.empty(); }
    result<completion> finish() override;
    result<completion> cut() override { return conclude_with(stop_cause::length); }

private:
    struct call_slot {
        std::optional<std::int64_t> index;
        tool_call call;
    };

    // The text pieces of one answer are alike but for the text. Once one has been parsed, the bytes
    // around its text let the next ones go without: that is most of an answer's work.
    bool take_like_the_last(std::string_view data, completion_observer& observer);
    void learn(std::string_view data, std::string_view text);

    result<void> take_choice(json_view choice, completion_observer& observer);
    void take_thought(std::string_view thought, completion_observer& observer);
    void take_text(std::string_view text, completion_observer& observer);
    void take_content(json_view content, completion_observer& observer);
    result<void> take_call(std::optional<std::int64_t> index, std::string_view id, json_view function);
    call_slot* find_slot(std::optional<std::int64_t> index, std::string_view id, std::string_view name);
    void take_usage(json_view usage);
    void complete_ids();
    result<completion> conclude_with(stop_cause cause);

    random_source& random_;
    std::string text_;
    std::string thinking_;
    std::vector<call_slot> calls_;
    token_usage usage_;
    std::string finish_reason_, stop_sequence_;
    std::string before_, after_;   // what stands around the text of the last piece; may be empty
    bool refusal_ = false;
    bool started_ = false;
    bool done_ = false;
};

}  // namespace openclaw::agents
