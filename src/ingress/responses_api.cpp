// POST /v1/responses and POST /v1/embeddings: the rest of what OpenAI's libraries ask of a gateway.

#include "ingress/agent_run.hpp"
#include "ingress/pass_through.hpp"
#include "ingress/responses_answer.hpp"
#include "ingress/responses_request.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::string_view invalid_model =
    "Invalid `model`. Use `openclaw`, `openclaw/<agentId>` or a configured `provider/model`.";

// Where a response was given; nothing when there is no such response. A run's rows are named after it,
// and a response stands in its transcript.
task<result<std::optional<response_origin>>> find_response(http_call& call, std::string id) {
    auto origin = origin_of_response(id);
    if (origin) {
        const auto first_row = origin->run_id + ":1";
        auto row = co_await call.gateway.d.store.find_message(origin->session, first_row);
        if (!row) co_return row.error();
        if (!*row) origin.reset();
    }
    co_return origin;
}

net::http_response no_such_response(const http_call& call, const std::string& id) {
    return error_response(400, "previous_response_not_found",
                          "Previous response with id '" + printable(id, 128) + "' not found.",
                          call.request_id);
}

task<http_answer> respond(http_call& call, client_request request, std::string agent) {
    run_options options;
    options.agent = std::move(agent);
    if (!request.previous_response.empty()) {
        auto previous = co_await find_response(call, request.previous_response);
        if (!previous) co_return error_response(previous.error(), call.request_id);
        if (!*previous) co_return no_such_response(call, request.previous_response);
        options.session = std::move((*previous)->session);
        options.after_run = std::move((*previous)->run_id);
    }
    responses_answer writer(request);
    co_return co_await run_agent(call, std::move(request), std::move(options), writer);
}

}  // namespace

task<http_answer> route_responses(http_call call) {
    if (auto refusal = refuse_coded_body(call, error_shape::common)) co_return refusal;
    auto body = read_body(call.request.body, parse_responses_request);
    if (!body) co_return error_response(body.error(), call.request_id);
    if (auto agent = agent_of_model(body->model)) {
        if (!body->request) co_return error_response(body->request.error(), call.request_id);
        co_return co_await respond(call, std::move(*body->request), std::move(*agent));
    }
    if (auto ref = provider_model(call, body->model)) {
        co_return co_await pass_through(call, std::move(*ref), agents::relayed_api::responses,
                                        error_shape::common);
    }
    co_return error_response(400, "model_not_found", invalid_model, call.request_id);
}

// An agent has no vectors: only a provider's model gives them.
task<http_answer> route_embeddings(http_call call) {
    if (auto refusal = refuse_coded_body(call, error_shape::common)) co_return refusal;
    const auto body = read_body(call.request.body, [](json_view) -> result<client_request> {
        return client_request{};
    });
    if (!body) co_return error_response(body.error(), call.request_id);
    if (auto ref = provider_model(call, body->model)) {
        co_return co_await pass_through(call, std::move(*ref), agents::relayed_api::embeddings,
                                        error_shape::common);
    }
    if (agent_of_model(body->model)) {
        co_return error_response(500, "no_embedding_provider",
                                 "No embedding provider is configured for agents. "
                                 "Send a configured `provider/model`.",
                                 call.request_id);
    }
    co_return error_response(400, "model_not_found",
                             "Invalid `model`. Use a configured `provider/model`.", call.request_id);
}

}  // namespace openclaw::ingress
