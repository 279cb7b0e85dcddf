#include "ingress/webhook.hpp"

#include "openclaw/auth/authenticator.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/json.hpp"

#include <charconv>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_id = 256;  // bytes
constexpr std::int64_t tolerance_s = 300;

error unproven() {
    return error(errc::unauthenticated, "Unauthorized");
}

bool has_token(const secret& key, const net::http_request& r) {
    auto token = auth::bearer_token(r.headers.get("authorization"));
    if (token.empty()) token = r.headers.get("x-openclaw-token");
    return key.matches(token);
}

bool has_github_signature(const net::http_request& r) {
    constexpr std::string_view prefix = "sha256=";
    const auto signature = r.headers.get("x-hub-signature-256");
    return signature.starts_with(prefix) && signature.size() == prefix.size() + 64;
}

bool has_fresh_signature(const net::http_request& r, std::int64_t now_s) {
    const auto stamp = r.headers.get("webhook-timestamp");
    if (r.headers.get("webhook-id").empty() || r.headers.get("webhook-signature").empty()) return false;
    std::int64_t at = 0;
    const auto parsed = std::from_chars(stamp.data(), stamp.data() + stamp.size(), at);
    if (parsed.ec != std::errc() || parsed.ptr != stamp.data() + stamp.size()) return false;
    return at >= now_s - tolerance_s && at <= now_s + tolerance_s;
}

result<void> verify_github(const secret& key, const net::http_request& r) {
    const auto expected = "sha256=" + to_hex(hmac_sha256(key.reveal(), r.body));
    if (!equal_in_constant_time(expected, r.headers.get("x-hub-signature-256"))) return unproven();
    return {};
}

result<void> verify_standard(const secret& key, const net::http_request& r) {
    constexpr std::string_view prefix = "whsec_";
    std::string raw = key.reveal();
    if (raw.starts_with(prefix)) {
        auto decoded = from_base64(raw.substr(prefix.size()));
        if (!decoded) return unproven();
        raw = *decoded;
    }
    const std::string signed_text = std::string(r.headers.get("webhook-id")) + "." +
                                    std::string(r.headers.get("webhook-timestamp")) + "." + r.body;
    const auto expected = "v1," + to_base64(hmac_sha256(raw, signed_text));
    auto list = r.headers.get("webhook-signature");
    while (!list.empty()) {  // several while a key is being changed
        const auto one = list.substr(0, list.find(' '));
        if (equal_in_constant_time(expected, one)) return {};
        list.remove_prefix(std::min(list.size(), one.size() + 1));
    }
    return unproven();
}

// The value at "a.b.0" in `body`; nullptr when it is not there.
const json* value_at(const json& body, std::string_view path) {
    const json* at = &body;
    while (!path.empty()) {
        const auto name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (at->is_array()) {
            std::size_t i = 0;
            const auto parsed = std::from_chars(name.data(), name.data() + name.size(), i);
            if (parsed.ec != std::errc() || i >= at->size()) return nullptr;
            at = &(*at)[i];
        } else {
            at = find(*at, name);
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string fill(std::string_view pattern, const json& body) {
    std::string out;
    while (true) {
        const auto open = pattern.find("{{");
        const auto close = open == std::string_view::npos ? open : pattern.find("}}", open);
        if (close == std::string_view::npos) return out + std::string(pattern);
        out += pattern.substr(0, open);
        const auto* value = value_at(body, trimmed(pattern.substr(open + 2, close - open - 2)));
        if (value != nullptr) out += value->is_string() ? value->get<std::string>() : dump(*value);
        pattern.remove_prefix(close + 2);
    }
}

}  // namespace

bool may_prove(const config::hook_settings& hook, const net::http_request& request, std::int64_t now_s) {
    if (hook.key.empty()) return false;
    if (hook.verify == "github") return has_github_signature(request);
    if (hook.verify == "standard-webhooks") return has_fresh_signature(request, now_s);
    return has_token(hook.key, request);
}

result<void> verify_webhook(const config::hook_settings& hook, const net::http_request& request,
                            std::int64_t now_s) {
    if (!may_prove(hook, request, now_s)) return unproven();
    if (hook.verify == "github") return verify_github(hook.key, request);
    if (hook.verify == "standard-webhooks") return verify_standard(hook.key, request);
    return {};
}

std::string delivery_id(const net::http_request& request) {
    for (const char* name : {"webhook-id", "x-github-delivery", "idempotency-key"}) {
        if (const auto value = request.headers.get(name); !value.empty()) {
            // Long ones by their digest: cut, two could become one.
            return value.size() <= max_id ? std::string(value) : to_hex(sha256(value));
        }
    }
    return {};
}

result<std::string> webhook_text(const config::hook_settings& hook, std::string_view body) {
    if (!is_utf8(body)) return error(errc::invalid_input, "the body is not UTF-8");
    auto parsed = parse_json(body);
    if (!hook.text.empty()) {
        if (!parsed) return parsed.error();
        return fill(hook.text, *parsed);
    }
    if (parsed && parsed->is_object()) {
        for (const char* key : {"message", "text"}) {
            if (auto text = find_string(*parsed, key); text && !text->empty()) return *text;
        }
    }
    if (body.empty()) return error(errc::invalid_input, "message required");
    return std::string(body);
}

}  // namespace openclaw::ingress
