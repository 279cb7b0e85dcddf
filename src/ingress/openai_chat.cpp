// POST /v1/chat/completions and GET /v1/models: OpenAI's libraries speak to agents, and through the
// gateway to providers.

#include "ingress/agent_run.hpp"
#include "ingress/chat_answer.hpp"
#include "ingress/openai_request.hpp"
#include "ingress/pass_through.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

json model_json(const std::string& id) {
    return {{"id", id},
            {"object", "model"},
            {"created", 0},
            {"owned_by", "openclaw"},
            {"permission", json::array()}};
}

}  // namespace

task<http_answer> route_chat_completions(http_call call) {
    if (auto refusal = refuse_coded_body(call, error_shape::common)) co_return refusal;
    auto body = read_body(call.request.body, parse_openai_request);
    if (!body) co_return error_response(body.error(), call.request_id);
    if (auto agent = agent_of_model(body->model)) {
        if (!body->request) co_return error_response(body->request.error(), call.request_id);
        run_options options;
        options.agent = std::move(*agent);
        chat_answer writer(body->model, body->request->include_usage);
        co_return co_await run_agent(call, std::move(*body->request), std::move(options), writer);
    }
    if (auto ref = provider_model(call, body->model)) {
        co_return co_await pass_through(call, std::move(*ref), agents::relayed_api::chat_completions,
                                        error_shape::common);
    }
    co_return error_response(400, "model_not_found",
                             "Invalid `model`. Use `openclaw`, `openclaw/<agentId>` or a configured "
                             "`provider/model`.",
                             call.request_id);
}

task<http_answer> route_models(http_call call) {
    const auto agents = call.gateway.d.router.agents();
    std::vector<std::string> ids{"openclaw", "openclaw/default"};
    for (const auto& a : agents->all()) ids.push_back("openclaw/" + a.id);
    for (const auto& ref : agents->models()) ids.push_back(ref.str());
    if (!call.rest.empty()) {
        const auto wanted = percent_decode(call.rest);
        const bool known = wanted && std::find(ids.begin(), ids.end(), *wanted) != ids.end();
        if (!known) co_return error_response(400, "invalid_model", "Invalid model id.", call.request_id);
        co_return json_response(200, dump(model_json(*wanted)));
    }
    json list = json::array();
    for (const auto& id : ids) list.push_back(model_json(id));
    co_return json_response(200, dump({{"object", "list"}, {"data", std::move(list)}}));
}

}  // namespace openclaw::ingress
