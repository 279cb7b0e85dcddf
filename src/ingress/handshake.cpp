#include "ingress/handshake.hpp"

#include "ingress/connect_params.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/core/public_message.hpp"
#include "openclaw/net/http.hpp"

#include <algorithm>
#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::int64_t protocol_version = 4;

constexpr std::array<std::string_view, 5> ui_ids{"openclaw-control-ui", "openclaw-tui",
                                                 "webchat-ui", "webchat",
                                                 "openclaw-browser-copilot"};

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
                   {"canRetryWithDeviceToken", next_step == "retry_with_device_token"},
                   {"recommendedNextStep", next_step}});
}

bool speaks_our_version(const connect_params& p) {
    if (p.min_protocol <= protocol_version && p.max_protocol >= protocol_version) return true;
    return p.client_mode == "probe" && p.max_protocol >= 3 && p.min_protocol <= protocol_version;
}

// Without a proven device only the two plain client kinds keep what they ask for, and only when
// they come straight from this machine (protocol.md §2.5).
bool keeps_scopes(const connect_params& p, const connect_context& c) {
    if (c.local_socket) return true;
    const bool plain = (p.client_id == "gateway-client" && p.client_mode == "backend") ||
                       (p.client_id == "cli" && p.client_mode == "cli");
    return plain && c.direct_loopback && !c.has_origin;
}

// A node calls the methods of nodes and none that a scope opens.
scope_set scopes_of(const connect_params& p) {
    return p.role == "node" ? scope_set() : scope_set::parse(p.scopes);
}

// One decision, with all that it is made from.
class decision {
public:
    decision(const connect_params& p, const connect_context& c, const auth::authenticator& a,
             const auth::device_registry& d)
        : p_(p), context_(c), authenticator_(a), devices_(d), wanted_(scopes_of(p)) {}

    // The signature of the device, if there is one, holds.
    connect_verdict make() const {
        if (context_.local_socket) return with_secret(context_.local, "local");
        const bool by_password = authenticator_.wants_password();
        const auto shared = authenticator_.by_token(by_password ? p_.password : p_.token);
        const char* method = by_password ? "password" : "token";
        if (shared) return with_secret(*shared, authenticator_.disabled() ? "none" : method);
        if (p_.device) {
            if (const auto d = devices_.by_token(p_.device->id, p_.role, device_token())) {
                auto v = with_token(*d);
                if (!p_.device_token.empty() && sends_token()) v.failed = {auth::credential::token};
                return v;
            }
        }
        auto v = refuse_credential(shared.error());
        v.failed = sent();
        return v;
    }

    // The longest lockout of what is tried: one that holds is not got around by sending more.
    std::optional<milliseconds> locked_out() const {
        std::optional<milliseconds> longest;
        if (context_.local_socket || !context_.locked_out) return longest;
        auto kinds = sent();
        if (p_.device) kinds.push_back(auth::credential::device_token);
        for (const auto kind : kinds) longest = std::max(longest, context_.locked_out(kind));
        return longest;
    }

    static connect_verdict refuse_locked_out(milliseconds wait) {
        auto v = refuse_auth("AUTH_RATE_LIMITED", "rate_limited",
                             "unauthorized: too many failed authentication attempts (retry later)",
                             "wait_then_retry");
        v.refusal.error["retryable"] = true;
        v.refusal.error["retryAfterMs"] = wait.count();
        return v;
    }

private:
    bool sends_token() const { return !p_.token.empty() || !p_.password.empty(); }
    // A device may send its token in either place.
    const std::string& device_token() const {
        return p_.device_token.empty() ? p_.token : p_.device_token;
    }

    // Every kind of credential that the client tries, whatever else comes with it.
    std::vector<auth::credential> sent() const {
        std::vector<auth::credential> kinds;
        if (sends_token()) kinds.push_back(auth::credential::token);
        if (!p_.device_token.empty() || (p_.device && !p_.token.empty())) {
            kinds.push_back(auth::credential::device_token);
        }
        if (!p_.bootstrap_token.empty()) kinds.push_back(auth::credential::bootstrap_token);
        return kinds;
    }

    // The gateway's own token, or the Unix socket.
    connect_verdict with_secret(const principal& who, std::string method) const {
        if (!p_.device) {
            const bool ui = std::ranges::find(ui_ids, p_.client_id) != ui_ids.end();
            if (ui && !context_.local_socket) {
                return refuse("INVALID_REQUEST",
                              "control ui requires device identity (use HTTPS or localhost secure context)",
                              {{"code", "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"}});
            }
            const auto scopes = keeps_scopes(p_, context_) ? wanted_ : scope_set();
            return let_in(who.narrowed(scopes), std::move(method));
        }
        auto known = devices_.find(p_.device->id, p_.role);
        // What was revoked stays so until somebody says otherwise.
        const bool revoked = known && known->revoked_ms != 0;
        if (revoked) known.reset();
        const auto reason = reason_to_ask(known);
        connect_verdict v;
        if (reason.empty() || (is_near() && !revoked)) v = let_in(rights(who), std::move(method));
        if (!reason.empty()) v.pairing = pairing_step{claim(), v.grant ? "" : reason};
        return v;
    }

