#pragma once

#include "openclaw/config/settings.hpp"
#include "openclaw/core/error.hpp"
#include "openclaw/net/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace openclaw::ingress {

// Whether `request` carries the proof that `hook` asks for, looking at the raw body:
// token              Authorization: Bearer or X-OpenClaw-Token
// standard-webhooks  webhook-id, -timestamp and -signature (standardwebhooks.com, "v1"), 5 minutes
// github             X-Hub-Signature-256
// unauthenticated without saying more. Constant time in the secret. Pure.
result<void> verify_webhook(const config::hook_settings& hook, const net::http_request& request,
                            std::int64_t now_s);

// Whether the head of `request` leaves room for that proof: without, the body need not be read. Decides
// alone where the proof is a token. Pure.
bool may_prove(const config::hook_settings& hook, const net::http_request& request, std::int64_t now_s);

// The sender's own id of the delivery, by which a redelivery is known; empty when it has none.
std::string delivery_id(const net::http_request& request);

// The message of a webhook: the hook's template with {{a.b.0}} replaced from the JSON body; without
// a template the body's `message` or `text`, else the body itself. Pure.
result<std::string> webhook_text(const config::hook_settings& hook, std::string_view body);

}  // namespace openclaw::ingress
