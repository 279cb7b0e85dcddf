#include "config/field.hpp"
#include "config/rules.hpp"

// channels, tools, mcp, hooks, cron, store
namespace openclaw::config {

namespace {

using enum field_kind;
using enum reload_class;

constexpr std::string_view channel_names[] = {"telegram", "slack", "discord",  "whatsapp", "irc", "matrix",
                                              "mqtt",     "email", "webhook", "web", "terminal", "test"};
constexpr std::string_view direct_policies[] = {"pairing", "allowlist", "open", "disabled"};
constexpr std::string_view unknown_outcomes[] = {"record", "retry"};
constexpr std::string_view approval_modes[] = {"never", "on-miss", "always"};
constexpr std::string_view verify_modes[] = {"token", "standard-webhooks", "github"};

constexpr field channel_fields[] = {
    {.path = "channels", .kind = map, .doc = "Chat services, each with its own block.",
     .at = [](owner o) -> slot { return &root(o).channels; }, .choices = channel_names, .reload = module},
    {.path = "channels.*", .kind = open_object, .doc = "One channel; further keys are the channel's own.",
     .reload = module},
    {.path = "channels.*.enabled", .kind = boolean, .doc = "Whether the channel connects.", .reload = module},
    {.path = "channels.*.token", .kind = field_kind::secret, .doc = "Token of the bot.", .reload = module},
    {.path = "channels.*.dmPolicy", .kind = choice, .doc = "Who may write directly.",
     .choices = direct_policies, .reload = module},
    {.path = "channels.*.unknownOutcome", .kind = choice,
     .doc = "What is done with a reply when nobody knows whether it arrived, and the service does not know "
            "it by its id: `retry`, or `record` that, so that it is not said twice. Unset: `retry`.",
     .choices = unknown_outcomes, .reload = module},
    {.path = "channels.*.allowFrom", .kind = open_list, .doc = "Ids of senders that are allowed.",
     .reload = module},
    {.path = "channels.*.accounts", .kind = open_object, .doc = "Several accounts, by name.",
     .reload = module},
};

constexpr field tool_root_fields[] = {
    {.path = "tools", .kind = group, .doc = "What agents may use.",
     .at = [](owner o) -> slot { return &root(o).tools; }},
};

constexpr field tool_fields[] = {
    {.path = "profile", .kind = text, .doc = "Named set of tools."},
    {.path = "allow", .kind = text_list, .doc = "Tools and groups that are allowed beyond the profile."},
    {.path = "deny", .kind = text_list, .doc = "Tools and groups that are not."},
    {.path = "exec", .kind = open_object, .doc = "Commands: timeout, output, environment, sandbox."},
    {.path = "file", .kind = open_object, .doc = "Files in the workspace."},
    {.path = "browser", .kind = open_object, .doc = "The browser."},
    {.path = "web", .kind = open_object, .doc = "Fetching pages."},
    {.path = "approvals", .kind = open_object, .doc = "When a person is asked."},
    {.path = "approvals.mode", .kind = choice, .doc = "Which calls need a yes.", .choices = approval_modes},
    {.path = "approvals.timeout", .kind = duration, .doc = "After this the answer is no.", .min = 1},
};

constexpr field mcp_fields[] = {
    {.path = "mcp", .kind = group, .doc = "Model Context Protocol.",
     .at = [](owner o) -> slot { return &root(o).mcp; }, .reload = module},
    {.path = "mcp.servers", .kind = map, .doc = "Servers whose tools agents may use, by name.",
     .rule = check_id, .reload = module},
    {.path = "mcp.servers.*.command", .kind = text, .doc = "Program to start.", .min = 1, .reload = module},
    {.path = "mcp.servers.*.args", .kind = text_list, .doc = "Its arguments.", .reload = module},
    {.path = "mcp.servers.*.env", .kind = text_map, .doc = "Its environment.", .reload = module,
     .masked = true},
    {.path = "mcp.servers.*.url", .kind = text, .doc = "Address of a server that runs elsewhere.",
     .rule = check_url, .reload = module},
    {.path = "mcp.servers.*.headers", .kind = text_map, .doc = "Headers of each request.",
     .rule = check_header_value, .reload = module, .masked = true},
};

constexpr field hook_fields[] = {
    {.path = "hooks", .kind = map, .doc = "Inbound webhooks, by name.", .rule = check_id},
    {.path = "hooks.*", .kind = group, .doc = "One webhook, at POST /hooks/<path>.",
     .element = [](owner o, const std::string& name) -> owner { return &root(o).hooks[name]; }},
    {.path = "hooks.*.path", .kind = text, .doc = "Path below /hooks/; empty: the name.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).path; },
     .rule = check_hook_path, .in_effect = true},
    {.path = "hooks.*.secret", .kind = field_kind::secret,
     .doc = "Token or signing key that the sender must have.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).key; },
     .min = 1, .required = true, .in_effect = true},
    {.path = "hooks.*.verify", .kind = choice, .doc = "How the sender shows that it has the secret.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).verify; },
     .choices = verify_modes, .in_effect = true},
    {.path = "hooks.*.template", .kind = text,
     .doc = "The message, with `{{a.b}}` from the JSON body; empty: the body.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).text; }, .in_effect = true},
    {.path = "hooks.*.agent", .kind = text, .doc = "Agent that takes it; empty: the default one.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).agent; },
     .rule = check_id, .in_effect = true},
    {.path = "hooks.*.session", .kind = text, .doc = "Rest of the session key; empty: one per hook.",
     .at = [](owner o) -> slot { return &of<hook_settings>(o).session; }, .max = 400, .in_effect = true},
};

constexpr field store_fields[] = {
    {.path = "cron", .kind = group, .doc = "Agent runs by the clock.",
     .at = [](owner o) -> slot { return &root(o).cron; }},
    {.path = "cron.jobs", .kind = open_list,
     .doc = "The jobs, each as docs/cron.md has it.", .in_effect = true},
    {.path = "store.sqlite", .kind = open_object, .doc = "The embedded store in the state folder (default).",
     .reload = restart},
    {.path = "store.postgres.url", .kind = text, .doc = "PostgreSQL that several gateways share.",
     .at = [](owner o) -> slot { return &root(o).store.postgres_url; }, .reload = restart, .masked = true},
};

constexpr section sections[] = {
    {"", channel_fields},
    {"", tool_root_fields},
    {"tools", tool_fields},
    {"agents.defaults.tools", tool_fields},
    {"agents.list[].tools", tool_fields},
    {"", mcp_fields},
    {"", hook_fields},
    {"", store_fields},
};

}  // namespace

std::span<const section> extension_sections() {
    return sections;
}

}  // namespace openclaw::config
