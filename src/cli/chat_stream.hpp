#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"

#include <optional>
#include <string>

namespace openclaw::cli {

// The answer of one run as it comes in by `chat` events and the final response: tells what to
// print next. Sans-io.
class chat_stream {
public:
    explicit chat_stream(std::string run_id) : run_id_(std::move(run_id)) {}

    // The text to print because of this event; empty for none and for events of other runs.
    std::string on_event(const std::string& event, const json& payload);
    // What is still to print once the final response is here.
    std::string on_response(const json& payload);
    // Why the run failed, if it did.
    const std::optional<error>& failure() const { return failure_; }
    // All that was printed.
    const std::string& text() const { return text_; }

private:
    std::string append(std::string part);
    // The rest of the whole answer; all of it on a new line when the text so far was another one.
    std::string complete(const std::string& whole);

    std::string run_id_;
    std::string text_;
    std::optional<error> failure_;
};

}  // namespace openclaw::cli
