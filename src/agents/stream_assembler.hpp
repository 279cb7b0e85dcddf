#pragma once

#include "openclaw/agents/provider.hpp"

#include <string_view>

namespace openclaw::agents {

// Bytes of one answer. No model says so much in one go, and a reader's outbox has to hold a few
// frames of it; a longer one ends here, as if the model had reached its limit of tokens.
inline constexpr std::size_t max_answer = 1 << 20;

// Puts one streamed answer together, sans-io: takes the data of server-sent events in the order of
// the wire, tells the observer what is new, and gives the whole row at the end. One per call of a
// model. What it does not know it skips; an error inside the stream ends it.
class stream_assembler {
public:
    virtual ~stream_assembler() = default;
    virtual result<void> take(std::string_view data, completion_observer& observer) = 0;
    // The service said that this was all.
    virtual bool done() const = 0;
    // The answer is whole, though the service may still add figures.
    virtual bool answered() const = 0;
    // The row; protocol when the stream ended before its answer. Called once.
    virtual result<completion> finish() = 0;
    // Instead of finish(): the row as far as it has come, ended for its length.
    virtual result<completion> cut() = 0;
    // Bytes of text, thoughts and arguments that were taken.
    std::size_t size() const { return size_; }

protected:
    void count(std::string_view part) { size_ += part.size(); }

private:
    std::size_t size_ = 0;
};

// Why a model stopped, in the words of no service.
enum class stop_cause { stop, length, refused, window_exceeded };

// The end that all assemblers share: drops a last tool call that was cut, and turns a refusal or a
// full window with nothing said into the error that it is.
result<completion> conclude(chat_message row, stop_cause cause);

error truncated_stream();

}  // namespace openclaw::agents
