#pragma once

#include "openclaw/core/json.hpp"

#include <string>
#include <string_view>

namespace openclaw::ingress {

// A request of a client: {type:"req", id, method, params?, traceparent?} (protocol.md §1.2).
struct request_frame {
    std::string id;
    std::string method;
    json params = json::object();
};

// What a message of a client turned out to be.
struct parsed_frame {
    enum class kind { request, not_json, invalid };
    kind what = kind::not_json;
    request_frame request;   // request
    json id;                 // invalid: the id as sent, of whatever type; "invalid" without one
    std::string problem;     // invalid: what is wrong with it
};

// Sans-io: one WebSocket message in, one verdict out. Never throws.
parsed_frame parse_frame(std::string_view text);

std::string response_frame(const json& id, const json& payload);
std::string error_frame(const json& id, const json& error);
// An event with a sequence number lacks its end: the outbox adds `,"seq":N}`.
std::string event_body(std::string_view event, const json& payload);
// A whole event without a number (connect.challenge).
std::string plain_event(std::string_view event, const json& payload);

}  // namespace openclaw::ingress
