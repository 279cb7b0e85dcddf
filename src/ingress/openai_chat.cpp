// POST /v1/chat/completions and GET /v1/models: OpenAI's libraries speak to agents, and through the
// gateway to providers.

#include "ingress/agent_run.hpp"
#include "ingress/chat_answer.hpp"
#include "ingress/model_api.hpp"
#include "ingress/openai_request.hpp"

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

// As Anthropic's API has it; the epoch stands for a day that is not known.
json anthropic_model_json(const std::string& id) {
    return {{"type", "model"},
            {"id", id},
            {"display_name", id},
            {"created_at", "1970-01-01T00:00:00Z"}};
}

json model_list(const std::vector<std::string>& ids, bool anthropic) {
    json data = json::array();
    for (const auto& id : ids) data.push_back(anthropic ? anthropic_model_json(id) : model_json(id));
    if (!anthropic) return {{"object", "list"}, {"data", std::move(data)}};
    return {{"data", std::move(data)},
            {"has_more", false},
            {"first_id", ids.front()},
            {"last_id", ids.back()}};
}

net::http_response no_such_model(bool anthropic, const std::string& request_id) {
    if (!anthropic) return error_response(400, "invalid_model", "Invalid model id.", request_id);
    return error_response(error_shape::anthropic, 404, "model_not_found", "There is no such model.",
                          request_id);
}

task<http_answer> complete(http_call& call, client_request request, std::string agent) {
    run_options options;
    options.agent = std::move(agent);
    chat_answer writer(request.model, request.include_usage);
    co_return co_await run_agent(call, std::move(request), std::move(options), writer);
}

}  // namespace

task<http_answer> route_chat_completions(http_call call) {
    constexpr model_api api{agents::relayed_api::chat_completions, error_shape::common, parse_openai_request,
                            complete, 400, invalid_model};
    co_return co_await serve_model_api(call, api);
}

task<http_answer> route_models(http_call call) {
    const auto agents = call.gateway.d.router.agents();
    std::vector<std::string> ids{"openclaw", "openclaw/default"};
    for (const auto& a : agents->all()) ids.push_back("openclaw/" + a.id);
    for (const auto& ref : agents->models()) ids.push_back(ref.str());
    const bool anthropic = shape_of(call.request) == error_shape::anthropic;
    if (call.rest.empty()) co_return json_response(200, dump(model_list(ids, anthropic)));
    const auto wanted = percent_decode(call.rest);
    const bool known = wanted && std::find(ids.begin(), ids.end(), *wanted) != ids.end();
    if (!known) co_return no_such_model(anthropic, call.request_id);
    co_return json_response(200, dump(anthropic ? anthropic_model_json(*wanted) : model_json(*wanted)));
}

}  // namespace openclaw::ingress
