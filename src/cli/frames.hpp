#pragma once

#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/core/secret.hpp"

#include <string>
#include <string_view>

// The client's side of protocol v4 as plain functions (protocol.md §1.2, §2).
namespace openclaw::cli {

struct frame {
    enum class kind { response, event, other };
    kind what = kind::other;
    std::string id;        // response
    bool ok = false;       // response
    error failure;         // response that is not ok
    std::string event;     // event
    json payload;
};

// protocol: not JSON. Frames of an unknown shape are `other`.
result<frame> parse_frame(std::string_view text);

// What an error object of a response means here. `rejected` is the gateway's INVALID_REQUEST.
error error_from_wire(const json& wire);

std::string request_text(const std::string& id, const std::string& method, const json& params);
json connect_params(const secret& token);

// The first of the two answers to `agent`: taken, and the other one follows.
bool is_interim(const frame& f);

}  // namespace openclaw::cli
