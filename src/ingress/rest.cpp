#include "ingress/rest.hpp"

#include "ingress/errors.hpp"
#include "ingress/operation_call.hpp"

namespace openclaw::ingress {

namespace {

// Answers show who said what to whom: no cache keeps them.
net::http_response private_json(int status, const json& body) {
    auto r = json_response(status, dump(body));
    r.headers.add("Cache-Control", "no-store");
    return r;
}

// A change needs the tag of what it changes: RFC 9110 §13.1.1 with one, RFC 6585 §3 without.
net::http_response tag_refusal(const http_call& call) {
    if (!call.request.headers.has("If-Match")) {
        return error_response(428, "precondition_required",
                              "If-Match is missing. Read it first, and send the ETag of the answer.",
                              call.request_id);
    }
    return error_response(412, "precondition_failed",
                          "It was changed since it was read. Read it again, and send its new ETag.",
                          call.request_id);
}

}  // namespace

task<http_answer> route_rest(http_call call) {
    const auto match = match_rest(call.request.method, call.request.path());
    const auto& row = *match.found;  // admission found it by the same words
    const auto& m = *find_method(row.operation);
    auto params = rest_params(match, call.request, call.gateway.d.random);
    // Who may not call learns nothing else, not even what is wrong with the params.
    if (auto missing = m.missing_for(call.who, params ? *params : json())) {
        co_return missing_scope_response(*missing, call.request_id);
    }
    if (auto problem = body_form_problem(call.request)) {
        co_return error_response(415, "unsupported_media_type", *problem, call.request_id);
    }
    if (!params) co_return error_response(params.error(), call.request_id);
    json refusal;
    auto outcome = co_await call_operation(call, m, std::move(*params), refusal);
    if (!outcome && !row.tag.empty() && outcome.error().code == errc::conflict) {
        co_return tag_refusal(call);
    }
    if (!outcome) {
        const auto* details = find(refusal, "details");
        const json none;
        co_return error_response(outcome.error(), call.request_id, details ? *details : none);
    }
    const auto* thing = row.needed.empty() ? &*outcome : find(*outcome, row.needed);
    if (thing == nullptr || thing->is_null()) {
        co_return error_response(404, "not_found", "There is no such " + std::string(row.needed) + ".",
                                 call.request_id);
    }
    auto answer = private_json(row.status, *outcome);
    if (!row.tag.empty()) {
        answer.headers.add("ETag", "\"" + string_or(*outcome, std::string(row.tag).c_str()) + "\"");
    }
    co_return answer;
}

// The request goes on as that other one, so that it takes and refuses the same.
task<http_answer> route_session_history(http_call call) {
    std::string target = "/api/sessions/" + std::string(call.rest) + "/messages";
    if (const auto query = call.request.query(); !query.empty()) target += "?" + std::string(query);
    call.request.target = std::move(target);
    auto answer = co_await route_rest(call);
    if (!answer || answer->status != 200) co_return answer;
    auto body = parse_json(answer->body);
    if (body) (*body)["items"] = (*body)["messages"];
    if (body) answer->body = dump(*body);
    co_return answer;
}

task<http_answer> route_openapi(http_call call) {
    const auto now = call.gateway.in_effect.get();
    co_return private_json(200, openapi_document(call.gateway.d.identity.version,
                                                 now->settings.gateway.monitoring.metrics.endpoint));
}

}  // namespace openclaw::ingress
