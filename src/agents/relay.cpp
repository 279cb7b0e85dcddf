#include "openclaw/agents/relay.hpp"

#include "agents/api_error.hpp"
#include "agents/dialect.hpp"

namespace openclaw::agents {

namespace {

bool speaks_chat_completions(const config::provider_settings& settings) {
    return settings.api == config::provider_api::openai_completions ||
           settings.api == config::provider_api::ollama;
}

error cannot_relay(const model_ref& ref) {
    return error(errc::invalid_input,
                 "requests cannot be passed through to " + ref.provider_name +
                     ": it does not speak Chat Completions",
                 "Use the model \"openclaw\", which runs an agent on any provider.");
}

}  // namespace

task<result<net::streaming_response>> relay_chat_completion(const directory& agents,
                                                            net::http_client& client,
                                                            const model_ref& ref, json body) {
    const auto* settings = agents.provider_settings(ref.provider_name);
    if (settings == nullptr || !agents.find_model(ref)) {
        co_return error(errc::not_found, "there is no model " + ref.str(),
                        "openclaw models list names those that there are.");
    }
    if (!speaks_chat_completions(*settings)) co_return cannot_relay(ref);
    const auto address = net::parse_url(base_address(*settings) + "/chat/completions");
    if (!address) {
        error e(errc::rejected, address.error().to_string());
        co_return explain(std::move(e), ref.provider_name, *settings);
    }
    body["model"] = ref.model;
    net::http_request request;
    request.method = "POST";
    request.target = address->target;
    request.headers.add("content-type", "application/json");
    const auto& keys = settings->api_keys;
    add_bearer(request.headers, *settings, keys.empty() ? nullptr : &keys.front());
    request.body = dump(body);
    auto response = co_await client.send(*address, std::move(request), limits_of(*settings));
    if (!response) co_return explain(response.error(), ref.provider_name, *settings);
    co_return response;
}

}  // namespace openclaw::agents