    // A page in a browser on this machine is somebody else's until a person has said otherwise.
    bool is_near() const {
        return context_.local_socket || (context_.direct_loopback && !context_.has_origin);
    }

    // Whether it names the machine that was approved, as far as that is known.
    bool is_same_machine(const auth::device_claim& approved) const {
        const auto now = claim();
        const auto& family = approved.device_family;
        return (approved.platform.empty() || auth::is_same_platform(approved.platform, now.platform)) &&
               (family.empty() || net::equals_ignoring_case(family, now.device_family));
    }

    // What it may do who comes with a device and the gateway's token.
    principal rights(const principal& who) const {
        if (p_.role != "node") return who.narrowed(wanted_);
        auth::device itself;
        itself.as = claim();
        return devices_.principal_of(itself);
    }

    // The token of the device itself.
    connect_verdict with_token(const auth::device& d) const {
        if (!d.as.scopes.covers(wanted_)) {
            return refuse_auth("AUTH_SCOPE_MISMATCH", "scope_mismatch",
                               "unauthorized: device token scope mismatch "
                               "(re-pair or approve scope upgrade)",
                               "review_auth_configuration");
        }
        const bool same = is_same_machine(d.as);
        connect_verdict v;
        if (same || is_near()) v = let_in(devices_.principal_of(d).narrowed(wanted_), "device-token");
        if (!same) v.pairing = pairing_step{claim(), v.grant ? "" : "metadata-upgrade"};
        return v;
    }

    connect_verdict let_in(principal who, std::string method) const {
        connect_grant g;
        g.who = std::move(who);
        g.role = p_.role;
        g.auth_method = std::move(method);
        g.client_id = p_.client_id;
        g.client_mode = p_.client_mode;
        g.client_version = printable(p_.client_version, 64);
        g.platform = printable(p_.platform, 64);
        g.caps = p_.caps;
        g.display_name = printable(p_.display_name, 128);
        g.device_family = printable(p_.device_family, 64);
        g.instance_id = printable(p_.instance_id, 64);
        if (p_.device) g.device_id = p_.device->id;
        if (p_.role == "node") {
            const auth::node_surface declared{p_.caps, p_.commands, p_.permissions};
            g.surface = auth::on_platform(declared, p_.platform);
        }
        connect_verdict v;
        v.grant = std::move(g);
        return v;
    }

    auth::device_claim claim() const {
        auth::device_claim c;
        c.id = p_.device->id;
        c.public_key = p_.device->public_key;
        c.role = p_.role;
        c.scopes = wanted_;
        c.client_id = p_.client_id;
        c.client_mode = p_.client_mode;
        c.platform = printable(p_.platform, 64);
        c.device_family = printable(p_.device_family, 64);
        c.display_name = printable(p_.display_name, 128);
        c.remote_ip = context_.remote_ip;
        return c;
    }

    // Empty: it is approved as it comes. `known`: its record in this role.
    std::string reason_to_ask(const std::optional<auth::device>& known) const {
        if (known && !is_same_machine(known->as)) return "metadata-upgrade";
        if (known) return known->as.scopes.covers(wanted_) ? "" : "scope-upgrade";
        const auto all = devices_.devices();
        const bool elsewhere = std::ranges::any_of(
            all, [&](const auto& d) { return d.as.id == p_.device->id; });
        return elsewhere ? "role-upgrade" : "not-paired";
    }

