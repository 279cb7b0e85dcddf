#pragma once

#include "ingress/answer_writer.hpp"

namespace openclaw::ingress {

// An answer as POST /v1/messages gives it (Anthropic API reference, "Create a message" and
// "Streaming messages"): a block with what the agent said, then one for each call of a client's tool.
class messages_answer final : public answer_writer {
public:
    explicit messages_answer(std::string model) : model_(std::move(model)) {}

    error_shape shape() const override { return error_shape::anthropic; }
    bool tells_refusals() const override { return true; }
    void begin(const answer_facts& facts) override { id_ = "msg_" + facts.run_id; }
    std::string whole(const turn_event& final, std::string_view text) override;
    void head(std::string& out) override;
    void text(std::string& out, std::string_view delta) override;
    void end(std::string& out, const turn_event& final) override;
    void failure(std::string& out, const error& why, const std::string& request_id) override;
    void still_there(std::string& out) override;

private:
    const std::string model_;
    std::string id_;
    bool text_open_ = false;
};

}  // namespace openclaw::ingress
