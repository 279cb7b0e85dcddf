#include "openclaw/agents/relay.hpp"

#include "agents/api_error.hpp"
#include "agents/dialect.hpp"

namespace openclaw::agents {

namespace {

using config::provider_api;

std::string_view name_of(relayed_api api) {
    switch (api) {
    case relayed_api::chat_completions: return "Chat Completions";
    case relayed_api::responses: return "Responses";
    case relayed_api::embeddings: return "Embeddings";
    case relayed_api::messages: break;
    }
    return "Messages";
}

// Servers of OpenAI's kind differ in what they have besides Chat Completions; one that lacks an
// API says so itself.
bool speaks(provider_api provider, relayed_api api) {
    if (api == relayed_api::messages) return provider == provider_api::anthropic_messages;
    if (provider == provider_api::openai_responses) return api != relayed_api::chat_completions;
    return provider == provider_api::openai_completions || provider == provider_api::ollama;
}

error cannot_relay(const model_ref& ref, relayed_api api) {
    return error(errc::invalid_input,
                 "requests cannot be passed through to " + ref.provider_name +
                     ": it does not speak " + std::string(name_of(api)),
                 "Use the model \"openclaw\", which runs an agent on any provider.");
}

std::string endpoint_of(const config::provider_settings& settings, relayed_api api) {
    switch (api) {
    case relayed_api::chat_completions: return base_address(settings) + "/chat/completions";
    case relayed_api::responses: return base_address(settings) + "/responses";
    case relayed_api::embeddings: return base_address(settings) + "/embeddings";
    case relayed_api::messages: break;
    }
    return make_anthropic_dialect(settings)->endpoint();
}

void add_headers(net::header_list& headers, const config::provider_settings& settings,
                 const relayed_request& request) {
    const auto* key = settings.api_keys.empty() ? nullptr : &settings.api_keys.front();
    if (request.api == relayed_api::messages) {
        make_anthropic_dialect(settings)->add_headers(headers, key);
    } else {
        add_bearer(headers, settings, key);
    }
    // The client wrote its body for the version that it names.
    for (const auto& [name, value] : request.headers) headers.set(name, value);
}

}  // namespace

task<result<net::streaming_response>> relay(const directory& agents, net::http_client& client,
                                            const model_ref& ref, relayed_request request) {
    const auto* settings = agents.provider_settings(ref.provider_name);
    if (settings == nullptr || !agents.find_model(ref)) {
        co_return error(errc::not_found, "there is no model " + ref.str(),
                        "openclaw models list names those that there are.");
    }
    if (!speaks(settings->api, request.api)) co_return cannot_relay(ref, request.api);
    const auto address = net::parse_url(endpoint_of(*settings, request.api));
    if (!address) {
        error e(errc::rejected, address.error().to_string());
        co_return explain(std::move(e), ref.provider_name, *settings);
    }
    request.body["model"] = ref.model;
    net::http_request sent;
    sent.method = "POST";
    sent.target = address->target;
    sent.headers.add("content-type", "application/json");
    add_headers(sent.headers, *settings, request);
    sent.body = dump(request.body);
    auto response = co_await client.send(*address, std::move(sent), limits_of(*settings));
    if (!response) co_return explain(response.error(), ref.provider_name, *settings);
    co_return response;
}

}  // namespace openclaw::agents
