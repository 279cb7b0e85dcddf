#include "ingress/service.hpp"

#include "openclaw/auth/origin.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/log.hpp"
#include "openclaw/net/cidr.hpp"
#include "ingress/errors.hpp"

namespace openclaw::ingress {

namespace {

task<> nothing() { co_return; }

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        auto item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (net::equals_ignoring_case(item, token)) return true;
    }
    return false;
}

bool wants_upgrade(const net::http_request& head) {
    return head.method == "GET" && has_token(head.headers.get("upgrade"), "websocket") &&
           has_token(head.headers.get("connection"), "upgrade");
}

// RFC 6455 §4.2.1: 16 bytes in base64.
bool is_websocket_key(std::string_view key) {
    const auto bytes = from_base64(key);
    return key.size() == 24 && bytes && bytes->size() == 16;
}

// Anthropic's libraries send their key in a field of its own, which all model APIs take.
std::string_view token_of(const net::http_request& head) {
    const auto token = auth::bearer_token(head.headers.get("authorization"));
    return token.empty() && head.path().starts_with("/v1/") ? head.headers.get("x-api-key") : token;
}

// A stream whose head has the request's id where Anthropic's libraries look for it.
class anthropic_stream final : public response_stream {
public:
    anthropic_stream(response_stream& next, const std::string& id) : next_(next), id_(id) {}
    void on_gone(std::function<void()> f) override { next_.on_gone(std::move(f)); }
    void start(int status, net::header_list headers) override {
        headers.add(anthropic_request_id, id_);
        next_.start(status, std::move(headers));
    }
    task<result<void>> write(std::string_view chunk, bool last) override {
        return next_.write(chunk, last);
    }

private:
    response_stream& next_;
    const std::string& id_;
};

bool is_trusted_proxy(const configuration& now, const peer_info& peer) {
    return !peer.local_uid && now.trusted_proxies.contains(peer.address);
}

bool is_served(const route& r, const config::monitoring_settings& wanted) {
    if (r.who == access::scrape) return wanted.metrics.enabled;
    return wanted.health_check || (r.path != "/health" && !r.path.starts_with("/health/"));
}

