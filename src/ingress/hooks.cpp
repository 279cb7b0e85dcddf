// POST /hooks/<name>: a service hands a message to an agent (product.md §6, protocol.md §7).

#include "ingress/errors.hpp"
#include "ingress/routes.hpp"
#include "ingress/webhook.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_key = 256;  // bytes

const config::hook_settings* find_hook(const config::settings& s, std::string_view rest,
                                       std::string& name) {
    for (const auto& [key, hook] : s.hooks) {
        std::string_view path = hook.path.empty() ? std::string_view(key) : hook.path;
        while (path.starts_with('/')) path.remove_prefix(1);
        if (path.starts_with("hooks/")) path.remove_prefix(6);
        if (path != rest) continue;
        name = key;
        return &hook;
    }
    return nullptr;
}

net::http_response failed(int status, std::string_view message) {
    return json_response(status, dump({{"ok", false}, {"error", message}}));
}

// The `idempotencyKey` of a body that has one (protocol.md §5).
std::string key_in(std::string_view body) {
    const auto parsed = parse_json(body);
    if (!parsed) return {};
    auto key = string_or(*parsed, "idempotencyKey");
    return key.size() <= max_key ? key : std::string();
}

inbound_message message_of(const config::hook_settings& hook, const std::string& name,
                           const net::http_request& request, std::string text) {
    inbound_message m;
    m.origin.channel = "hook";
    m.origin.account = name;
    m.origin.peer = m.origin.sender = name;
    m.text = std::move(text);
    m.agent = hook.agent;
    m.idempotency_key = delivery_id(request);
    if (m.idempotency_key.empty()) m.idempotency_key = key_in(request.body);
    if (!hook.session.empty()) m.session = hook.session;
    return m;
}

}  // namespace

std::optional<net::http_response> check_hook_head(const head_check& check) {
    std::string name;
    const auto now = check.gateway.in_effect.get();
    const auto* hook = find_hook(now->settings, check.rest, name);
    if (hook == nullptr) return text_response(404, "Not Found");
    if (check.head.query().find("token=") != std::string_view::npos) {
        return failed(400, "a token does not belong into a URL: send it in a header");
    }
    auto& logins = check.gateway.logins;
    if (const auto wait = logins.locked_out(check.caller, auth::credential::webhook)) {
        return locked_out_response(error_shape::common, *wait, check.request_id);
    }
    if (may_prove(*hook, check.head, check.gateway.d.time.unix_ms() / 1000)) return std::nullopt;
    logins.failed(check.caller, auth::credential::webhook, check.request_id);
    return text_response(401, "Unauthorized");
}

task<http_answer> route_hook(http_call call) {
    std::string name;
    const auto now = call.gateway.in_effect.get();   // kept until the end: the hook is in it
    const auto* hook = find_hook(now->settings, call.rest, name);
    if (hook == nullptr) co_return text_response(404, "Not Found");
    const auto now_ms = call.gateway.d.time.unix_ms();
    if (auto proof = verify_webhook(*hook, call.request, now_ms / 1000); !proof) {
        call.gateway.logins.failed(call.caller, auth::credential::webhook, call.request_id);
        co_return text_response(401, "Unauthorized");
    }
    auto text = webhook_text(*hook, call.request.body);
    if (!text) co_return failed(400, text.error().message);
    auto taken = co_await call.gateway.d.router.submit(
        message_of(*hook, name, call.request, std::move(*text)), nullptr);
    if (!taken) {
        auto answer = failed(http_status(taken.error().code), public_message(taken.error()));
        if (answer.status == 429 || answer.status >= 503) answer.headers.add("Retry-After", "1");
        co_return answer;
    }
    const bool fresh = taken->status == routing::admission::progress::started;
    co_return json_response(fresh ? 202 : 200, dump({{"ok", true}, {"runId", taken->run_id}}));
}

}  // namespace openclaw::ingress
