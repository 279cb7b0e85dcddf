#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/clock.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/core/json.hpp"
#include "openclaw/net/http.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace openclaw::agents {

// What a model service said when it did not answer: an HTTP reply, or an error inside a stream
// (then `status` is 200 and there are no headers).
struct api_failure {
    int status = 200;
    const net::header_list* headers = nullptr;
    const json* body = nullptr;   // null: the body was no JSON
    std::string_view raw;         // the body as it came, for the message
    wall_time now{};              // to read a Retry-After that is a date
};

// The one place where status, headers and body become a class of error (integrations.md B6, in
// that order: a full context before a bad request, an empty account before a rate limit). The
// message is for a person and still without the provider's name; secrets may be in it until
// explain() has been over it.
error classify(const api_failure& failure);

// Whether another key of the same provider may do better.
bool is_about_the_key(errc code);

// An error member inside a stream.
error classify_in_band(const json& body);

// What Retry-After-Ms or Retry-After ask for; 0 when they say nothing. At most a day.
std::chrono::milliseconds retry_after(const net::header_list& headers, wall_time now);

// `e` as it is shown: with the provider's name before it and a hint after it, and with the keys
// and header values of `settings`, and whatever looks like a key, masked.
error explain(error e, const std::string& provider, const config::provider_settings& settings);

// The body of a service's error as a client may read it: masked like the above, and in JSON also
// where escapes hide a key. Without anything to mask it is the same bytes.
std::string shown_body(std::string body, const config::provider_settings& settings);

}  // namespace openclaw::agents
