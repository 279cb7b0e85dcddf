#include "cli/frames.hpp"

#include "openclaw/core/version.hpp"

namespace openclaw::cli {

namespace {

// How deep an answer may be nested: transcripts hold what tools returned.
constexpr std::size_t max_depth = 128;

errc code_of(const std::string& code, const std::string& detail) {
    if (detail.starts_with("AUTH_") || code == "NOT_PAIRED" || code == "UNAUTHORIZED") {
        return errc::unauthenticated;
    }
    if (code == "FORBIDDEN") return errc::forbidden;
    if (code == "UNAVAILABLE") return errc::unavailable;
    if (code == "NOT_FOUND") return errc::not_found;
    return errc::rejected;
}

}  // namespace

error error_from_wire(const json& wire) {
    const auto code = string_or(wire, "code", "UNKNOWN");
    const auto* details = find(wire, "details");
    const auto detail = details == nullptr ? std::string() : string_or(*details, "code");
    error e(code_of(code, detail), string_or(wire, "message", code));
    if (details != nullptr) e.hint = string_or(*details, "hint");
    if (e.hint.empty() && e.code == errc::unauthenticated) {
        e.hint = "Give the gateway's token with --token or OPENCLAW_GATEWAY_TOKEN.";
    }
    if (const auto after = find_int(wire, "retryAfterMs")) {
        e.retry_after = std::chrono::milliseconds(*after);
    }
    return e;
}

result<frame> parse_frame(std::string_view text) {
    auto parsed = parse_json(text, max_depth);
    if (!parsed) return error(errc::protocol, "the gateway sent a message that is no JSON");
    frame f;
    const auto type = string_or(*parsed, "type");
    if (const auto* payload = find(*parsed, "payload")) f.payload = *payload;
    if (type == "event") {
        f.what = frame::kind::event;
        f.event = string_or(*parsed, "event");
    } else if (type == "res") {
        f.what = frame::kind::response;
        f.id = string_or(*parsed, "id");
        f.ok = find_bool(*parsed, "ok").value_or(false);
        if (!f.ok) {
            const auto* wire = find(*parsed, "error");
            f.failure = error_from_wire(wire == nullptr ? json::object() : *wire);
        }
    }
    return f;
}

std::string request_text(const std::string& id, const std::string& method, const json& params) {
    json request{{"type", "req"}, {"id", id}, {"method", method}};
    if (!params.is_null()) request["params"] = params;
    return dump(request);
}

json connect_params(const secret& token) {
    json params{{"minProtocol", 4},
                {"maxProtocol", 4},
                {"client",
                 {{"id", "cli"}, {"version", version()}, {"platform", "linux"}, {"mode", "cli"}}},
                {"role", "operator"},
                {"scopes", {"operator.admin"}}};
    if (!token.empty()) params["auth"] = {{"token", token.reveal()}};
    return params;
}

bool is_interim(const frame& f) {
    return f.what == frame::kind::response && f.ok && string_or(f.payload, "status") == "accepted";
}

}  // namespace openclaw::cli
