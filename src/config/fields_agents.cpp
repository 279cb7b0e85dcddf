#include "config/field.hpp"
#include "config/rules.hpp"

// models, agents, bindings
namespace openclaw::config {

namespace {

using enum field_kind;

constexpr std::string_view apis[] = {"anthropic-messages", "openai-completions",   "openai-responses",
                                     "google-generative-ai", "ollama", "echo"};
constexpr std::string_view apis_pending[] = {"openai-responses", "google-generative-ai"};
constexpr std::string_view inputs[] = {"text", "image", "audio", "video", "document"};
constexpr std::string_view peer_kinds[] = {"direct", "group"};
constexpr std::string_view priorities[] = {"low", "normal", "high"};

// A provider under a well-known name speaks that service's protocol unless `api` says otherwise.
owner add_provider(owner o, const std::string& name) {
    auto& added = root(o).providers[name];
    if (name == "anthropic") added.api = provider_api::anthropic_messages;
    if (name == "google" || name == "gemini") added.api = provider_api::google_generative_ai;
    if (name == "ollama") added.api = provider_api::ollama;
    return &added;
}

// What an agent does not say itself it has from agents.defaults, which the table reads first.
owner add_agent(owner o, const std::string&) {
    auto& agents = root(o).agents;
    auto& added = agents.list.emplace_back(agents.defaults);
    added.id.clear();
    added.is_default = false;
    return &added;
}

constexpr field model_root_fields[] = {
    {.path = "providers", .kind = map, .doc = "Model services, by a name of your choice.",
     .rule = check_id},
    {.path = "providers.*", .kind = group, .doc = "One service.", .element = add_provider},
};

constexpr field provider_fields[] = {
    {.path = "api", .kind = choice, .doc = "Protocol that the service speaks.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).api; },
     .choices = apis, .pending = apis_pending, .in_effect = true},
    {.path = "baseUrl", .kind = text, .doc = "Address of the service; empty: its usual one.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).base_url; },
     .rule = check_url, .in_effect = true},
    {.path = "apiVersion", .kind = text, .doc = "Version header of the protocol; empty: the current one.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).api_version; },
     .rule = check_header_value, .in_effect = true},
    {.path = "apiKey", .kind = field_kind::secret, .doc = "Key of the service.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).api_keys; },
     .rule = check_header_value, .in_effect = true},
    {.path = "apiKeys", .kind = secret_list, .doc = "Several keys, used in turn.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).api_keys; },
     .rule = check_header_value, .in_effect = true},
    {.path = "headers", .kind = text_map, .doc = "Further headers of each request.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).headers; },
     .rule = check_header_value, .masked = true, .in_effect = true},
    {.path = "connectTimeout", .kind = duration, .doc = "Time to connect.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).connect_timeout; },
     .min = 1, .in_effect = true},
    {.path = "firstByteTimeout", .kind = duration, .doc = "Time until the answer begins.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).first_byte_timeout; },
     .min = 1, .in_effect = true},
    {.path = "idleTimeout", .kind = duration, .doc = "Longest pause within an answer.",
     .at = [](owner o) -> slot { return &of<provider_settings>(o).idle_timeout; },
     .min = 1, .in_effect = true},
    {.path = "models", .kind = list, .doc = "Models of the service; empty: any id is passed on."},
    {.path = "models[]", .kind = text, .doc = "Id of the model, or an object with its figures.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).id; }, .min = 1, .in_effect = true,
     .element = [](owner o, const std::string&) -> owner {
         return &of<provider_settings>(o).models.emplace_back();
     }},
};

constexpr field model_fields[] = {
    {.path = "id", .kind = text, .doc = "Id that the service knows.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).id; },
     .min = 1, .required = true, .in_effect = true},
    {.path = "contextWindow", .kind = integer, .doc = "Tokens that fit in one request.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).context_window; },
     .min = 256, .max = 1e9, .in_effect = true},
    {.path = "maxTokens", .kind = integer, .doc = "Tokens of one answer.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).max_tokens; },
     .min = 1, .max = 1e9, .in_effect = true},
    {.path = "input", .kind = text_list, .doc = "What the model reads.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).input; },
     .choices = inputs, .in_effect = true},
    {.path = "cost", .kind = group, .doc = "Prices in dollars per million tokens.",
     .at = [](owner o) -> slot { return &of<model_settings>(o).cost; }, .in_effect = true},
    {.path = "cost.input", .kind = number, .doc = "Read.", .in_effect = true},
    {.path = "cost.output", .kind = number, .doc = "Written.", .in_effect = true},
    {.path = "cost.cacheRead", .kind = number, .doc = "Read from the cache.", .in_effect = true},
    {.path = "cost.cacheWrite", .kind = number, .doc = "Written to the cache.", .in_effect = true},
};

constexpr field agent_root_fields[] = {
    {.path = "defaults", .kind = group, .doc = "What holds for each agent that does not say otherwise.",
     .element = [](owner o, const std::string&) -> owner { return &root(o).agents.defaults; }},
    {.path = "list", .kind = list, .doc = "The agents; empty: one, called main."},
    {.path = "list[]", .kind = group, .doc = "One agent.", .element = add_agent},
};

constexpr field agent_identity_fields[] = {
    {.path = "id", .kind = text, .doc = "Name of the agent.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).id; },
     .min = 1, .rule = check_id, .required = true, .in_effect = true},
    {.path = "default", .kind = boolean, .doc = "Takes what no binding and no session gives to another.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).is_default; }, .in_effect = true},
};

constexpr field agent_fields[] = {
    {.path = "model", .kind = text,
     .doc = "Model as `provider/model`, or an object with fallbacks. Unset: the first that a key in the "
            "environment or a local server offers, last `local/echo`.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).model.primary; },
     .rule = check_model_ref, .in_effect = true},
    {.path = "model.primary", .kind = text, .doc = "Model as `provider/model`.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).model.primary; },
     .rule = check_model_ref, .in_effect = true},
    {.path = "model.fallbacks", .kind = text_list, .doc = "Models that take over, in order.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).model.fallbacks; },
     .rule = check_model_ref, .in_effect = true},
    {.path = "systemPrompt", .kind = text, .doc = "What the model is told first.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).system_prompt; }, .in_effect = true},
    {.path = "workspace", .kind = text,
     .doc = "Folder of the files that describe it (AGENTS.md and others), from `/` or `~/` on; no turn reads "
            "them yet. Unset: `workspace-<id>` in the state folder, `workspace` for `main`.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).workspace; }, .in_effect = true},
    {.path = "tools", .kind = group, .doc = "Tool policy of the agent, as under `tools`.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).tools; }},
    {.path = "limits.maxSteps", .kind = integer, .doc = "Model calls in one turn.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).limits.max_steps; },
     .min = 1, .max = 10'000, .in_effect = true},
    {.path = "limits.turnTimeout", .kind = duration, .doc = "Time for one turn.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).limits.turn_timeout; },
     .min = 1, .in_effect = true},
    {.path = "limits.maxConcurrent", .kind = integer,
     .doc = "Turns of this agent at once; more wait. 0: no bound but that of all sessions.",
     .at = [](owner o) -> slot { return &of<agent_settings>(o).limits.max_concurrent; },
     .max = 1'000'000, .in_effect = true},
};

constexpr field binding_root_fields[] = {
    {.path = "bindings", .kind = list, .doc = "Which agent takes which messages; the first match wins."},
    {.path = "bindings[]", .kind = group, .doc = "One binding.",
     .element = [](owner o, const std::string&) -> owner { return &root(o).bindings.emplace_back(); }},
};

constexpr field binding_fields[] = {
    {.path = "match.channel", .kind = text, .doc = "Channel; empty: any.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.channel; }, .in_effect = true},
    {.path = "match.account", .kind = text, .doc = "Account of the channel; empty: any.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.account; }, .in_effect = true},
    {.path = "match.peer.kind", .kind = choice, .doc = "One person or a group; unset: both.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.peer_kind; },
     .choices = peer_kinds, .in_effect = true},
    {.path = "match.peer.id", .kind = text, .doc = "Id of the person or group.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.peer_id; }, .in_effect = true},
    {.path = "match.group", .kind = text, .doc = "Group that holds the chat, such as a server or team.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.group; }, .in_effect = true},
    {.path = "match.thread", .kind = text, .doc = "Thread or topic.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).match.thread; }, .in_effect = true},
    {.path = "agent", .kind = text, .doc = "Agent that takes the message.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).agent; },
     .min = 1, .rule = check_id, .required = true, .in_effect = true},
    {.path = "session", .kind = text, .doc = "Rest of the session key; empty: one session per peer.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).session; }, .max = 400, .in_effect = true},
    {.path = "priority", .kind = choice, .doc = "Place in the queue; unset: normal.",
     .at = [](owner o) -> slot { return &of<binding_settings>(o).priority; },
     .choices = priorities, .in_effect = true},
};

constexpr section sections[] = {
    {"models", model_root_fields},
    {"models.providers.*", provider_fields},
    {"models.providers.*.models[]", model_fields},
    {"agents", agent_root_fields},
    {"agents.defaults", agent_fields},
    {"agents.list[]", agent_identity_fields},
    {"agents.list[]", agent_fields},
    {"", binding_root_fields},
    {"bindings[]", binding_fields},
};

}  // namespace

std::span<const section> agent_sections() {
    return sections;
}

}  // namespace openclaw::config
