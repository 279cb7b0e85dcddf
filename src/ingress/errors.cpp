#include "ingress/errors.hpp"

#include "openclaw/core/clock.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

int http_status(errc code) {
    switch (code) {
    case errc::invalid_input:
    case errc::rejected:
    case errc::context_overflow: return 400;
    case errc::unauthenticated: return 401;
    case errc::forbidden: return 403;
    case errc::not_found: return 404;
    case errc::conflict:
    case errc::cancelled: return 409;
    case errc::too_large: return 413;
    case errc::refused: return 422;
    case errc::queue_full:
    case errc::rate_limited: return 429;
    case errc::network:
    case errc::tls:
    case errc::protocol:
    case errc::auth_provider:
    case errc::billing: return 502;
    case errc::unavailable:
    case errc::overloaded: return 503;
    case errc::timed_out: return 504;
    case errc::disk_full: return 507;
    default: return 500;
    }
}

namespace {

std::string_view type_of(int status) {
    switch (status) {
    case 400:
    case 404:
    case 409:
    case 413:
    case 422: return "invalid_request_error";
    case 401: return "unauthorized";
    case 403: return "permission_error";
    case 429: return "rate_limit_error";
    default: return status < 500 ? "invalid_request_error" : "api_error";
    }
}

std::string_view anthropic_type_of(int status) {
    switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 409: return "conflict_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 503: return "overloaded_error";
    case 504: return "timeout_error";
    default: return status < 500 ? "invalid_request_error" : "api_error";
    }
}

json error_object(int status, std::string_view code, std::string_view message,
                  const std::string& request_id) {
    return {{"message", message},
            {"type", type_of(status)},
            {"code", code},
            {"param", nullptr},
            {"requestId", request_id}};
}

std::string error_body(error_shape shape, int status, std::string_view code,
                       std::string_view message, const std::string& request_id) {
    if (shape == error_shape::anthropic) {
        return dump({{"type", "error"},
                     {"error", {{"type", anthropic_type_of(status)}, {"message", message}}},
                     {"request_id", request_id}});
    }
    const json body{{"error", error_object(status, code, message, request_id)}};
    return dump(body);
}

}  // namespace

net::http_response json_response(int status, std::string body) {
    net::http_response r;
    r.status = status;
    r.headers.add("Content-Type", "application/json; charset=utf-8");
    r.body = std::move(body);
    return r;
}

net::http_response text_response(int status, std::string body) {
    net::http_response r;
    r.status = status;
    r.headers.add("Content-Type", "text/plain; charset=utf-8");
    r.body = std::move(body);
    return r;
}

json missing_scope_details(scope needed) {
    return {{"code", "MISSING_SCOPE"},
            {"missingScope", name_of(needed)},
            {"requiredScopes", {name_of(needed)}}};
}

net::http_response missing_scope_response(scope needed, const std::string& request_id) {
    json e = error_object(403, "forbidden", "missing scope: " + std::string(name_of(needed)),
                          request_id);
    e["details"] = missing_scope_details(needed);
    return json_response(403, dump({{"error", std::move(e)}}));
}

net::http_response error_response(int status, std::string_view code, std::string_view message,
                                  const std::string& request_id) {
    return error_response(error_shape::common, status, code, message, request_id);
}

net::http_response error_response(const error& e, const std::string& request_id,
                                  const json& details) {
    auto r = error_response(error_shape::common, e, request_id);
    if (details.is_null()) return r;
    json told = error_object(r.status, name_of(e.code), public_message(e), request_id);
    told["details"] = details;
    r.body = dump({{"error", std::move(told)}});
    return r;
}

net::http_response error_response(error_shape shape, int status, std::string_view code,
                                  std::string_view message, const std::string& request_id) {
    auto r = json_response(status, error_body(shape, status, code, message, request_id));
    if (status == 401) r.headers.add("WWW-Authenticate", "Bearer realm=\"openclaw\"");
    if (shape == error_shape::anthropic) r.headers.add(anthropic_request_id, request_id);
    return r;
}

std::string error_body(error_shape shape, const error& e, const std::string& request_id) {
    return error_body(shape, http_status(e.code), name_of(e.code), public_message(e), request_id);
}

net::http_response error_response(error_shape shape, const error& e, const std::string& request_id) {
    const int status = http_status(e.code);
    auto r = error_response(shape, status, name_of(e.code), public_message(e), request_id);
    auto wait = e.retry_after;
    if (wait.count() == 0 && (status == 429 || status == 503 || status == 507)) {
        wait = milliseconds(1000);
    }
    if (wait.count() > 0) {
        r.headers.add("Retry-After", std::to_string((wait.count() + 999) / 1000));
    }
    return r;
}

net::http_response turn_failure_response(error_shape shape, const error& e, bool acted,
                                         const std::string& request_id) {
    auto r = error_response(shape, e, request_id);
    if (acted || !may_pass(name_of(e.code))) r.headers.add("x-should-retry", "false");
    return r;
}

net::http_response locked_out_response(error_shape shape, milliseconds wait, const std::string& request_id) {
    error locked(errc::rate_limited, "too many failed authentication attempts (retry later)");
    locked.retry_after = wait;
    return error_response(shape, locked, request_id);
}

json ws_error(const error& e) {
    std::string_view code = "UNAVAILABLE";
    switch (e.code) {
    case errc::invalid_input:
    case errc::not_found:
    case errc::conflict:
    case errc::too_large: code = "INVALID_REQUEST"; break;
    case errc::forbidden:
    case errc::unauthenticated: code = "FORBIDDEN"; break;
    default: break;
    }
    json out{{"code", code}, {"message", public_message(e)}, {"details", {{"code", name_of(e.code)}}}};
    // What the same call would meet again is no reason to send it again.
    if (code == "UNAVAILABLE") out["retryable"] = may_pass(name_of(e.code)) || e.code == errc::timed_out;
    if (e.retry_after.count() > 0) out["retryAfterMs"] = e.retry_after.count();
    return out;
}

bool may_pass(std::string_view code) {
    constexpr std::array passing{errc::rate_limited, errc::queue_full,  errc::overloaded, errc::network,
                                 errc::protocol,     errc::unavailable, errc::storage,    errc::disk_full};
    return std::ranges::any_of(passing, [&](errc e) { return name_of(e) == code; });
}

json missing_scope(scope needed) {
    return {{"code", "FORBIDDEN"},
            {"message", "missing scope: " + std::string(name_of(needed))},
            {"details", missing_scope_details(needed)}};
}

}  // namespace openclaw::ingress
