// POST /v1/messages: Anthropic's libraries speak to agents, and through the gateway to Anthropic.

#include "ingress/agent_run.hpp"
#include "ingress/messages_answer.hpp"
#include "ingress/messages_request.hpp"
#include "ingress/pass_through.hpp"

namespace openclaw::ingress {

task<http_answer> route_messages(http_call call) {
    constexpr auto shape = error_shape::anthropic;
    if (auto refusal = refuse_coded_body(call, shape)) co_return refusal;
    auto body = read_body(call.request.body, parse_messages_request);
    if (!body) co_return error_response(shape, body.error(), call.request_id);
    if (auto agent = agent_of_model(body->model)) {
        if (!body->request) co_return error_response(shape, body->request.error(), call.request_id);
        run_options options;
        options.agent = std::move(*agent);
        options.family = "anthropic";
        messages_answer writer(body->model);
        co_return co_await run_agent(call, std::move(*body->request), std::move(options), writer);
    }
    if (body->model.empty()) {
        co_return error_response(shape, bad_request("model: Field required"), call.request_id);
    }
    if (auto ref = provider_model(call, body->model)) {
        co_return co_await pass_through(call, std::move(*ref), agents::relayed_api::messages, shape);
    }
    co_return error_response(shape, 404, "model_not_found",
                             "model: use `openclaw`, `openclaw/<agentId>` or a configured "
                             "`provider/model`",
                             call.request_id);
}

}  // namespace openclaw::ingress
