#include "ingress/model_api.hpp"

#include "ingress/agent_run.hpp"
#include "ingress/pass_through.hpp"

namespace openclaw::ingress {

task<http_answer> serve_model_api(http_call& call, const model_api& api) {
    if (auto refusal = refuse_coded_body(call, api.shape)) co_return refusal;
    auto body = read_body(call.request.body, api.parse);
    if (!body) co_return error_response(api.shape, body.error(), call.request_id);
    if (auto agent = agent_of_model(body->model)) {
        auto& request = body->request;
        if (!request) co_return error_response(api.shape, request.error(), call.request_id);
        co_return co_await api.answer(call, std::move(*request), std::move(*agent));
    }
    // Anthropic tells a model that is missing from one that is not known.
    if (body->model.empty() && api.shape == error_shape::anthropic) {
        co_return error_response(api.shape, bad_request("model: Field required"), call.request_id);
    }
    if (auto ref = provider_model(call, body->model)) {
        co_return co_await pass_through(call, std::move(*ref), api.relayed, api.shape);
    }
    co_return error_response(api.shape, api.unknown_model_status, "model_not_found", api.unknown_model,
                             call.request_id);
}

}  // namespace openclaw::ingress
