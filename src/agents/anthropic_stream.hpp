#pragma once

#include "agents/stream_assembler.hpp"
#include "openclaw/core/json_view.hpp"

#include <string>
#include <vector>

namespace openclaw::agents {

// The stream of Anthropic Messages (integrations.md B1). The kind of an event is read from its
// data; kinds of events, blocks and deltas that are not known are skipped.
class anthropic_stream final : public stream_assembler {
public:
    result<void> take(std::string_view data, completion_observer& observer) override;
    bool done() const override { return done_; }
    bool answered() const override { return done_; }
    result<completion> finish() override;
    result<completion> cut() override { return conclude_with(stop_cause::length); }

private:
    struct block {
        std::int64_t index = 0;
        message_part part;
        bool known = true;
    };

    void start_block(json_view event, completion_observer& observer);
    void take_delta(json_view event, completion_observer& observer);
    void add_text(block& b, std::string_view text, completion_observer& observer);
    block* find_block(std::int64_t index);
    void take_usage(json_view usage);
    result<completion> conclude_with(stop_cause cause);

    std::vector<block> blocks_;
    token_usage usage_;
    std::string stop_reason_, stop_sequence_;
    bool done_ = false;
};

// What stands before the opaque data of a redacted thought in thinking_part::signature.
inline constexpr std::string_view redacted_prefix = "redacted:";

}  // namespace openclaw::agents
