#pragma once

#include "ingress/answer_writer.hpp"
#include "ingress/client_request.hpp"
#include "openclaw/core/json.hpp"

#include <optional>

namespace openclaw::ingress {

// An answer as POST /v1/responses gives it: one message item with what the agent said, then an item
// for each call of a client's tool; as a stream in the order of protocol.md §7.
class responses_answer final : public answer_writer {
public:
    explicit responses_answer(const client_request& request);

    void begin(const answer_facts& facts) override;
    std::string whole(const turn_event& final, std::string_view text) override;
    void head(std::string& out) override;
    void text(std::string& out, std::string_view delta) override;
    void end(std::string& out, const turn_event& final) override;
    void failure(std::string& out, const error& why, const std::string& request_id) override;

private:
    void event(std::string& out, std::string_view type, json members);
    void begin_message(std::string& out);
    void end_message(std::string& out, const json& item);
    void call_events(std::string& out, const json& item, std::size_t index);
    json response(std::string_view status, json output) const;
    json finished(const turn_event& final, json output) const;
    json message_item(std::string_view status, std::optional<std::string_view> text) const;
    json call_item(std::size_t index, const tool_call& call) const;

    json asked_;                   // the members that repeat the request
    answer_facts facts_;
    std::string said_;             // what was streamed
    bool message_open_ = false;
    std::int64_t sequence_ = 0;
};

// The id of a response names its session, so that a later request can go on there, whichever process
// it meets. Pure.
std::string response_id(std::string_view run_id, std::string_view session);
struct response_origin { std::string run_id, session; };
// Nothing for an id that is not of this making.
std::optional<response_origin> origin_of_response(std::string_view id);

}  // namespace openclaw::ingress
