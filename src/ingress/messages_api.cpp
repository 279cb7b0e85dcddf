// POST /v1/messages: Anthropic's libraries speak to agents, and through the gateway to Anthropic.

#include "ingress/agent_run.hpp"
#include "ingress/messages_answer.hpp"
#include "ingress/messages_request.hpp"
#include "ingress/model_api.hpp"
#include "ingress/pass_through.hpp"

#include "openclaw/agents/estimate.hpp"

namespace openclaw::ingress {

namespace {

constexpr auto shape = error_shape::anthropic;

constexpr std::string_view no_model =
    "model: use `openclaw`, `openclaw/<agentId>` or a configured `provider/model`";

bool is_model(const http_call& call, const std::string& name) {
    const auto agent = agent_of_model(name);
    if (!agent) return provider_model(call, name).has_value();
    return agent->empty() || call.gateway.d.router.agents()->find(*agent) != nullptr;
}

// A body for a provider's model, which is otherwise passed on without being read.
result<client_request> read_whole(std::string_view text) {
    const auto document = json_document::parse(text);
    if (!document) return document.error();
    return parse_count_request(document->root());
}

std::int64_t tokens_of(client_request request) {
    auto sum = agents::estimate_tokens(std::string_view(request.system));
    if (request.tools) sum += agents::estimate_tokens(request.tools->offered);
    for (const auto& row : request.context) sum += agents::estimate_tokens(row);
    auto last = user_message(std::move(request.text));
    for (auto& result : request.results) last.parts.emplace_back(std::move(result));
    for (auto& image : request.images) last.parts.emplace_back(std::move(image));
    return sum + agents::estimate_tokens(last);
}

task<http_answer> answer_message(http_call& call, client_request request, std::string agent) {
    run_options options;
    options.agent = std::move(agent);
    options.family = "anthropic";
    messages_answer writer(request.model);
    co_return co_await run_agent(call, std::move(request), std::move(options), writer);
}

}  // namespace

task<http_answer> route_messages(http_call call) {
    constexpr model_api api{agents::relayed_api::messages, shape, parse_messages_request, answer_message, 404,
                            no_model};
    co_return co_await serve_model_api(call, api);
}

// No model is asked, so the figure is the one by which the gateway fits a conversation into a window.
task<http_answer> route_count_tokens(http_call call) {
    if (auto refusal = refuse_coded_body(call, shape)) co_return refusal;
    auto body = read_body(call.request.body, parse_count_request);
    if (!body) co_return error_response(shape, body.error(), call.request_id);
    if (!agent_of_model(body->model)) body->request = read_whole(call.request.body);
    if (!body->request) co_return error_response(shape, body->request.error(), call.request_id);
    if (!is_model(call, body->model)) {
        co_return error_response(shape, 404, "model_not_found", no_model, call.request_id);
    }
    co_return json_response(200, dump({{"input_tokens", tokens_of(std::move(*body->request))}}));
}

}  // namespace openclaw::ingress
