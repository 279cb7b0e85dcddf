#include "config/field.hpp"
#include "config/rules.hpp"

// gateway.auth
namespace openclaw::config {

namespace {

using enum field_kind;

constexpr std::string_view auth_types[] = {"token", "oauth", "disabled", "password"};
constexpr std::string_view auth_types_pending[] = {"oauth"};
constexpr std::string_view policies[] = {"allow", "deny"};
constexpr std::string_view roles[] = {"admin", "user", "viewer", "node"};
constexpr std::string_view oauth_providers[] = {"google", "github", "microsoft", "oidc"};

constexpr field auth_fields[] = {
    {.path = "type", .kind = choice, .doc = "How callers prove who they are.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.type; },
     .choices = auth_types, .pending = auth_types_pending, .reload = reload_class::restart,
     .in_effect = true},
    {.path = "token", .kind = field_kind::secret,
     .doc = "One fixed admin token, or an object that describes issued tokens.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.token; }, .min = 1, .in_effect = true},
    {.path = "token.length", .kind = integer, .doc = "Random bytes of an issued token.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.issued.length; }, .min = 16, .max = 256},
    {.path = "token.expiry", .kind = duration, .doc = "Life of an issued token.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.issued.expiry; }, .min = 1},
    {.path = "token.refreshable", .kind = boolean, .doc = "Whether an issued token can be renewed.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.issued.refreshable; }},
    {.path = "token.refreshExpiry", .kind = duration, .doc = "How long it can be renewed.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.issued.refresh_expiry; }, .min = 1},
    {.path = "tokenExpiry", .kind = duration, .doc = "Life of a login session.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.token_expiry; }, .min = 1},
    {.path = "cors.enabled", .kind = boolean, .doc = "Answer cross-origin requests of browsers.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.cors.enabled; }},
    {.path = "cors.origins", .kind = text_list,
     .doc = "Origins that may call; `*` never combines with credentials.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.cors.origins; }, .rule = check_origin},
    {.path = "acl.defaultPolicy", .kind = choice, .doc = "What holds for a path that no rule names.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.acl.default_policy; }, .choices = policies},
    {.path = "acl.rules", .kind = list,
     .doc = "The first rule that matches wins. WebSocket methods are guarded as /rpc/<method>."},
    {.path = "acl.rules[]", .kind = group, .doc = "One rule.",
     .element = [](owner o, const std::string&) -> owner {
         return &root(o).gateway.auth.acl.rules.emplace_back();
     }},
};

constexpr field rule_fields[] = {
    {.path = "path", .kind = text, .doc = "Path, with `*` at its end for everything below.",
     .at = [](owner o) -> slot { return &of<acl_rule>(o).path; },
     .min = 1, .rule = check_absolute_path, .required = true},
    {.path = "allow", .kind = text_list, .doc = "Roles that may.",
     .at = [](owner o) -> slot { return &of<acl_rule>(o).allow; }, .choices = roles, .required = true},
    {.path = "methods", .kind = text_list, .doc = "HTTP methods that the rule is for; empty: all.",
     .at = [](owner o) -> slot { return &of<acl_rule>(o).methods; }, .rule = check_http_method},
};

constexpr field oauth_fields[] = {
    {.path = "provider", .kind = choice, .doc = "Who signs people in; `oidc` needs an issuer.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.provider; },
     .choices = oauth_providers},
    {.path = "issuer", .kind = text, .doc = "OpenID Connect issuer.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.issuer; }, .rule = check_url},
    {.path = "clientId", .kind = text, .doc = "Client id that the provider gave.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.client_id; }},
    {.path = "clientSecret", .kind = field_kind::secret, .doc = "Client secret that the provider gave.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.client_secret; }},
    {.path = "redirectUri", .kind = text, .doc = "Address of /auth/callback as browsers see it.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.redirect_uri; }, .rule = check_url},
    {.path = "scopes", .kind = text_list, .doc = "OAuth scopes that are asked for.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.scopes; }},
    {.path = "allow", .kind = list, .doc = "Who may sign in; empty: nobody."},
    {.path = "allow[]", .kind = group, .doc = "One person, domain or subject.",
     .element = [](owner o, const std::string&) -> owner {
         return &root(o).gateway.auth.oauth.allow.emplace_back();
     }},
    {.path = "allow[].who", .kind = text, .doc = "E-mail address, @domain or subject.",
     .at = [](owner o) -> slot { return &of<oauth_allow>(o).who; }, .min = 1, .required = true},
    {.path = "allow[].role", .kind = choice, .doc = "Role that they get.",
     .at = [](owner o) -> slot { return &of<oauth_allow>(o).role; }, .choices = roles, .required = true},
    {.path = "jwt.secret", .kind = field_kind::secret, .doc = "Key that login sessions are signed with.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.jwt.key; }, .min = 1},
    {.path = "jwt.expiry", .kind = duration, .doc = "Life of a signed session.",
     .at = [](owner o) -> slot { return &root(o).gateway.auth.oauth.jwt.expiry; }, .min = 1},
};

constexpr section sections[] = {
    {"gateway.auth", auth_fields},
    {"gateway.auth.acl.rules[]", rule_fields},
    {"gateway.auth.oauth", oauth_fields},
};

}  // namespace

std::span<const section> auth_sections() {
    return sections;
}

}  // namespace openclaw::config
