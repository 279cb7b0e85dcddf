// POST /v1/responses and POST /v1/embeddings: the rest of what OpenAI's libraries ask of a gateway.

#include "ingress/agent_run.hpp"
#include "ingress/model_api.hpp"
#include "ingress/responses_answer.hpp"
#include "ingress/responses_request.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

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

// An agent has no vectors: only a provider's model gives them.
task<http_answer> refuse_embeddings(http_call& call, client_request, std::string) {
    co_return error_response(500, "no_embedding_provider",
                             "No embedding provider is configured for agents. "
                             "Send a configured `provider/model`.",
                             call.request_id);
}

}  // namespace

task<http_answer> route_responses(http_call call) {
    constexpr model_api api{agents::relayed_api::responses, error_shape::common, parse_responses_request,
                            respond, 400, invalid_model};
    co_return co_await serve_model_api(call, api);
}

task<http_answer> route_embeddings(http_call call) {
    constexpr auto unread = [](json_view) -> result<client_request> { return client_request{}; };
    constexpr model_api api{agents::relayed_api::embeddings, error_shape::common, unread,
                            refuse_embeddings, 400,
                            "Invalid `model`. Use a configured `provider/model`."};
    co_return co_await serve_model_api(call, api);
}

}  // namespace openclaw::ingress