bool is_read_only(const std::string& method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

// What admit() found out, for serve().
struct gateway_service::admitted_call {
    const route* found = nullptr;
    std::string_view rest;      // into the request's target
    auth::login_caller caller;
    principal who;
    steady_time begun{};
};

gateway_service::gateway_service(gateway_context& gateway)
    : gateway_(gateway)
    , health_(gateway)
    , id_prefix_(make_hex_token(gateway.d.random, 6) + "-")
    , duration_(gateway.d.metrics.make_histogram(
          "openclaw_http_request_duration_seconds",
          "Time from a request's head to the end of its answer, routes with work only.",
          metrics::latency_buckets())) {
    static constexpr std::array names{"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t i = 1; i < by_class_.size(); ++i) {
        by_class_[i] = gateway.d.metrics.make_counter("openclaw_http_requests_total",
                                                      "HTTP requests by class of status.",
                                                      {{"code", names[i]}});
    }
}

std::string gateway_service::next_request_id() {
    return id_prefix_ + std::to_string(next_id_.fetch_add(1, std::memory_order_relaxed) + 1);
}

// The query is left out: secrets stand there where they should not.
void gateway_service::note(const net::http_request& head, int status, const std::string& id) {
    log::debug("ingress", "answered",
               {{"method", head.method}, {"path", head.path()}, {"status", status}, {"request", id}});
    count(status);
}

void gateway_service::count(int status) {
    const auto i = static_cast<std::size_t>(status / 100);
    if (i > 0 && i < by_class_.size()) by_class_[i].add();
}

net::http_response gateway_service::refuse(const net::http_request& head, int status,
                                           std::string_view message, const std::string& request_id) {
    log::debug("ingress", "refused", {{"status", status}, {"request", request_id}});
    count(status);
    const auto code = status == 408 ? "timed_out" : status == 503 ? "unavailable" : "invalid_request";
    return error_response(shape_of(head), status, code, message, request_id);
}

// Host and Origin, before anything else: a page in somebody's browser must not get through by a
// name that it pointed at this machine.
std::optional<net::http_response> gateway_service::check_source(
    const configuration& now, const net::http_request& head, const peer_info& peer, bool upgrade,
    const std::string& request_id) const {
    const auto refuse_with = [&](int status, std::string_view code, const std::string& message) {
        return error_response(shape_of(head), status, code, message, request_id);
    };
    if (head.headers.count("host") > 1) {
        return refuse_with(400, "invalid_request", "More than one Host field.");
    }
    const auto host = head.headers.get("host");
    if (peer.local_uid) return std::nullopt;  // no browser speaks to a Unix socket
    // HTTP/1.0 knows no Host, and load balancers probe with it (RFC 9112 §3.2). No browser leaves it out, so
    // that no page gets in by a name of its own.
    const bool named = head.headers.has("host");
    if (named && host.empty()) return refuse_with(400, "invalid_request", "The Host field is empty.");
    if (head.target.empty() || head.target.front() != '/') {
        if (head.target != "*") {
            return refuse_with(400, "invalid_request", "The request target must begin with '/'.");
        }
    }
    const auth::host_policy policy{gateway_.host, now.settings.gateway.network.allowed_hosts};
    if (named && !auth::is_allowed_host(policy, host) && !is_trusted_proxy(now, peer)) {
        return refuse_with(421, "misdirected_request",
                           "This gateway does not answer to that Host. "
                           "Add it to gateway.network.allowedHosts if it is yours.");
    }
    const auto origin = head.headers.get("origin");
    if (!origin.empty() && (upgrade || !is_read_only(head.method)) &&
        !auth::is_own_origin(origin, host)) {
        return refuse_with(403, "CONTROL_UI_ORIGIN_NOT_ALLOWED",
                           "Pages of another origin may not use this gateway.");
    }
    if (upgrade && is_forwarded(head) && !is_trusted_proxy(now, peer)) {
        return refuse_with(403, "untrusted_proxy",
                           "A proxy that is not in gateway.network.trustedProxies forwarded this.");
    }
    return std::nullopt;
}

// Who calls. Whoever is locked out is told so before his credential is looked at, and either comes before
// the body is read.
std::optional<net::http_response> gateway_service::check_access(const configuration& now,
                                                                const route& r,
                                                                const net::http_request& head,
                                                                const peer_info& peer,
                                                                admitted_call& call,
                                                                const std::string& id) {
    if (r.who == access::open) return std::nullopt;
    call.caller = login_caller_of(head, peer, now.trusted_proxies);
    if (r.who == access::own) return r.proof({gateway_, head, call.rest, call.caller, id});
    const auto shape = shape_of(head);
    if (peer.local_uid) {
        const auto local = now.authenticator.by_peer_credentials(*peer.local_uid);
        if (!local) return error_response(shape, 403, "forbidden", "This socket is its owner's.", id);
        call.who = *local;
        return std::nullopt;
    }
    const auto token = token_of(head);
    if (r.who == access::scrape && token.empty() && peer.address.is_loopback() &&
        !is_forwarded(head)) {
        return std::nullopt;
    }
    if (!token.empty()) {
        const auto wait = gateway_.logins.locked_out(call.caller, auth::credential::token);
        if (wait) return locked_out_response(shape, *wait, id);
    }
    const auto checked = now.authenticator.by_token(token);
    if (!checked) {
        if (!token.empty()) gateway_.logins.failed(call.caller, auth::credential::token, id);
        return error_response(shape, 401, "unauthorized",
                              token.empty() ? "Send the gateway's token: Authorization: Bearer …"
                                            : "That is not the gateway's token.",
                              id);
    }
    call.who = *checked;
    if (r.who == access::known) return std::nullopt;
    const auto needed = r.who == access::write ? scope::write : scope::read;
    if (!call.who.allows(needed)) {
        return error_response(shape, 403, "forbidden",
                              "missing scope: " + std::string(name_of(needed)), id);
    }
    return std::nullopt;
}

// Only clients that are known hold a place; each asks for its own once it is.
admission_result gateway_service::admit_upgrade(const configuration& now, const net::http_request& head,
                                                const peer_info& peer,
                                                const std::string& request_id) {
    admission_result result;
    if (head.headers.get("sec-websocket-version") != "13") {
        result.answer = error_response(426, "invalid_request",
                                       "Send Sec-WebSocket-Version: 13.", request_id);
        result.answer->headers.add("Sec-WebSocket-Version", "13");
        return result;
    }
    if (!is_websocket_key(head.headers.get("sec-websocket-key"))) {
        result.answer = error_response(400, "invalid_request",
                                       "Sec-WebSocket-Key must be 16 bytes in base64.", request_id);
        return result;
    }
    const auto limit = now.settings.gateway.network.connections.max_websocket_connections;
    if (gateway_.websockets >= limit || gateway_.draining) {
        error full(errc::unavailable, gateway_.draining ? "the gateway is stopping"
                                                        : "too many WebSockets are open");
        full.retry_after = milliseconds(1000);
        result.answer = error_response(full, request_id);
        return result;
    }
    result.upgrade = true;
    const auto caller = login_caller_of(head, peer, now.trusted_proxies);
    if (!caller.exempt) result.network = caller.network;
    return result;
}

admission_result gateway_service::admit(const net::http_request& head, const peer_info& peer,
                                        const std::string& request_id) {
    admission_result result;
    const bool upgrade = wants_upgrade(head);
    const auto held = gateway_.in_effect.get();   // what this request goes by
    const auto& now = *held;
    result.answer = check_source(now, head, peer, upgrade, request_id);
    if (!result.answer && upgrade) {
        result = admit_upgrade(now, head, peer, request_id);
        if (result.upgrade) return result;
    }
    if (result.answer) {
        note(head, result.answer->status, request_id);
        return result;
    }
    std::string_view target = head.target;
    auto path = target.substr(0, target.find('?'));
    if (path == "/health" && target.substr(path.size()).find("detail=1") != std::string_view::npos) {
        path = "/health/detail";
    }
    const auto& monitoring = now.settings.gateway.monitoring;
    auto match = match_route(head.method, path, monitoring.metrics.endpoint);
    // The command line of this machine asks all the same.
    const bool hidden = match.found != nullptr && !is_served(*match.found, monitoring);
    if (hidden && !peer.local_uid) match = {};
    if (match.found == nullptr) {
        const auto shape = shape_of(head);
        result.answer = match.allow.empty()
                            ? error_response(shape, 404, "not_found", "There is nothing here.", request_id)
                            : error_response(shape, 405, "method_not_allowed",
                                             "Use " + match.allow + " here.", request_id);
        if (!match.allow.empty()) result.answer->headers.add("Allow", match.allow);
    } else if (match.found->quick != nullptr && match.found->who == access::open) {
        result.answer = match.found->quick(gateway_, health_, request_id);
    } else {
        auto call = std::make_shared<admitted_call>();
        call->found = match.found;
        call->rest = match.rest;
        result.answer = check_access(now, *match.found, head, peer, *call, request_id);
        result.known = !result.answer && call->who.known();
        call->begun = gateway_.d.time.steady();
        if (!result.answer && match.found->quick != nullptr) {
            result.answer = match.found->quick(gateway_, health_, request_id);
        }
        result.max_body = match.found->max_body;
        result.context = std::move(call);
    }
    if (result.answer) note(head, result.answer->status, request_id);
    return result;
}

task<http_answer> gateway_service::serve(const admission_result& admitted,
                                         net::http_request& request, const peer_info& peer,
                                         const std::string& request_id, response_stream& stream) {
    const auto& call = *static_cast<const admitted_call*>(admitted.context.get());
    http_answer answer;
    const bool anthropic = shape_of(request) == error_shape::anthropic;
    anthropic_stream named(stream, request_id);
    response_stream& out = anthropic ? named : stream;
    try {
        http_call c{gateway_, health_, request, peer, request_id, call.caller, call.who, call.rest,
                    out};
        answer = co_await call.found->handler(std::move(c));
    } catch (const std::exception& e) {
        log::error("ingress", "a route broke",
                   {{"path", call.found->path}, {"request", request_id}, {"error", e.what()}});
        answer = error_response(shape_of(request), 500, "internal",
                                "Something went wrong inside the gateway.", request_id);
    }
    if (anthropic && answer && !answer->headers.has(anthropic_request_id)) {
        answer->headers.add(anthropic_request_id, request_id);
    }
    note(request, answer ? answer->status : 200, request_id);
    const std::chrono::duration<double> took = gateway_.d.time.steady() - call.begun;
    duration_.observe(took.count());
    co_return answer;
}

task<> gateway_service::websocket(ws_socket& socket, const net::http_request& head,
                                  const peer_info& peer) {
    connect_context context;
    const auto now = gateway_.in_effect.get();
    if (peer.local_uid) {
        const auto local = now->authenticator.by_peer_credentials(*peer.local_uid);
        if (!local) return nothing();
        context.local_socket = true;
        context.local = *local;
    }
    context.direct_loopback = !peer.local_uid && peer.address.is_loopback() && !is_forwarded(head);
    context.has_origin = head.headers.has("origin");
    if (!peer.local_uid) {
        context.remote_ip = client_address(head, peer, now->trusted_proxies).to_string();
        context.caller = login_caller_of(head, peer, now->trusted_proxies);
        context.locked_out = [this, who = context.caller](auth::credential kind) {
            return gateway_.logins.locked_out(who, kind);
        };
    }
    return converse(std::make_shared<ws_session>(gateway_, socket, std::move(context)));
}

task<> gateway_service::converse(std::shared_ptr<ws_session> session) {
    {
        std::lock_guard lock(mutex_);
        sessions_.insert(session);
    }
    co_await session->run();
    std::lock_guard lock(mutex_);
    sessions_.erase(session);
}

std::vector<std::shared_ptr<ws_session>> gateway_service::sessions() const {
    std::lock_guard lock(mutex_);
    return {sessions_.begin(), sessions_.end()};
}

}  // namespace openclaw::ingress
