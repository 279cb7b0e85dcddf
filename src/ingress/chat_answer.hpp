#pragma once

#include "ingress/answer_writer.hpp"

namespace openclaw::ingress {

// An answer as POST /v1/chat/completions gives it (OpenAI API reference, "The chat completion
// object" and "The chat completion chunk object").
class chat_answer final : public answer_writer {
public:
    chat_answer(std::string model, bool include_usage)
        : model_(std::move(model)), include_usage_(include_usage) {}

    void begin(const answer_facts& facts) override;
    std::string whole(const turn_event& final, std::string_view text) override;
    void head(std::string& out) override;
    void text(std::string& out, std::string_view delta) override;
    void end(std::string& out, const turn_event& final) override;
    void failure(std::string& out, const error& why, const std::string& request_id) override;

private:
    void chunk(std::string& out, std::string_view delta, std::string_view finish) const;
    void call_chunks(std::string& out, std::size_t index, const tool_call& call) const;

    const std::string model_;
    const bool include_usage_;
    std::string common_, rest_;   // what all its pieces begin with, and what follows their kind
};

}  // namespace openclaw::ingress
