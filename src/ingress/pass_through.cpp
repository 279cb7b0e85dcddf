#include "ingress/pass_through.hpp"

#include "ingress/agent_run.hpp"
#include "ingress/http_writer.hpp"
#include "ingress/until_gone.hpp"

#include <array>

namespace openclaw::ingress {

namespace {

constexpr std::size_t max_relayed_body = 64 << 20;  // bytes of a response that is no stream

// The fields of the client's head that tell the provider how to read its body.
net::header_list own_fields(const http_call& call) {
    static constexpr std::array<std::string_view, 2> names{"anthropic-version", "anthropic-beta"};
    net::header_list out;
    for (const auto name : names) {
        if (const auto value = call.request.headers.get(name); !value.empty()) {
            out.add(std::string(name), std::string(value));
        }
    }
    return out;
}

// What a provider said in one piece.
http_answer whole_answer(const net::streaming_response& response, std::string body) {
    net::http_response out;
    out.status = response.status;
    const auto type = response.headers.get("content-type");
    out.headers.add("Content-Type", type.empty() ? "application/json" : std::string(type));
    if (const auto wait = response.headers.get("retry-after"); !wait.empty()) {
        out.headers.add("Retry-After", std::string(wait));
    }
    out.body = std::move(body);
    return out;
}

task<http_answer> relay(http_call& call, const agents::model_ref& ref, agents::relayed_api api,
                        error_shape shape) {
    const auto agents = call.gateway.d.router.agents();
    agents::relayed_request request;
    request.api = api;
    if (api == agents::relayed_api::messages) request.headers = own_fields(call);
    request.body = std::move(call.request.body);
    auto response = co_await agents::relay(*agents, call.gateway.d.client, ref, std::move(request));
    if (!response) co_return error_response(shape, response.error(), call.request_id);
    if (!agents::is_stream(response->headers)) {
        auto whole = co_await response->read_all(max_relayed_body);
        if (!whole) co_return error_response(shape, whole.error(), call.request_id);
        co_return whole_answer(*response, agents::shown_answer(*agents, ref, std::move(*whole)));
    }
    call.stream.start(response->status, event_stream_headers());
    // The client learns at once that the provider answers, however long the first word takes.
    if (!response->body->complete() && !co_await call.stream.write({})) co_return std::nullopt;
    for (bool last = false; !last;) {
        auto bytes = co_await response->body->read();
        if (!bytes) {
            const std::string name = shape == error_shape::anthropic ? "event: error\n" : "";
            const auto event = name + "data: " + error_body(shape, bytes.error(), call.request_id) +
                               "\n\n";
            co_await call.stream.write(event, true);
            break;
        }
        last = bytes->empty() || response->body->complete();
        if (!co_await call.stream.write(*bytes, last)) break;
    }
    co_return std::nullopt;
}

}  // namespace

task<http_answer> pass_through(http_call& call, agents::model_ref ref, agents::relayed_api api,
                               error_shape shape) {
    auto work = relay(call, ref, api, shape);
    auto answer = co_await until_gone(call.stream, std::move(work));
    if (!answer) co_return error_response(shape, client_gone(), call.request_id);
    co_return std::move(*answer);
}

std::optional<agents::model_ref> provider_model(const http_call& call, std::string_view name) {
    auto ref = agents::parse_model_ref(name);
    if (!ref || !call.gateway.d.router.agents()->find_model(*ref)) return std::nullopt;
    return std::move(*ref);
}

}  // namespace openclaw::ingress