    connect_verdict refuse_credential(auth::refusal why) const {
        const bool nothing = p_.token.empty() && p_.password.empty() && p_.device_token.empty();
        const bool by_password = authenticator_.wants_password();
        if (why == auth::refusal::not_configured && by_password) {
            return refuse_auth("AUTH_PASSWORD_NOT_CONFIGURED", "password_not_configured",
                               "unauthorized: no password is configured on the gateway "
                               "(set gateway.auth.token)",
                               "update_auth_configuration");
        }
        if (why == auth::refusal::not_configured) {
            return refuse_auth("AUTH_TOKEN_NOT_CONFIGURED", "token_not_configured",
                               "unauthorized: no token is configured on the gateway (set gateway.auth.token)",
                               "update_auth_configuration");
        }
        if (nothing && !p_.bootstrap_token.empty()) {
            return refuse_auth("AUTH_BOOTSTRAP_TOKEN_INVALID", "bootstrap_token_invalid",
                               "unauthorized: bootstrap token invalid (pair the device instead)",
                               "update_auth_credentials");
        }
        if (!sends_token() && !p_.device) {
            return refuse("NOT_PAIRED", "device identity required", {{"code", "DEVICE_IDENTITY_REQUIRED"}});
        }
        if (nothing && by_password) {
            return refuse_auth("AUTH_PASSWORD_MISSING", "password_missing",
                               "unauthorized: gateway password missing (provide gateway auth password)",
                               "update_auth_configuration");
        }
        if (nothing) {
            return refuse_auth("AUTH_TOKEN_MISSING", "token_missing",
                               "unauthorized: gateway token missing (provide gateway auth token)",
                               "update_auth_configuration");
        }
        if (p_.device && !p_.device_token.empty()) {
            return refuse_auth("AUTH_DEVICE_TOKEN_MISMATCH", "device_token_mismatch",
                               "unauthorized: device token mismatch (rotate/reissue device token)",
                               "update_auth_credentials");
        }
        const auto known = p_.device ? devices_.find(p_.device->id, p_.role) : std::nullopt;
        const bool has_other = known && known->revoked_ms == 0;
        if (by_password) {
            return refuse_auth("AUTH_PASSWORD_MISMATCH", "password_mismatch",
                               "unauthorized: gateway password mismatch (provide gateway auth password)",
                               has_other ? "retry_with_device_token" : "update_auth_credentials");
        }
        return refuse_auth("AUTH_TOKEN_MISMATCH", "token_mismatch",
                           "unauthorized: gateway token mismatch (provide gateway auth token)",
                           has_other ? "retry_with_device_token" : "update_auth_credentials");
    }

    const connect_params& p_;
    const connect_context& context_;
    const auth::authenticator& authenticator_;
    const auth::device_registry& devices_;
    const scope_set wanted_;
};

}  // namespace

connect_verdict decide_connect(const json& params, const connect_context& context,
                               const auth::authenticator& authenticator,
                               const auth::device_registry& devices, std::string_view challenge,
                               std::int64_t now_ms) {
    const auto read = read_connect_params(params);
    if (!read) return refuse("INVALID_REQUEST", "invalid connect params: " + read.error().message);
    const auto& p = *read;
    if (!speaks_our_version(p)) {
        return refuse("INVALID_REQUEST", "protocol mismatch",
                      {{"code", "PROTOCOL_MISMATCH"},
                       {"clientMinProtocol", p.min_protocol},
                       {"clientMaxProtocol", p.max_protocol},
                       {"expectedProtocol", protocol_version},
                       {"minimumProbeProtocol", 3}},
                      1002);
    }
    if (p.role != "operator" && p.role != "node") return refuse("INVALID_REQUEST", "invalid role");
    if (p.role == "node") {
        if (p.client_mode != "node") {
            return refuse("INVALID_REQUEST",
                          "invalid connect params: at /client/mode: must be \"node\" in the role node");
        }
        if (!p.device) {
            return refuse("NOT_PAIRED", "device identity required", {{"code", "DEVICE_IDENTITY_REQUIRED"}});
        }
    }
    const decision decide(p, context, authenticator, devices);
    if (const auto wait = decide.locked_out()) return decision::refuse_locked_out(*wait);
    if (p.device) {
        if (const auto bad = auth::check_device(*p.device, p.signed_part(), challenge, now_ms)) {
            auto v = refuse("INVALID_REQUEST", std::string(bad->message),
                            {{"code", bad->code}, {"reason", bad->reason}});
            v.failed = {auth::credential::device_token};
            return v;
        }
    }
    return decide.make();
}

connect_refusal refuse_unpaired(const auth::pairing_request& request, const auth::device_registry& devices) {
    const std::string message = request.reason == "metadata-upgrade"
                                    ? "pairing required: device identity changed and must be re-approved"
                                    : "pairing required: device is not approved yet";
    json details{{"code", "PAIRING_REQUIRED"},
                 {"reason", request.reason},
                 {"requestId", request.id},
                 {"remediationHint", "Approve it on the gateway: openclaw devices approve " + request.id},
                 {"deviceId", request.as.id},
                 {"requestedRole", request.as.role},
                 {"requestedScopes", request.as.scopes.names()}};
    if (const auto known = devices.find(request.as.id, request.as.role)) {
        details["approvedRoles"] = json::array({known->as.role});
        details["approvedScopes"] = known->as.scopes.names();
    }
    auto v = refuse("NOT_PAIRED", message, std::move(details));
    v.refusal.close_reason = message + " (requestId: " + request.id + ")";
    return std::move(v.refusal);
}

connect_refusal refuse_for_now(const error& why) {
    auto v = refuse("UNAVAILABLE", public_message(why), nullptr, 1013);
    v.refusal.error["retryable"] = true;
    v.refusal.error["retryAfterMs"] = 2000;
    return std::move(v.refusal);
}

}  // namespace openclaw::ingress
