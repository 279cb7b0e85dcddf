#include "ingress/handshake.hpp"

#include "openclaw/core/encoding.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::int64_t protocol_version = 4;

constexpr std::array<std::string_view, 17> client_ids{
    "webchat-ui", "openclaw-control-ui", "openclaw-browser-copilot", "openclaw-tui", "webchat",
    "cli", "gateway-client", "openclaw-macos", "openclaw-linux", "openclaw-ios",
    "openclaw-watchos", "openclaw-android", "node-host", "openclaw-worker", "test", "fingerprint",
    "openclaw-probe"};
constexpr std::array<std::string_view, 8> client_modes{"webchat", "cli",  "ui",    "backend",
                                                       "node",    "worker", "probe", "test"};
constexpr std::array<std::string_view, 5> ui_ids{"openclaw-control-ui", "openclaw-tui",
                                                 "webchat-ui", "webchat",
                                                 "openclaw-browser-copilot"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view value) {
    return std::find(known.begin(), known.end(), value) != known.end();
}

connect_verdict refuse(std::string_view code, const std::string& message, json details = nullptr,
                       std::uint16_t close_code = 1008) {
    connect_verdict v;
    v.refusal.error = {{"code", code}, {"message", message}};
    if (!details.is_null()) v.refusal.error["details"] = std::move(details);
    v.refusal.close_code = close_code;
    v.refusal.close_reason = std::string(utf8_prefix(message, 123));
    return v;
}

connect_verdict refuse_auth(std::string_view details_code, std::string_view reason,
                            const std::string& message, std::string_view next_step) {
    return refuse("INVALID_REQUEST", message,
                  {{"code", details_code},
                   {"authReason", reason},
                   {"canRetryWithDeviceToken", false},
                   {"recommendedNextStep", next_step}});
}

// What is wrong with the params; empty when they pass.
std::string problem_of(const json& p) {
    if (!p.is_object()) return "at root: must be object";
    for (const char* key : {"minProtocol", "maxProtocol"}) {
        const auto value = find_int(p, key);
        if (!value || *value < 1) return std::string("at /") + key + ": must be integer >= 1";
    }
    const auto* client = find(p, "client");
    if (client == nullptr || !client->is_object()) return "at /client: must be object";
    for (const char* key : {"id", "version", "platform", "mode"}) {
        if (string_or(*client, key).empty()) {
            return std::string("at /client/") + key + ": must be a non-empty string";
        }
    }
    if (!is_one_of(client_ids, string_or(*client, "id"))) {
        return "at /client/id: must be equal to one of the allowed values";
    }
    if (!is_one_of(client_modes, string_or(*client, "mode"))) {
        return "at /client/mode: must be equal to one of the allowed values";
    }
    for (const char* key : {"scopes", "caps", "commands"}) {
        const auto* list = find(p, key);
        if (list == nullptr) continue;
        const bool strings = list->is_array() && std::all_of(list->begin(), list->end(), [](auto& v) {
            return v.is_string();
        });
        if (!strings) return std::string("at /") + key + ": must be an array of strings";
    }
    if (const auto* auth = find(p, "auth"); auth != nullptr && !auth->is_object()) {
        return "at /auth: must be object";
    }
    if (const auto* role = find(p, "role"); role != nullptr && !role->is_string()) {
        return "at /role: must be string";
    }
    return {};
}

std::vector<std::string> strings_of(const json& p, const char* key) {
    const auto* list = find(p, key);
    return list == nullptr ? std::vector<std::string>() : list->get<std::vector<std::string>>();
}

bool speaks_our_version(const json& p, std::string_view mode) {
    const auto low = *find_int(p, "minProtocol");
    const auto high = *find_int(p, "maxProtocol");
    if (low <= protocol_version && high >= protocol_version) return true;
    return mode == "probe" && high >= 3 && low <= protocol_version;
}

connect_verdict refuse_credential(auth::refusal why, bool has_device) {
    switch (why) {
    case auth::refusal::not_configured:
        return refuse_auth("AUTH_TOKEN_NOT_CONFIGURED", "token_not_configured",
                           "unauthorized: no token is configured on the gateway "
                           "(set gateway.auth.token)",
                           "update_auth_configuration");
    case auth::refusal::token_missing:
        if (!has_device) {
            return refuse("NOT_PAIRED", "device identity required",
                          {{"code", "DEVICE_IDENTITY_REQUIRED"}});
        }
        return refuse_auth("AUTH_TOKEN_MISSING", "token_missing",
                           "unauthorized: gateway token missing (provide gateway auth token)",
                           "update_auth_configuration");
    case auth::refusal::token_mismatch: break;
    }
    return refuse_auth("AUTH_TOKEN_MISMATCH", "token_mismatch",
                       "unauthorized: gateway token mismatch (provide gateway auth token)",
                       "update_auth_credentials");
}

// Without a proven device only the two plain client kinds keep what they ask for, and only when
// they come straight from this machine (protocol.md §2.5).
bool keeps_scopes(const connect_grant& g, const connect_context& c) {
    if (c.local_socket) return true;
    const bool plain = (g.client_id == "gateway-client" && g.client_mode == "backend") ||
                       (g.client_id == "cli" && g.client_mode == "cli");
    return plain && c.direct_loopback && !c.has_origin;
}

}  // namespace

connect_verdict decide_connect(const json& params, const connect_context& context,
                               const auth::authenticator& authenticator) {
    if (const auto problem = problem_of(params); !problem.empty()) {
        return refuse("INVALID_REQUEST", "invalid connect params: " + problem);
    }
    connect_grant g;
    const auto& client = params["client"];
    g.client_id = string_or(client, "id");
    g.client_mode = string_or(client, "mode");
    g.client_version = string_or(client, "version");
    g.platform = string_or(client, "platform");
    g.caps = strings_of(params, "caps");
    g.role = string_or(params, "role", "operator");

    if (!speaks_our_version(params, g.client_mode)) {
        return refuse("INVALID_REQUEST", "protocol mismatch",
                      {{"code", "PROTOCOL_MISMATCH"},
                       {"clientMinProtocol", params["minProtocol"]},
                       {"clientMaxProtocol", params["maxProtocol"]},
                       {"expectedProtocol", protocol_version},
                       {"minimumProbeProtocol", 3}},
                      1002);
    }
    if (g.role != "operator") {
        const bool node = g.role == "node";
        return refuse("INVALID_REQUEST",
                      node ? "the node role is not in effect in this version" : "invalid role");
    }

    const bool has_device = params.contains("device") && params["device"].is_object();
    principal who;
    if (context.local_socket) {
        who = context.local;
        g.auth_method = "local";
    } else {
        const auto* sent = find(params, "auth");
        const auto checked = authenticator.by_token(sent == nullptr ? std::string()
                                                                    : string_or(*sent, "token"));
        if (!checked) return refuse_credential(checked.error(), has_device);
        who = *checked;
        g.auth_method = authenticator.disabled() ? "none" : "token";
    }
    if (!context.local_socket && !has_device && is_one_of(ui_ids, g.client_id)) {
        return refuse("INVALID_REQUEST",
                      "control ui requires device identity (use HTTPS or localhost secure context)",
                      {{"code", "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"}});
    }
    const auto wanted = scope_set::parse(strings_of(params, "scopes"));
    g.who = who.narrowed(keeps_scopes(g, context) ? wanted : scope_set());
    connect_verdict v;
    v.grant = std::move(g);
    return v;
}

}  // namespace openclaw::ingress
