#include "openclaw/auth/origin.hpp"
#include "openclaw/core/json.hpp"

#include "ingress/openai_request.hpp"
#include "ingress/routes.hpp"
#include "ingress/webhook.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace openclaw;

// "NAME: value" lines up to an empty one; the rest is the body.
net::http_request request_of(std::string_view text) {
    net::http_request r{.method = "POST", .target = {}, .headers = {}, .body = {}};
    const auto line = [&] {
        const auto end = text.find('\n');
        const auto out = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return out;
    };
    r.target = line();
    while (!text.empty()) {
        const auto field = line();
        if (field.empty()) break;
        const auto colon = field.find(": ");
        if (colon == std::string_view::npos) continue;
        r.headers.add(std::string(field.substr(0, colon)), std::string(field.substr(colon + 2)));
    }
    r.body = text;
    return r;
}

void check_hooks(const net::http_request& r) {
    config::hook_settings hook;
    hook.key = secret("whsec_bm9ib2R5IGd1ZXNzZXMgdGhpcyBzZWNyZXQ=");
    for (const char* verify : {"token", "github", "standard-webhooks"}) {
        hook.verify = verify;
        if (ingress::verify_webhook(hook, r, 1'614'265'330)) std::abort();
    }
    if (ingress::delivery_id(r).size() > 256) std::abort();
    hook.text = r.target;  // a template may be anything, too
    static_cast<void>(ingress::webhook_text(hook, r.body));
    hook.text.clear();
    if (const auto text = ingress::webhook_text(hook, r.body); text && text->empty()) std::abort();
}

void check_chat(const net::http_request& r) {
    const auto body = json_document::parse(r.body);
    if (!body) return;
    const auto chat = ingress::parse_openai_request(body->root());
    if (!chat) {
        if (chat.error().code != errc::invalid_input || chat.error().message.empty()) std::abort();
        return;
    }
    if (chat->model.empty() || chat->images.size() > 8) std::abort();
    if (chat->text.empty() && chat->images.empty()) std::abort();
}

}  // namespace

// What is decided on a request that the HTTP parser let through: its route, its host and origin, its
// proof, its body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto r = request_of({reinterpret_cast<const char*>(data), size});
    for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
        const auto m = ingress::match_route(method, r.path(), "/metrics");
        if (m.found != nullptr && !m.allow.empty()) std::abort();
    }
    const auth::host_policy policy{"127.0.0.1", {}};
    const auto host = r.headers.get("host");
    const auto name = auth::host_name(host);
    if (auth::is_allowed_host(policy, host) && name.find("evil") != std::string_view::npos) std::abort();
    const auto origin = r.headers.get("origin");
    if (auth::is_own_origin(origin, "127.0.0.1:18789") &&
        (!origin.starts_with("http") || !origin.ends_with(":18789") ||
         origin.find("127.0.0.1") > 9)) {
        std::abort();
    }
    check_hooks(r);
    check_chat(r);
    return 0;
}
